// Whatever Bedrock or the network throws, as a caller sees it: status, type, code, when to come back, and whose words.
import { describe, expect, test } from 'vitest';
import { toFailure } from '../../../functions/core/bedrock/failures.ts';

/** An error as the SDK throws it. */
function thrown(name: string, message = 'upstream words', rest: object = {}): Error {
  return Object.assign(new Error(message), { name, ...rest });
}

const seen = (error: unknown, param?: string) => {
  const { status, code, row, message, details } = toFailure(error, param);
  return { status, code, type: row.openai, message, param: details.param, after: details.retryAfterSeconds, again: details.shouldRetry };
};

describe('an exception of Bedrock', () => {
  test.each<[name: string, status: number, type: string, code: string, more?: object]>([
    ['AccessDeniedException', 403, 'permission_error', 'model_access_denied'],
    ['ResourceNotFoundException', 404, 'invalid_request_error', 'model_not_found'],
    ['ThrottlingException', 429, 'rate_limit_error', 'rate_limit_exceeded', { after: 5 }],
    ['ServiceQuotaExceededException', 429, 'insufficient_quota', 'upstream_quota_exceeded', { again: false }],
    ['ModelNotReadyException', 503, 'server_error', 'model_not_ready', { after: 30 }],
    ['ModelTimeoutException', 504, 'server_error', 'model_timeout'],
    ['ModelErrorException', 502, 'server_error', 'model_error'],
    ['ModelStreamErrorException', 502, 'server_error', 'model_stream_error'],
    ['InternalServerException', 500, 'server_error', 'upstream_error'],
    ['ServiceUnavailableException', 503, 'server_error', 'service_unavailable', { after: 5 }],
    ['ExpiredTokenException', 502, 'server_error', 'upstream_auth_error'],
    ['UnrecognizedClientException', 502, 'server_error', 'upstream_auth_error'],
    ['InvalidSignatureException', 502, 'server_error', 'upstream_auth_error'],
    ['MissingAuthenticationTokenException', 502, 'server_error', 'upstream_auth_error'],
    ['CredentialsProviderError', 502, 'server_error', 'upstream_auth_error'],
    ['SomethingNobodyKnows', 500, 'server_error', 'upstream_error'],
  ])('%s is a %i', (name, status, type, code, more = {}) => {
    const failure = seen(thrown(name));
    expect(failure).toMatchObject({ status, type, code, ...more });
    expect(failure.message).not.toContain('upstream words');
  });

  test('that tells when to come back is told on', () => {
    const error = thrown('ThrottlingException', 'Too many tokens', { $response: { headers: { 'retry-after': '7' } } });
    expect(seen(error)).toMatchObject({ after: 7, again: undefined });
  });

  test('of a limit of the day is not worth another try', () => {
    expect(seen(thrown('ThrottlingException', 'Too many tokens per day, please wait before trying again.')).again).toBe(false);
  });

  test.each([
    [429, 429, 'rate_limit_exceeded'],
    [400, 400, 'invalid_value'],
    [500, 502, 'model_error'],
    [undefined, 502, 'model_error'],
  ])("of a model that answered %s itself is a %i, for the model's 4xx are the caller's", (originalStatusCode, status, code) => {
    expect(seen(thrown('ModelErrorException', 'x', { originalStatusCode }))).toMatchObject({ status, code });
  });
});

describe('a refusal by validation', () => {
  test.each([
    'Input is too long for requested model.',
    'prompt is too long: 212000 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
    'Too many input tokens. Max input tokens: 8192',
    'The number of input tokens exceeds the limit',
    "This model's maximum context length is 128000 tokens",
    'The request exceeds the model context window',
    "Your input exceeds the model's maximum context length",
    'The input token count (9000) exceeds the maximum',
  ])('%s: the context is exceeded, in the words that make agents compact', (message) => {
    expect(seen(thrown('ValidationException', `The model returned the following errors: ${message}`))).toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'messages',
      message,
    });
  });

  test('of a text too long to embed names the field it was in', () => {
    const error = thrown('ValidationException', '400 Bad Request: expected maxLength: 50000, actual: 60000');
    expect(seen(error, 'input')).toMatchObject({ code: 'context_length_exceeded', param: 'input' });
  });

  test.each([
    ['The provided model identifier is invalid.', 404, 'model_not_found'],
    ['Model a.b is not supported in this Region.', 404, 'model_not_found'],
    ['image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes', 400, 'invalid_image'],
    ['Could not process image', 400, 'invalid_image'],
    ['At least one of the image dimensions exceed max allowed size: 8000 pixels', 400, 'invalid_image'],
    ['The prompt was blocked by our content filter.', 400, 'content_filter'],
    ['messages.3: something else', 400, 'invalid_value'],
  ])('%s is a %i %s', (message, status, code) => {
    expect(seen(thrown('ValidationException', message))).toMatchObject({ status, code });
  });

  test('of a model that is only called through a profile says what to write', () => {
    const failure = seen(thrown('ValidationException', 'Invocation of model ID x with on-demand throughput isn’t supported.'));
    expect(failure).toMatchObject({ status: 400, code: 'model_requires_inference_profile', param: 'model' });
    expect(failure.message).toContain('"us."');
  });
});

describe('trouble on the way', () => {
  test.each<[what: string, error: Error, status: number, code: string, mayBeBilled: boolean]>([
    ['nobody listens', thrown('Error', 'connect ECONNREFUSED', { code: 'ECONNREFUSED' }), 502, 'upstream_unreachable', false],
    ['no such host', thrown('Error', 'getaddrinfo ENOTFOUND x'), 502, 'upstream_unreachable', false],
    ['cut off', thrown('Error', 'read ECONNRESET', { code: 'ECONNRESET' }), 502, 'upstream_unreachable', true],
    ['half a frame', thrown('Error', 'Truncated event message received.'), 502, 'upstream_unreachable', true],
    ['too slow', thrown('TimeoutError', 'Stream timed out because of no activity'), 504, 'upstream_timeout', true],
    ['never connected', thrown('TimeoutError', 'Socket did not establish a connection within 5000 ms'), 504, 'upstream_timeout', false],
  ])('%s', (_what, error, status, code, mayBeBilled) => {
    expect(seen(error)).toMatchObject({ status, code });
    expect(toFailure(error).details.mayBeBilled ?? false).toBe(mayBeBilled);
  });

  test.each([
    [429, 429, 'rate_limit_exceeded'],
    [503, 503, 'service_unavailable'],
    [502, 500, 'upstream_error'],
  ])('a page of some proxy with status %i is a %i, and nothing of the page is shown', (httpStatusCode, status, code) => {
    const failure = seen(thrown('SyntaxError', "Unexpected token '<', <html>", { $metadata: { httpStatusCode } }));
    expect(failure).toMatchObject({ status, code });
    expect(failure.message).not.toContain('html');
  });
});
