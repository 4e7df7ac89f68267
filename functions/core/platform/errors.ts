// Every refusal the gateway can utter: one class, one closed table. Thrown where found, rendered once at the edge.

/** `openaiCode`: what OpenAI's clients know it by, where that is less exact than our own code. */
type Row = { status: number; openai: string; openaiCode?: string; anthropic: string; title: string };

/** code → HTTP status and the words each dialect uses for it. The code itself is OpenAI's `code` and the problem type's last part. */
const ERRORS = {
  invalid_json: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error', title: 'The body is not JSON' },
  invalid_value: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error', title: 'A value is not valid' },
  missing_required_parameter: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'A parameter is missing',
  },
  unsupported_parameter: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'A parameter is not supported',
  },
  unsupported_value: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'A value is not supported',
  },
  feature_disabled: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'A feature is switched off',
  },
  context_length_exceeded: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'The prompt is too long',
  },
  content_filter: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error', title: 'The content was refused' },
  model_requires_inference_profile: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'The model needs an inference profile',
  },
  invalid_image_url: {
    status: 400,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'A file could not be fetched',
  },
  invalid_image: { status: 400, openai: 'invalid_request_error', anthropic: 'invalid_request_error', title: 'An image is not valid' },
  invalid_api_key: { status: 401, openai: 'authentication_error', anthropic: 'authentication_error', title: 'The key is not valid' },
  key_revoked: { status: 401, openai: 'authentication_error', anthropic: 'authentication_error', title: 'The key is revoked' },
  key_expired: { status: 401, openai: 'authentication_error', anthropic: 'authentication_error', title: 'The key has expired' },
  permission_denied: { status: 403, openai: 'permission_error', anthropic: 'permission_error', title: 'Not allowed' },
  model_not_allowed: { status: 403, openai: 'permission_error', anthropic: 'permission_error', title: 'The model is not allowed' },
  model_access_denied: {
    status: 403,
    openai: 'permission_error',
    anthropic: 'permission_error',
    title: 'Amazon Bedrock denied access to the model',
  },
  model_not_priced: { status: 403, openai: 'permission_error', anthropic: 'permission_error', title: 'The model has no price' },
  not_found: { status: 404, openai: 'invalid_request_error', anthropic: 'not_found_error', title: 'Not found' },
  model_not_found: { status: 404, openai: 'invalid_request_error', anthropic: 'not_found_error', title: 'No such model' },
  method_not_allowed: { status: 405, openai: 'invalid_request_error', anthropic: 'invalid_request_error', title: 'Method not allowed' },
  conflict: { status: 409, openai: 'invalid_request_error', anthropic: 'invalid_request_error', title: 'Conflict' },
  precondition_failed: {
    status: 412,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'It has been changed since',
  },
  request_too_large: { status: 413, openai: 'invalid_request_error', anthropic: 'request_too_large', title: 'The body is too large' },
  unsupported_media_type: {
    status: 415,
    openai: 'invalid_request_error',
    anthropic: 'invalid_request_error',
    title: 'Unsupported media type',
  },
  insufficient_quota: { status: 429, openai: 'insufficient_quota', anthropic: 'rate_limit_error', title: 'The budget is used up' },
  rate_limit_exceeded: { status: 429, openai: 'rate_limit_error', anthropic: 'rate_limit_error', title: 'Too many requests' },
  too_many_parallel_calls: { status: 429, openai: 'rate_limit_error', anthropic: 'rate_limit_error', title: 'Too many parallel calls' },
  upstream_quota_exceeded: {
    status: 429,
    openai: 'insufficient_quota',
    openaiCode: 'quota_exceeded',
    anthropic: 'rate_limit_error',
    title: 'A quota of the AWS account is used up',
  },
  internal_error: { status: 500, openai: 'server_error', anthropic: 'api_error', title: 'Internal error' },
  gateway_bug: { status: 500, openai: 'server_error', anthropic: 'api_error', title: 'The gateway asked wrongly' },
  upstream_error: {
    status: 500,
    openai: 'server_error',
    openaiCode: 'internal_error',
    anthropic: 'api_error',
    title: 'Amazon Bedrock failed',
  },
  model_error: { status: 502, openai: 'server_error', anthropic: 'api_error', title: 'The model failed' },
  model_stream_error: { status: 502, openai: 'server_error', anthropic: 'api_error', title: 'The model broke off' },
  upstream_auth_error: { status: 502, openai: 'server_error', anthropic: 'api_error', title: 'The gateway could not sign in upstream' },
  upstream_unreachable: { status: 502, openai: 'server_error', anthropic: 'api_error', title: 'The upstream could not be reached' },
  ledger_unavailable: { status: 503, openai: 'server_error', anthropic: 'overloaded_error', title: 'The ledger cannot be reached' },
  model_not_ready: { status: 503, openai: 'server_error', anthropic: 'overloaded_error', title: 'The model is not ready' },
  service_unavailable: { status: 503, openai: 'server_error', anthropic: 'overloaded_error', title: 'Service unavailable' },
  model_timeout: { status: 504, openai: 'server_error', anthropic: 'api_error', title: 'The model took too long' },
  upstream_timeout: { status: 504, openai: 'server_error', anthropic: 'api_error', title: 'The upstream took too long' },
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERRORS;

export type ErrorDetails = {
  /** The path of the field at fault, as the caller wrote it. */
  param?: string;
  /** When it is worth trying again, in seconds. Rendered as `retry-after`. */
  retryAfterSeconds?: number;
  /** Tells the client library whether to retry by itself: `x-should-retry`. */
  shouldRetry?: boolean;
  /** Further headers of the answer. */
  headers?: Record<string, string>;
  /** The call failed after it had been sent, so its input, and what was heard of the answer, may cost money. */
  mayBeBilled?: boolean;
  /** What the upstream has against the request, in its own words: in another form it may take it. */
  objection?: string;
  /** The rule that a translation of ours broke: worth a line in the log, whatever the status. */
  brokenRule?: string;
  /** What failed underneath. Goes to the log, never to the caller. */
  cause?: unknown;
};

/** An error whose message was written by us for the caller. Anything else that is thrown is a bug and is shown as `internal_error`. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.details = details;
  }

  get row(): Row {
    return ERRORS[this.code];
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Turns whatever was thrown into an error that may be shown: unknown ones become `internal_error` and keep their cause for the log. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal_error', 'Something went wrong in the gateway. The request id identifies the log entry.', {
    cause: thrown,
  });
}
