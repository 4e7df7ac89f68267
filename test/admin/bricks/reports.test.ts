// What BricksLLM reports, from the journal and the statements of the same keys.
import { beforeEach, expect, test } from 'vitest';
import { toUuid } from '../../../functions/admin/bricks/key-id.ts';
import { type AdminGateway, createAdmin, NOON } from '../../support/admin.ts';
import { entryAt } from '../../support/entries.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const HOUR = 3_600_000;
const USD = 10n ** 12n;

let admin: AdminGateway;
let ada: string;
let bob: string;
beforeEach(async () => {
  admin = createAdmin(createMemoryStore());
  ada = (await admin.makeKey({ name: 'Ada', tags: ['red'] })).id;
  bob = (await admin.makeKey({ name: 'Bob' })).id;
  const entries = [
    entryAt(NOON - 3 * HOUR, { accountId: ada, cost: 2n * USD, tags: ['red'], latencyMs: 80 }),
    entryAt(NOON - 2 * HOUR, { accountId: bob, cost: 3n * USD, status: 'failed', error: 'model_error' }),
    entryAt(NOON - HOUR, { accountId: ada, cost: 1n * USD, tags: ['red'], status: 'cancelled' }),
  ];
  for (const entry of entries) await admin.journal.write(entry);
  await admin.books.rebuild.bring(entries);
});

const asked = async (method: string, path: string, body?: unknown) =>
  (await admin.ask(method, path, body)) as unknown as { status: number; json: unknown };
const range = { start: (NOON - 24 * HOUR) / 1000, end: NOON / 1000 };

test('health needs nobody, and nothing else does not', async () => {
  expect(await admin.ask('GET', '/api/health', undefined, { authorization: '' })).toMatchObject({ status: 200 });
  expect(await admin.ask('PUT', '/api/health', {}, { authorization: '' })).toMatchObject({ status: 401 });
});

test.each(['/api/users', '/api/provider-settings', '/api/custom/providers', '/api/routes', '/api/policies'])(
  '%s, which is not here, says so in the same envelope',
  async (path) => {
    expect(await asked('GET', path)).toMatchObject({ status: 404, json: { type: '/errors/not-found', status: 404, instance: path } });
  },
);

test('what a key has spent, in whole micro-dollars', async () => {
  const { item } = await admin.keys.create(
    { name: 'n', email: null, role: 'user', tags: [], models: [], expiresAt: null },
    { ...(await admin.keys.read(ada)), earlier: 1_000_000_999_999n, spent: 234_567_000_000n },
  );
  const id = toUuid(String(item.id));
  expect(await asked('GET', `/api/reporting/keys/${id}`)).toMatchObject({ status: 200, json: { id, costInMicroDollars: 1_234_567 } });
  expect(await asked('GET', '/api/reporting/keys/550e8400-e29b-41d4-a716-446655440000')).toMatchObject({
    status: 404,
    json: { type: '/errors/not-found' },
  });
});

test('which keys spent most', async () => {
  const top = async (more: object) => (await asked('POST', '/api/reporting/top-keys', { ...range, ...more })).json;
  const [a, b] = [
    { keyId: toUuid(ada), costInUsd: 3 },
    { keyId: toUuid(bob), costInUsd: 3 },
  ];
  expect(await top({ tags: ['red'] })).toEqual({ dataPoints: [a] });
  expect(await top({ keyIds: [toUuid(bob)] })).toEqual({ dataPoints: [b] });
  expect(await top({ name: 'bo' })).toEqual({ dataPoints: [b] });
  expect(await top({ revoked: true })).toEqual({ dataPoints: [] });
  await admin.ask('PATCH', `/admin/v1/keys/${bob}`, { revoked: true });
  expect(await top({ revoked: false })).toEqual({ dataPoints: [a] });
  expect(await top({ limit: 1, offset: 1 })).toMatchObject({ dataPoints: [{ costInUsd: 3 }] });
  expect(await asked('POST', '/api/reporting/top-keys', {})).toMatchObject({ status: 400, json: { type: '/errors/validation' } });
});

test('the events of a key, newest first, in the later shape', async () => {
  const { json } = await asked('GET', `/api/events?keyIds=${toUuid(ada)}&start=${range.start}&end=${range.end}`);
  expect(json).toMatchObject([{ status: 499, cost_in_usd: 1 }, { status: 200 }]);
  expect((json as object[])[1]).toEqual({
    id: expect.stringMatching(/^req_/),
    created_at: (NOON - 3 * HOUR) / 1000,
    tags: ['red'],
    key_id: toUuid(ada),
    cost_in_usd: 2,
    provider: 'bedrock',
    model: expect.any(String),
    status: 200,
    prompt_token_count: expect.any(Number),
    completion_token_count: expect.any(Number),
    latency_in_ms: 80,
    path: '',
    method: 'POST',
    custom_id: '',
    request: '',
    response: '',
    userId: '',
    action: 'allowed',
    policyId: '',
    routeId: '',
    correlationId: expect.stringMatching(/^req_/),
    metadata: null,
  });
  for (const query of ['', '?keyIds=x', '?customId=c&start=x'])
    expect(await asked('GET', `/api/events${query}`)).toMatchObject({ status: 400 });
});

test('the events of all keys, in pages and with a count', async () => {
  const events = async (more: object) =>
    (await asked('POST', '/api/v2/events', { ...range, ...more })).json as { events: { status: number }[]; count: number };
  expect((await events({})).events.map(({ status }) => status)).toEqual([499, 502, 200]);
  expect(await events({ tags: ['red'], limit: 1, offset: 1, returnCount: true })).toMatchObject({ events: [{ status: 200 }], count: 2 });
  expect((await events({ keyIds: [toUuid(bob)] })).events).toMatchObject([{ status: 502 }]);
});
