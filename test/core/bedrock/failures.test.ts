// Everything Bedrock, its models and the network can throw, and what becomes of it: status, type and code as OpenAI's clients know them,
// and when they should try again. And how often a throttled call is tried.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createBedrockClient } from '../../../functions/core/bedrock/client.ts';
import { createConverse } from '../../../functions/core/bedrock/converse.ts';
import { toFailure } from '../../../functions/core/bedrock/failures.ts';
import { toOpenAiError } from '../../../functions/core/dialects/openai/errors.ts';

import { createLog } from '../../../functions/core/platform/log.ts';
import { logFailure } from '../../../functions/proxy/failure.ts';

type Shown = { error: { type: string; code: string; param: string | null; message: string } };

function thrown(name: string, message = '', more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

function shown(error: unknown): [number, string, string] {
  const failure = toFailure(error);
  const { type, code } = (toOpenAiError(failure) as Shown).error;
  return [failure.status, type, code];
}

describe('an exception', () => {
  test.each<[name: string, more: object, status: number, type: string, code: string, retryAfter?: number, shouldRetry?: boolean]>([
    ['ValidationException', {}, 400, 'invalid_request_error', 'invalid_value'],
    ['AccessDeniedException', {}, 403, 'permission_error', 'model_access_denied'],
    ['ResourceNotFoundException', {}, 404, 'invalid_request_error', 'model_not_found'],
    ['ThrottlingException', {}, 429, 'rate_limit_error', 'rate_limit_exceeded', 5],
    ['ThrottlingException', { $response: { headers: { 'retry-after': '7' } } }, 429, 'rate_limit_error', 'rate_limit_exceeded', 7],
    ['ThrottlingException', { message: 'Too many tokens per day' }, 429, 'rate_limit_error', 'rate_limit_exceeded', 5, false],
    ['ServiceQuotaExceededException', {}, 429, 'insufficient_quota', 'quota_exceeded', undefined, false],
    ['ModelNotReadyException', {}, 503, 'server_error', 'model_not_ready', 30],
    ['ModelTimeoutException', {}, 504, 'server_error', 'model_timeout'],
    ['ModelErrorException', { originalStatusCode: 500 }, 502, 'server_error', 'model_error'],
    ['ModelErrorException', {}, 502, 'server_error', 'model_error'],
    ['ModelErrorException', { originalStatusCode: 422 }, 400, 'invalid_request_error', 'invalid_value'],
    ['ModelErrorException', { originalStatusCode: 429 }, 429, 'rate_limit_error', 'rate_limit_exceeded', 5],
    ['ModelStreamErrorException', {}, 502, 'server_error', 'model_stream_error'],
    ['InternalServerException', {}, 500, 'server_error', 'internal_error'],
    ['ServiceUnavailableException', {}, 503, 'server_error', 'service_unavailable', 5],
    ['ExpiredTokenException', {}, 502, 'server_error', 'upstream_auth_error'],
    ['UnrecognizedClientException', {}, 502, 'server_error', 'upstream_auth_error'],
    ['InvalidSignatureException', {}, 502, 'server_error', 'upstream_auth_error'],
    ['MissingAuthenticationTokenException', {}, 502, 'server_error', 'upstream_auth_error'],
    ['IncompleteSignature', {}, 502, 'server_error', 'upstream_auth_error'],
    ['CredentialsProviderError', {}, 502, 'server_error', 'upstream_auth_error'],
    ['Error', { message: 'Token is expired' }, 502, 'server_error', 'upstream_auth_error'],
    ['UnknownOperationException', {}, 500, 'server_error', 'gateway_bug'],
    ['Error', { code: 'ECONNREFUSED' }, 502, 'server_error', 'upstream_unreachable'],
    ['Error', { code: 'ENOTFOUND' }, 502, 'server_error', 'upstream_unreachable'],
    ['Error', { message: 'Protocol error' }, 502, 'server_error', 'upstream_unreachable'],
    ['Error', { code: 'ERR_HTTP2_STREAM_CANCEL' }, 502, 'server_error', 'upstream_unreachable'],
    ['TimeoutError', {}, 504, 'server_error', 'upstream_timeout'],
    ['SyntaxError', { $metadata: { httpStatusCode: 502 } }, 500, 'server_error', 'internal_error'],
    ['SyntaxError', { $metadata: { httpStatusCode: 503 } }, 503, 'server_error', 'service_unavailable', 5],
    ['Unknown', { $metadata: { httpStatusCode: 429 } }, 429, 'rate_limit_error', 'rate_limit_exceeded', 5],
    ['InternalFailure', {}, 500, 'server_error', 'internal_error'],
  ])('%s %j is %d %s %s', (name, more, status, type, code, retryAfter, shouldRetry) => {
    const error = thrown(name, '', more);
    expect(shown(error)).toEqual([status, type, code]);
    const { details, message } = toFailure(error);
    expect([details.retryAfterSeconds, details.shouldRetry]).toEqual([retryAfter, shouldRetry]);
    expect(message).not.toBe(undefined);
  });

  test('tells the id that AWS knows the call by', () => {
    const failure = toFailure(thrown('InternalServerException', '', { $metadata: { requestId: 'abc-1' } }));
    expect(failure.details.headers).toEqual({ 'x-amzn-requestid': 'abc-1' });
  });

  test('that throttles many calls asks them to come back at different moments', () => {
    const waits = Array.from({ length: 50 }, (_, index) => {
      return toFailure(thrown('ThrottlingException', '', { $metadata: { requestId: `request ${index}` } })).details.retryAfterSeconds!;
    });
    expect([...new Set(waits)].sort()).toEqual([5, 6, 7, 8]);
  });

  test('about a form nobody has filled in says so', () => {
    const failure = toFailure(thrown('ResourceNotFoundException', 'Model use case details have not been submitted for this account.'));
    expect([failure.status, failure.code, failure.message]).toEqual([404, 'model_not_found', expect.stringContaining('administrator')]);
  });
});

describe('a validation error', () => {
  test.each<[message: string, status: number, code: string, param: string | null]>([
    ['Input is too long for requested model.', 400, 'context_length_exceeded', 'messages'],
    ['prompt is too long: 210000 tokens > 200000 maximum', 400, 'context_length_exceeded', 'messages'],
    ['input length and `max_tokens` exceed context limit: 1 + 2 > 2', 400, 'context_length_exceeded', 'messages'],
    ['Too many input tokens. Max input tokens: 8192', 400, 'context_length_exceeded', 'messages'],
    ['The number of input tokens exceeds the limit', 400, 'context_length_exceeded', 'messages'],
    ["This model's maximum context length is 131072 tokens.", 400, 'context_length_exceeded', 'messages'],
    ["The request exceeds the model's maximum context window", 400, 'context_length_exceeded', 'messages'],
    ['expected maxLength: 50000, actual: 60000', 400, 'context_length_exceeded', 'messages'],
    ['The input token count (5) exceeds the limit', 400, 'context_length_exceeded', 'messages'],
    ['tools.0.name: expected maxLength: 64, actual: 80', 400, 'invalid_value', null],
    ['The provided model identifier is invalid.', 404, 'model_not_found', null],
    ['The model foo is not supported', 404, 'model_not_found', null],
    ['Invocation of model ID x with on-demand throughput isn’t supported.', 400, 'model_requires_inference_profile', 'model'],
    ['messages.0.content.0: Could not process image', 400, 'invalid_image', 'messages'],
    ['messages.0: image exceeds 5 MB maximum', 400, 'invalid_image', 'messages'],
    ['image dimensions exceed 8000 pixels', 400, 'invalid_image', 'messages'],
    ['The request was blocked by our content filters.', 400, 'content_filter', null],
    ['The guardrail identifier provided does not exist.', 400, 'invalid_value', null],
    ['Anything else', 400, 'invalid_value', null],
  ])('%s', (message, status, code, param) => {
    for (const prefix of ['', 'The model returned the following errors: ']) {
      const failure = toFailure(thrown('ValidationException', prefix + message));
      const { error } = toOpenAiError(failure) as Shown;
      expect([failure.status, error.code, error.param]).toEqual([status, code, param]);
      expect(error.message).not.toContain('The model returned');
    }
  });

  test('about too long an input names the field of the caller’s that holds it', () => {
    const failure = toFailure(thrown('ValidationException', 'expected maxLength: 50000, actual: 60000'), 'input');
    expect([failure.code, failure.details.param]).toEqual(['context_length_exceeded', 'input']);
  });

  test('about too long an input keeps the words that clients look for', () => {
    const message = 'prompt is too long: 210000 tokens > 200000 maximum';
    expect(toFailure(thrown('ValidationException', message)).message).toBe(message);
  });

  test.each([
    'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
    'messages.2: `tool_use` ids were found without `tool_result` blocks immediately after',
    'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
    'messages: text content blocks must be non-empty',
    'The text field in the ContentBlock object at messages.0.content.0 is blank.',
    '`temperature` and `top_p` cannot both be specified for this model.',
    'The document file name contains invalid characters',
  ])('that a translation should have prevented is our bug: %s', (message) => {
    const { details, code } = toFailure(thrown('ValidationException', message));
    expect([code, details.brokenRule]).toEqual(['invalid_value', expect.any(String)]);
    const lines: string[] = [];
    logFailure(
      toFailure(thrown('ValidationException', `${message} "secret"`)),
      createLog((line) => lines.push(line)),
      'req_1',
    );
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ requestId: 'req_1', brokenRule: details.brokenRule });
    expect(lines[0]).not.toContain('secret');
    expect(toFailure(thrown('ValidationException', 'temperature must be at most 1')).details.brokenRule).toBe(undefined);
  });
});

describe('a call that is refused for a while', () => {
  test.each([
    ['ThrottlingException', 429, 2],
    ['ServiceUnavailableException', 503, 2],
    ['ValidationException', 400, 1],
    ['AccessDeniedException', 403, 1],
    ['ServiceQuotaExceededException', 400, 1],
  ])('%s: is tried as often as one layer of retries allows, streamed or not', async (name, status, attempts) => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name }).end('{"message":"no"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createBedrockClient({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    const converse = createConverse(client);
    for (const ask of [converse.stream, converse.whole]) {
      asked = 0;
      await expect(ask('a.model', { messages: [] }).next()).rejects.toMatchObject({ details: { cause: { name } } });
      expect(asked).toBe(attempts);
    }
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
