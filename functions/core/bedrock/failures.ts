// What Bedrock throws, in the gateway's words. Messages of Bedrock's own validation are passed on, because clients act on their wording.
import { type ErrorCode, GatewayError } from '../platform/errors.ts';

type Thrown = Error & {
  originalStatusCode?: number;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
  code?: string;
};

type Failure = { code: ErrorCode; message?: string; retryAfterSeconds?: number; shouldRetry?: boolean; objection?: string };

const FAILURES: Record<string, Failure> = {
  AccessDeniedException: {
    code: 'model_access_denied',
    message: 'Amazon Bedrock denied access to this model. An administrator of the AWS account can grant it.',
  },
  ResourceNotFoundException: { code: 'model_not_found', message: 'Amazon Bedrock does not know this model, or it has been retired.' },
  ThrottlingException: {
    code: 'rate_limit_exceeded',
    message: 'Amazon Bedrock is throttling this model. Please try again shortly.',
    retryAfterSeconds: 5,
  },
  ServiceQuotaExceededException: {
    code: 'upstream_quota_exceeded',
    message: 'A quota of the AWS account for this model is used up.',
    shouldRetry: false,
  },
  ModelNotReadyException: {
    code: 'model_not_ready',
    message: 'The model is still being loaded. Please try again in half a minute.',
    retryAfterSeconds: 30,
  },
  ModelTimeoutException: { code: 'model_timeout', message: 'The model took too long to answer.' },
  ModelErrorException: { code: 'model_error', message: 'The model failed while it answered.' },
  ModelStreamErrorException: { code: 'model_stream_error', message: 'The model failed while it answered.' },
  InternalServerException: { code: 'upstream_error', message: 'Amazon Bedrock had an internal error.' },
  UnknownOperationException: { code: 'gateway_bug', message: 'The gateway asked Amazon Bedrock for something it does not know.' },
  ServiceUnavailableException: { code: 'service_unavailable', message: 'Amazon Bedrock is not available right now.', retryAfterSeconds: 5 },
};

const NO_USE_CASE =
  'The AWS account has not told what it uses this model for. An administrator does so on the model access page of Amazon Bedrock.';

/** The credentials of the gateway itself failed. A 401 here would make users change the wrong key. */
const CREDENTIALS =
  /^(ExpiredToken|UnrecognizedClient|InvalidSignature|MissingAuthenticationToken|IncompleteSignature|CredentialsProvider)/;
const UNREACHABLE =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ERR_HTTP2|socket hang up|Protocol error|Truncated event message|aborted/i;
const UNCONNECTED = /did not establish a connection/;
const UNSENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/;

const CONTEXT_EXCEEDED = new RegExp(
  [
    'input is too long for requested model',
    'prompt is too long: \\d+ tokens > \\d+ maximum',
    'input length and .?max_tokens.? exceed context limit',
    'too many input tokens',
    'number of input tokens exceeds',
    'maximum context length',
    "exceeds? the (model'?s )?(maximum )?context (length|window)",
    'input token count .* exceeds',
    // Titan says it of the whole prompt; the fields that Converse itself measures are far shorter.
    'expected maxLength: \\d{4,}',
  ].join('|'),
  'i',
);
const IMAGE = /image exceeds|could not process image|image dimensions/i;
const BLOCKED = /blocked by (our )?content|blocked by .*guardrail|guardrail.*(blocked|intervened)/i;
/** What a translation must never bring about. */
const OUR_BUGS = [
  /toolConfig field must be defined/i,
  /tool_use. ids were found without/i,
  /Expected .?thinking/i,
  /text content blocks must/i,
  /text field .* blank/i,
  /cannot both be specified/i,
  /document .*name/i,
];
const USE_CASE = /use case details/i;
const MODEL_UNKNOWN = /model identifier is invalid|model .* not (found|supported)/i;
const NEEDS_PROFILE = /on-demand throughput isn.t supported/i;

/** Any error of the SDK or the network as a `GatewayError`, its cause kept for the log. `input`: the caller's field that holds what is asked. */
export function toFailure(thrown: unknown, input = 'messages'): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const error = thrown as Thrown;
  const name = error?.name ?? '';
  const text = `${name} ${error?.code ?? ''} ${error?.message ?? ''}`;
  if (name === 'ValidationException') return validationFailure(error, input);
  if (name === 'ModelErrorException') return modelFailure(error);
  if (USE_CASE.test(text)) return failure({ code: 'model_not_found', message: NO_USE_CASE }, error);
  const known = FAILURES[name];
  if (known) return failure(known, error);
  if (CREDENTIALS.test(name) || CREDENTIALS.test(error?.code ?? '') || /token is expired/i.test(text)) {
    return failure(
      { code: 'upstream_auth_error', message: "The gateway's own AWS credentials were refused. This is not about your key." },
      error,
    );
  }
  if (UNREACHABLE.test(text)) {
    const mayBeBilled = !UNSENT.test(text);
    return new GatewayError('upstream_unreachable', 'The connection to Amazon Bedrock failed.', { cause: error, mayBeBilled });
  }
  // After the unreachable ones: the SDK names a reset connection so as well.
  if (name === 'TimeoutError') {
    const mayBeBilled = !UNCONNECTED.test(text);
    return new GatewayError('upstream_timeout', 'Amazon Bedrock did not answer in time.', { cause: error, mayBeBilled });
  }
  const status = error?.$metadata?.httpStatusCode;
  if (status === 429) return failure(FAILURES.ThrottlingException!, error);
  if (status === 503) return failure(FAILURES.ServiceUnavailableException!, error);
  if (status !== undefined && status >= 500) return failure(FAILURES.InternalServerException!, error);
  return new GatewayError('upstream_error', 'Amazon Bedrock answered with an error the gateway does not know.', { cause: error });
}

function validationFailure(error: Thrown, input: string): GatewayError {
  const message = error.message.replace(/^The model returned the following errors: /, '');
  const details = { cause: error, headers: headersOf(error) };
  if (CONTEXT_EXCEEDED.test(message)) return new GatewayError('context_length_exceeded', message, { param: input, ...details });
  if (NEEDS_PROFILE.test(message)) {
    const hint = `${message} Use the id of an inference profile: the same id with a prefix such as "us.", "eu." or "global.".`;
    return new GatewayError('model_requires_inference_profile', hint, { param: 'model', ...details });
  }
  if (IMAGE.test(message)) return new GatewayError('invalid_image', message, { param: input, ...details });
  if (BLOCKED.test(message)) return new GatewayError('content_filter', message, details);
  // Whatever is said about a request may be about a feature: "this model … is not supported" is not always about the model's name.
  if (MODEL_UNKNOWN.test(message)) return failure({ ...FAILURES.ResourceNotFoundException!, objection: message }, error);
  return new GatewayError('invalid_value', message, {
    objection: message,
    brokenRule: OUR_BUGS.find((rule) => rule.test(message))?.source,
    ...details,
  });
}

/** The model's own server failed; with a status of its own where it refused. */
function modelFailure(error: Thrown): GatewayError {
  const status = error.originalStatusCode ?? 500;
  if (status === 429) return failure(FAILURES.ThrottlingException!, error);
  if (status >= 400 && status < 500) return failure({ code: 'invalid_value', message: 'The model refused the request.' }, error);
  return failure(FAILURES.ModelErrorException!, error);
}

function failure({ code, message = '', retryAfterSeconds, shouldRetry, objection }: Failure, error: Thrown): GatewayError {
  const told = Number(error.$response?.headers?.['retry-after']);
  return new GatewayError(code, message, {
    retryAfterSeconds: Number.isFinite(told) && told > 0 ? Math.ceil(told) : retryAfterSeconds && retryAfterSeconds + spreadOf(error),
    shouldRetry: /tokens per day/i.test(error.message) ? false : shouldRetry,
    objection,
    headers: headersOf(error),
    cause: error,
  });
}

/** What AWS's support asks for. */
function headersOf({ $metadata }: Thrown): Record<string, string> | undefined {
  return $metadata?.requestId === undefined ? undefined : { 'x-amzn-requestid': $metadata.requestId };
}

/** 0 to 3 seconds, by the upstream's request id: calls that were refused together do not all come back together. */
function spreadOf({ $metadata }: Thrown): number {
  let sum = 0;
  for (const byte of Buffer.from($metadata?.requestId ?? '')) sum += byte;
  return sum % 4;
}
