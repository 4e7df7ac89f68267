// InvokeModel over the real SDK client: what is answered, what is counted, and what a failure says about money.
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createInvoke, toCount } from '../../../functions/core/bedrock/invoke.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { startInvokeServer, type Told } from '../../support/invoke-server.ts';

let server: Awaited<ReturnType<typeof startInvokeServer>>;
afterEach(() => server.close());

async function failureOf(told: Told | ((response: ServerResponse) => undefined), patienceMs?: number): Promise<GatewayError> {
  server = await startInvokeServer((_, response) => (typeof told === 'function' ? told(response) : told));
  const thrown = await createInvoke(server.client, undefined, patienceMs)('a.model', {}).catch((error) => error);
  expect(thrown).toBeInstanceOf(GatewayError);
  return thrown;
}

describe('InvokeModel', () => {
  test('sends the body as it is to the raw model id, and reads the answer and the count in the header', async () => {
    server = await startInvokeServer(() => ({ headers: { 'x-amzn-bedrock-input-token-count': '17' }, body: { made: [1] } }));
    const modelId = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc';
    expect(await createInvoke(server.client)(modelId, { a: 'ä' })).toEqual({ answer: { made: [1] }, inputTokens: 17 });
    expect(server.asked).toEqual([{ modelId, body: { a: 'ä' } }]);
  });

  test('tells each of two calls at once its own count', async () => {
    server = await startInvokeServer(({ body }) => ({ headers: { 'x-amzn-bedrock-input-token-count': String(body.n) }, body: {} }));
    const invoke = createInvoke(server.client);
    const counts = await Promise.all([3, 1, 2].map(async (n) => (await invoke('a.model', { n })).inputTokens));
    expect(counts).toEqual([3, 1, 2]);
  });

  test('knows no count where the header is missing', async () => {
    server = await startInvokeServer(() => ({ body: {} }));
    expect((await createInvoke(server.client)('a.model', {})).inputTokens).toBeUndefined();
  });

  test.each<[string, Told | ((response: ServerResponse) => undefined), string, boolean | undefined]>([
    ['throttled', { status: 429, headers: { 'x-amzn-errortype': 'ThrottlingException' }, body: {} }, 'rate_limit_exceeded', undefined],
    ['denied', { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: {} }, 'model_access_denied', undefined],
    ['answered with something that is not JSON', { body: 'oops' }, 'model_error', true],
    ['cut off before its answer', (response) => void response.destroy(), 'upstream_unreachable', true],
  ])('that is %s is a failure of the gateway’s own words, and says whether it may be billed', async (_, told, code, mayBeBilled) => {
    const failure = await failureOf(told);
    expect(failure.code).toBe(code);
    expect(failure.details.mayBeBilled).toBe(mayBeBilled);
  });

  test('that takes too long is ended, and may be billed', async () => {
    const failure = await failureOf(() => undefined, 20);
    expect(failure.code).toBe('upstream_timeout');
    expect(failure.details.mayBeBilled).toBe(true);
  });
});

test.each([
  ['12', 12],
  [12, 12],
  [0, 0],
  ['', undefined],
  ['1.5', undefined],
  [1.5, undefined],
  [-1, undefined],
  ['-1', undefined],
  [Number.NaN, undefined],
  [null, undefined],
  [true, undefined],
])('a count of tokens told as %j is read as %j', (told, count) => {
  expect(toCount(told)).toBe(count);
});
