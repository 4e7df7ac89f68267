// Making, reading, listing and deleting keys.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../functions/core/access/secret.ts';
import { accountKey, secretKey } from '../../functions/core/store/keys.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
});
afterAll(() => engine.close());

const KEYS = '/admin/v1/keys';

test('a key is made with what was asked for, and defaults for the rest', async () => {
  const { status, headers, json } = await admin.ask('POST', KEYS, { name: 'Search', monthlyBudget: '12.50', tags: ['a'] });
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`${KEYS}/${json.id}`);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(json).toEqual({
    id: expect.stringMatching(/^key_[0-9A-Za-z]{22}$/),
    secret: expect.stringMatching(/^sk-oc-[0-9A-Za-z]{38}$/),
    secretHint: expect.stringMatching(/^sk-oc-.{4}….{4}$/),
    name: 'Search',
    email: null,
    role: 'user',
    tags: ['a'],
    models: [],
    logging: null,
    monthlyBudget: '12.5',
    balance: null,
    lifetimeBudget: null,
    maxParallel: null,
    windows: [],
    alerts: [],
    groupId: null,
    userId: null,
    createdAt: '2026-11-15T12:00:00.000Z',
    updatedAt: '2026-11-15T12:00:00.000Z',
    expiresAt: null,
    spent: { month: '0', lifetime: '0' },
    held: '0',
    remaining: '12.5',
    revoked: false,
    revokedAt: null,
    revokedReason: null,
  });
});

test('the secret works, is shown once, and is stored as a hash only', async () => {
  const { secret, id } = await admin.makeKey({ role: 'admin' });
  const headers = { authorization: `Bearer ${secret}` };
  expect((await admin.ask('GET', KEYS, undefined, headers)).status).toBe(200);
  const later = [
    await admin.ask('GET', `${KEYS}/${id}`),
    await admin.ask('GET', `${KEYS}?limit=200`),
    await admin.ask('PATCH', `${KEYS}/${id}`, { name: 'other' }),
    await admin.ask('GET', '/admin/v1/journal'),
  ];
  for (const { text } of later) expect(text).not.toContain(secret.slice(10, -4));
  const stored = [await engine.store.get(accountKey(id)), await engine.store.get(secretKey(hashSecret(secret)))];
  expect(JSON.stringify(stored, (_name, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(secret.slice(10, -4));
  expect(admin.logs.join('')).not.toContain(secret.slice(10, -4));
});

test('a key that was read looks as it did when it was made, without the secret', async () => {
  const { secret, ...made } = await admin.makeKey({ name: 'read me', balance: '3', maxParallel: 2 });
  expect(secret).toBeDefined();
  expect(await admin.readKey(made.id)).toEqual(made);
});

test('a deleted key is gone, stops working and leaves its journal', async () => {
  const { id, secret } = await admin.makeKey({ role: 'admin' });
  const { status, text } = await admin.ask('DELETE', `${KEYS}/${id}`);
  expect([status, text]).toEqual([204, '']);
  expect(await engine.store.get(accountKey(id))).toBeUndefined();
  expect(await engine.store.get(secretKey(hashSecret(secret)))).toBeUndefined();
  for (const method of ['GET', 'DELETE', 'PATCH']) {
    const answer = await admin.ask(method, `${KEYS}/${id}`, method === 'PATCH' ? { name: 'x', balance: '1' } : undefined);
    expect(answer.status).toBe(404);
    expect(answer.json.code).toBe('not_found');
  }
  expect(await engine.store.get(accountKey(id))).toBeUndefined();
  expect((await admin.ask('GET', KEYS, undefined, { authorization: `Bearer ${secret}` })).status).toBe(401);
});

test('a key may be deleted while a call is under way', async () => {
  const { id } = await admin.makeKey({ monthlyBudget: '10' });
  const call = { accountId: id, requestId: admin.ids('req'), amount: 5n, tokens: 0, smallestAmount: 1n, model: 'm', target: 't' };
  const { hold } = await admin.ledger.admit(call);
  expect((await admin.ask('DELETE', `${KEYS}/${id}`)).status).toBe(204);
  await admin.ledger.settle(hold!, outcome(3n));
  expect(await engine.store.get(accountKey(id))).toBeUndefined();
  const { json } = await admin.ask('GET', `/admin/v1/journal?keyId=${id}`);
  expect(json.items).toMatchObject([{ keyId: id, keyName: null, cost: '0.000000000003' }]);
});

test.each(['nothing', 'key_', `key_${'0'.repeat(22)}`, `req_${'0'.repeat(22)}`, '%E0%A4%A', '..%2f..', 'x'.repeat(3000), '%00', '键'])(
  'no key has the id %.30s',
  async (id) => {
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const { status, json } = await admin.ask(method, `${KEYS}/${id}`, method === 'PATCH' ? { name: 'x' } : undefined);
      expect(status).toBe(404);
      expect(json.code).toBe('not_found');
    }
  },
);

describe('a list of 120 keys', () => {
  let other: TestEngine;
  let many: AdminGateway;
  const made: string[] = [];
  beforeAll(async () => {
    other = await startEngine();
    many = createAdmin(other.store);
    for (let n = 0; n < 120; n += 1) {
      // Several in the same millisecond.
      if (n % 7 === 0) many.time.now += 1;
      made.push((await many.makeKey({ name: `key ${n}` })).id);
    }
  });
  afterAll(() => other.close());

  async function pagesOf(limit: string, between: () => Promise<void> = async () => undefined) {
    const pages: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ ...(limit && { limit }), ...(cursor && { cursor }) });
      const { status, json } = await many.ask('GET', `${KEYS}?${query}`);
      expect(status).toBe(200);
      pages.push(json.items.map(({ id }) => id));
      cursor = json.nextCursor;
      await between();
    }
    return pages;
  }
  const newestFirst = () => [...made].sort().reverse();

  test.each([
    ['1', 120],
    ['7', 18],
    ['40', 3],
    ['60', 2],
    ['119', 2],
    ['120', 1],
    ['200', 1],
    ['', 3],
  ])('comes in pages of %s, newest first, none twice and none missing', async (limit, count) => {
    const pages = await pagesOf(limit);
    expect(pages.flat()).toEqual(newestFirst());
    expect(pages).toHaveLength(count);
  });

  test('keys made or deleted meanwhile disturb nothing', async () => {
    const before = newestFirst();
    const pages = await pagesOf('10', async () => {
      many.time.now += 1;
      const { id } = await many.makeKey({ name: 'new' });
      await many.ask('DELETE', `${KEYS}/${id}`);
    });
    expect(pages.flat()).toEqual(before);
  });

  test('a cursor outlives the key it points to', async () => {
    const [first, ...rest] = newestFirst();
    const { json } = await many.ask('GET', `${KEYS}?limit=1`);
    await many.ask('DELETE', `${KEYS}/${first}`);
    made.splice(made.indexOf(first!), 1);
    const next = await many.ask('GET', `${KEYS}?limit=200&cursor=${json.nextCursor}`);
    expect(next.json.items.map(({ id }) => id)).toEqual(rest);
  });

  const forged = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
  test.each([
    ['cursor', 'nonsense'],
    ['cursor', ''],
    ['cursor', forged(null)],
    ['cursor', forged({ list: 'keys', after: 'key_x' })],
    ['cursor', forged({ list: 'keys', after: { S: 'x' } })],
    ['cursor', forged({ list: 'journal', from: 0, to: 1, after: `req_${'0'.repeat(22)}` })],
    ['cursor', forged({ list: 'keys', after: `key_${'0'.repeat(22)}`, more: 1 })],
    ['limit', '0'],
    ['limit', '201'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', 'many'],
    ['limit', ''],
    ['page', '2'],
  ])('%s=%s is refused', async (name, value) => {
    const { status, json } = await many.ask('GET', `${KEYS}?${new URLSearchParams({ [name]: value })}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ path: name }] });
  });

  test('a parameter given twice is refused', async () => {
    const { status, json } = await many.ask('GET', `${KEYS}?limit=5&limit=6`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ path: 'limit' }] });
  });
});

function outcome(cost: bigint) {
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const rest = { error: null, isEstimated: false, isStream: true, priceVersion: '1', latencyMs: 10, firstTokenMs: 5, at: admin.clock() };
  return { usage, cost, status: 'succeeded' as const, ...rest };
}
