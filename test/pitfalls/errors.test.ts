// What users of gateways saw when something failed, and what they see here.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import { createKeyStore } from '../../functions/core/access/key-store.ts';
import { createSecret } from '../../functions/core/access/secret.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { createStore } from '../../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../../functions/core/store/copies.ts';
import { createDynamoClient } from '../../functions/core/store/dynamo.ts';
import { createProxyApp, type ProxyDependencies } from '../../functions/proxy/app.ts';
import { type Desk, openDesk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ monthlyBudget: null });
});
afterAll(() => desk.close());

describe('A user whose stream', () => {
  test.each([
    ['midstream-throttle', 'rate_limit_error', 'rate_limit_exceeded'],
    ['midstream-unavailable', 'server_error', 'service_unavailable'],
    ['midstream-internal', 'server_error', expect.stringMatching(/^(upstream|internal)_error$/)],
    ['midstream', 'server_error', 'model_stream_error'],
  ])('fails by %s sees what it was, and never a 400 that nobody would try again', async (fault, type, code) => {
    const { status, frames } = await desk.chat({ model: `standin.fault-${fault}`, stream: true });
    expect(status).toBe(200);
    expect(frames.at(-1).error).toMatchObject({ type, code });
  });
});

test.each([
  ['throttle', 429, 'rate_limit_error'],
  ['quota', 429, 'insufficient_quota'],
  ['access-denied', 403, 'permission_error'],
  ['not-found', 404, 'invalid_request_error'],
  ['profile-only', 400, 'invalid_request_error'],
  ['not-ready', 503, 'server_error'],
  ['unavailable', 503, 'server_error'],
  ['timeout', 504, 'server_error'],
  ['model-error', 502, 'server_error'],
  ['expired-token', 502, 'server_error'],
  ['reset-start', 502, 'server_error'],
  ['html', 500, 'server_error'],
])('A user whose stream fails by %s before anything was said sees a status, %i, and no stream', async (fault, status, type) => {
  const seen = await desk.chat({ model: `standin.fault-${fault}`, stream: true });
  expect({ status: seen.status, type: seen.json?.error.type }).toEqual({ status, type });
  expect(seen.text).not.toMatch(/<html|security token|x-amz/i);
});

describe.each([false, true])('A user (streaming: %s)', (stream) => {
  test('whose prompt is too long sees the words that make agents compact', async () => {
    const { status, json } = await desk.chat({ model: 'standin.fault-context', stream });
    expect(status).toBe(400);
    expect(json.error).toEqual({
      message: expect.stringMatching(/^Input is too long for requested model\./),
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    });
  });

  test('who is throttled sees when to come back, and the gateway has asked no more than twice', async () => {
    const { headers } = await desk.chat({ model: 'standin.fault-throttle', stream });
    expect(headers.get('retry-after')).toMatch(/^[5-8]$/);
    expect(desk.watch.calls).toHaveLength(2);
    const daily = await desk.chat({ model: 'standin.fault-throttle-daily', stream });
    expect(daily.headers.get('x-should-retry')).toBe('false');
  });

  test('who was throttled once sees nothing of it', async () => {
    expect((await desk.chat({ model: 'standin.fault-throttle-once', stream })).status).toBe(200);
  });
});

test('A user with a wrong key sees 401 about it, and never hears of the key of AWS', async () => {
  const { status, json } = await desk.chat({}, { authorization: 'Bearer sk-wrong' });
  expect(status).toBe(401);
  expect(json.error).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' });
});

test('A user with a good key, when the database is away, sees 503 and when to come back, and not that the key is wrong', async () => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = createDynamoClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:9', credentials, maxAttempts: 1 });
  const store = createStore(client, { accounts: 'accounts', journal: 'journal', conversations: 'conversations' });
  const clock = Date.now;
  const ids = createIds(clock);
  const keys = createKeyStore({ store, copies: createCopies(clock, COPY_LIFE_MS), clock, ids });
  const authorize = createAuthorize({ keys, masterKey: async () => undefined, clock });
  const app = createProxyApp({
    authorize,
    catalog: { ready: async () => undefined },
    ids,
    clock,
    log: createLog(() => undefined),
  } as unknown as ProxyDependencies);
  const headers = { authorization: `Bearer ${createSecret()}`, 'content-type': 'application/json' };
  const answer = await app.request('/v1/chat/completions', { method: 'POST', headers, body: '{}' });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBeTruthy();
  expect(await answer.json()).toMatchObject({ error: { code: 'ledger_unavailable' } });
  client.destroy();
});
