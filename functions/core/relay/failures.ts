// What an upstream refuses or breaks, in the gateway's words. Of its own words only a code from a closed list and the name of a field are
// looked at; its message goes nowhere, neither to the caller nor to the log.
import { type ErrorCode, type ErrorDetails, GatewayError } from '../platform/errors.ts';
import { NotSent } from './post.ts';

type Fields = Record<string, unknown>;
type Row = { code: ErrorCode; message: string; retryAfterSeconds?: number; shouldRetry?: boolean };

const TOO_LONG: Row = {
  code: 'context_length_exceeded',
  message: "This request is longer than the model's maximum context length. Please reduce the length of the messages.",
};
const FILTERED: Row = { code: 'content_filter', message: 'The target of this model refused the content of the request.' };
const NO_QUOTA: Row = {
  code: 'upstream_quota_exceeded',
  message: 'The account of the gateway at the target of this model has no quota left.',
  shouldRetry: false,
};
const NO_SIGN_IN: Row = {
  code: 'upstream_auth_error',
  message: "The target of this model refused the gateway's own key. This is not about your key.",
};
const INVALID: Row = { code: 'invalid_value', message: 'The target of this model refused the request as not valid.' };
const BUSY: Row = { code: 'service_unavailable', message: 'The target of this model is not available right now.', retryAfterSeconds: 5 };
const UNKNOWN_MODEL: Row = {
  code: 'model_not_found',
  message: 'The target of this model does not know it, or does not answer at this path.',
};

/** OpenAI's codes, and those that compatible servers took over. */
const BY_CODE: Record<string, Row> = {
  context_length_exceeded: TOO_LONG,
  string_above_max_length: TOO_LONG,
  content_filter: FILTERED,
  content_policy_violation: FILTERED,
  insufficient_quota: NO_QUOTA,
  billing_hard_limit_reached: NO_QUOTA,
  unsupported_parameter: {
    code: 'unsupported_parameter',
    message: 'The target of this model does not support a parameter of the request.',
  },
  unsupported_value: { code: 'unsupported_value', message: 'The target of this model does not support a value of the request.' },
  model_not_found: UNKNOWN_MODEL,
  DeploymentNotFound: UNKNOWN_MODEL,
};

const BY_STATUS: Record<number, Row> = {
  401: NO_SIGN_IN,
  402: NO_QUOTA,
  403: NO_SIGN_IN,
  404: UNKNOWN_MODEL,
  408: { code: 'model_timeout', message: 'The target of this model took too long to answer.' },
  413: { code: 'request_too_large', message: 'The body is too large for the target of this model.' },
  429: {
    code: 'rate_limit_exceeded',
    message: 'The target of this model is throttling the gateway. Please try again shortly.',
    retryAfterSeconds: 5,
  },
  500: { code: 'upstream_error', message: 'The target of this model had an internal error.' },
};

const FIELD = /^[a-z][\w.[\]-]{0,79}$/i;
const MOST_RETRY_SECONDS = 3_600;

/** `body`: what could be read of the answer, `undefined` where it is no JSON. */
export function refusalOf(status: number, retryAfter: string | undefined, body: unknown): GatewayError {
  const error = fieldsOf(fieldsOf(body)?.error) ?? {};
  const row = rowOf(status, String(error.code ?? error.type ?? ''));
  return failed(row, {
    retryAfterSeconds: secondsOf(retryAfter) ?? row.retryAfterSeconds,
    param: typeof error.param === 'string' && FIELD.test(error.param) && row.code !== 'model_not_found' ? error.param : undefined,
    cause: `status ${status}`,
  });
}

/** An error inside an answer that had begun well. */
export function brokenAnswer(cause: string): GatewayError {
  return new GatewayError('model_stream_error', 'The target of this model failed while it answered.', { mayBeBilled: true, cause });
}

export function brokenOff(): GatewayError {
  return new GatewayError('model_stream_error', 'The answer broke off: the target ended it before it was complete.', { mayBeBilled: true });
}

export function tooLong(): GatewayError {
  return new GatewayError('upstream_timeout', 'The target of this model took too long, and the call was ended.', { mayBeBilled: true });
}

/** What the network threw. Only a connection that never was has certainly not been billed. */
export function unreachable(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const cause = thrown instanceof NotSent ? thrown.cause : thrown;
  const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? (cause as Error | undefined)?.name;
  const mayBeBilled = !(thrown instanceof NotSent);
  return new GatewayError('upstream_unreachable', 'The connection to the target of this model failed.', { cause: why, mayBeBilled });
}

function rowOf(status: number, code: string): Row {
  if (status < 500 && Object.hasOwn(BY_CODE, code)) return BY_CODE[code]!;
  const known = BY_STATUS[status];
  if (known) return known;
  if (status >= 500) return BUSY;
  return status >= 400
    ? INVALID
    : { code: 'upstream_error', message: 'The target of this model answered with something the gateway does not know.' };
}

function failed({ code, message, shouldRetry }: Row, details: ErrorDetails): GatewayError {
  return new GatewayError(code, message, { ...details, shouldRetry });
}

/** Seconds. A date is not worth reading: the table has a number of its own. */
function secondsOf(text: string | undefined): number | undefined {
  const seconds = Number(text ?? Number.NaN);
  if (!(seconds > 0)) return undefined;
  return Math.min(Math.ceil(seconds), MOST_RETRY_SECONDS);
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
