// /me for somebody who is signed in: all keys that carry the verified address, merged, and nothing of anybody else's.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../functions/core/access/principal.ts';
import { type AdminGateway, createAdmin, NOON } from '../support/admin.ts';
import { createWorld, textsOf } from '../support/conversation-world.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { entryAt } from '../support/entries.ts';

const TOKEN = 'eyJh.e30.c2ln';
const USD = 10n ** 12n;

let engine: TestEngine;
let admin: AdminGateway;
let ada: SignedIn;
let log: ReturnType<typeof createWorld>['log'];
let round = 0;
beforeAll(async () => {
  engine = await startEngine('dynalite');
});
afterAll(() => engine.close());
beforeEach(() => {
  round += 1;
  ada = { id: 'u-1', name: 'Ada', email: `ada${round}@example.com`, hasVerifiedEmail: true, role: 'user', expiresAt: Date.UTC(2027, 0, 1) };
  admin = createAdmin(engine.store, { verifyToken: async () => ada });
  ({ log } = createWorld(engine.store, admin.blobs));
});
const ask = (method: string, path: string, body?: unknown, secret = TOKEN) =>
  admin.ask(method, path, body, { authorization: `Bearer ${secret}` });
/** Each a moment after the one before. */
const makeOwn = (fields: object = {}) => {
  admin.time.now += 1;
  return admin.makeKey({ email: ada.email, ...fields });
};

test('the overview tells all keys of the address with each of their limits, those of the group and the user too', async () => {
  const group = (await admin.ask('POST', '/admin/v1/groups', { name: 'Team', monthlyBudget: '3' })).json.id;
  const user = (await admin.ask('POST', '/admin/v1/users', { name: 'Ada', windows: [{ kind: 'requests', limit: 60, per: '1m' }] })).json.id;
  const first = await makeOwn({
    name: 'first',
    monthlyBudget: '20',
    balance: '5',
    groupId: group,
    userId: user,
    maxParallel: 4,
    ttl: '1d',
  });
  const second = await makeOwn({ name: 'second', lifetimeBudget: '7' });
  const { status, json } = await ask('GET', '/me');
  expect(status).toBe(200);
  expect(json).toMatchObject({ principal: { kind: 'user', email: ada.email }, hint: null });
  const [newest, oldest] = json.keys as { id: string; remaining: string; limits: object[] }[];
  expect([newest!.id, oldest!.id]).toEqual([second.id, first.id]);
  // The group's three dollars are the least.
  expect([newest!.remaining, oldest!.remaining]).toEqual(['7', '3']);
  const december = '2026-12-01T00:00:00.000Z';
  expect(oldest!.limits).toMatchObject([
    { of: 'key', kind: 'monthlyBudget', unit: 'USD', limit: '20', used: '0', left: '20', per: 'mo', resetsAt: december },
    { of: 'key', kind: 'balance', limit: null, left: '5', resetsAt: null },
    { of: 'key', kind: 'parallel', unit: 'calls', limit: 4, used: 0, left: 4 },
    { of: 'key', kind: 'expiry', unit: 'time', limit: '2026-11-16T12:00:00.001Z' },
    { of: 'group', name: 'Team', kind: 'monthlyBudget', limit: '3', left: '3', resetsAt: december },
    { of: 'user', name: 'Ada', kind: 'window', unit: 'requests', limit: 60, left: 60, per: '1m', resetsAt: '2026-11-15T12:01:00.000Z' },
  ]);
  expect((await ask('GET', `/me/limits?keyId=${first.id}`)).json.items).toEqual([
    { keyId: first.id, name: 'first', remaining: '3', limits: oldest!.limits },
  ]);
  expect((await ask('GET', '/me/limits')).json.items).toHaveLength(2);
  expect((await ask('GET', '/me', undefined, first.secret)).json.keys).toEqual([oldest]);
});

test('what was spent is told for all keys together, by key and by model', async () => {
  const [one, two, other] = [await makeOwn({ name: 'one' }), await makeOwn({ name: 'two' }), await admin.makeKey()];
  const entries = [
    entryAt(NOON - 1_000, { accountId: one.id, model: 'm', cost: 2n * USD }),
    entryAt(NOON - 86_400_000, { accountId: two.id, model: 'm', cost: 3n * USD }),
    entryAt(NOON - 2_000, { accountId: two.id, model: 'n', cost: 5n * USD }),
    entryAt(NOON - 3_000, { accountId: other.id, model: 'm', cost: 7n * USD }),
  ];
  for (const entry of entries) await admin.journal.write(entry);
  await admin.books.rebuild.bring(entries);
  type Shown = { group: string | null; name: string | null; total: { cost: string }; periods: { period: string; cost: string }[] };
  const shown = async (query: string) => (await ask('GET', `/me/usage${query}`)).json.items as unknown as Shown[];
  const [whole] = await shown('');
  expect(whole!.total.cost).toBe('10');
  expect(whole!.periods.map(({ period, cost }) => [period, cost])).toEqual([
    ['2026-11-14', '3'],
    ['2026-11-15', '7'],
  ]);
  const sums = async (query: string) => (await shown(query)).map(({ group, name, total }) => [group, name, total.cost]);
  expect(await sums('?groupBy=model')).toEqual([
    ['m', null, '5'],
    ['n', null, '5'],
  ]);
  expect(await sums('?groupBy=key')).toEqual([
    [two.id, 'two', '8'],
    [one.id, 'one', '2'],
  ]);
  expect(await sums(`?keyId=${one.id}`)).toEqual([[null, null, '2']]);
  expect((await ask('GET', `/me/usage?keyId=${other.id}`)).status).toBe(404);
});

test('threads and sessions of all keys are one list, newest first, over pages, filtered or not', async () => {
  const [one, two, other] = [await makeOwn(), await makeOwn(), await admin.makeKey()];
  const logged: string[] = [];
  for (const [number, key] of [one, two, two, one, other, one, two].entries()) {
    const thread = await log(key.id, {
      session: `s${number % 2}`,
      title: `Title ${number}`,
      model: `m${number % 2}`,
      texts: textsOf('words'),
    });
    if (key !== other) logged.unshift(thread.id);
  }
  const walk = async (path: string, query: string) => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { json } = await ask('GET', `/me/${path}?limit=2${query}${cursor && `&cursor=${cursor}`}`);
      ids.push(...json.items.map(({ id }) => id));
      cursor = json.nextCursor;
    }
    return ids;
  };
  expect(await walk('threads', '')).toEqual(logged);
  expect(await walk('threads', '&model=m1')).toHaveLength(3);
  expect(await walk('sessions', '')).toHaveLength(4);
  expect(await walk('threads', `&keyId=${one.id}`)).toHaveLength(3);
  expect((await ask('GET', `/me/threads/${logged[0]}`)).json).toMatchObject({ keyId: two.id, completion: 'pong' });
  const { json } = await admin.ask('GET', `/admin/v1/threads?keyId=${other.id}`);
  expect((await ask('GET', `/me/threads/${json.items[0]!.id}`)).status).toBe(404);
  expect((await ask('GET', `/me/threads?keyId=${other.id}`)).status).toBe(404);
});

test('the models are those that any of the keys may call, or one of them', async () => {
  const one = await makeOwn({ models: ['claude-sonnet-4-5'] });
  await makeOwn({ models: ['nova-lite'] });
  const names = async (query: string) =>
    ((await ask('GET', `/me/models${query}`)).json.items as unknown as { name: string }[]).map(({ name }) => name);
  expect(await names('')).toEqual(['claude-sonnet-4-5', 'nova-lite']);
  expect(await names(`?keyId=${one.id}`)).toEqual(['claude-sonnet-4-5']);
});

describe('another secret', () => {
  test('is given by the person, with a grace, and written down without a secret', async () => {
    const { id, secret } = await makeOwn({ name: 'mine' });
    const { status, json, text } = await ask('POST', `/me/keys/${id}/rotate`, { grace: '1h' });
    expect([status, json.id]).toEqual([200, id]);
    expect(json.secret).not.toBe(secret);
    for (const works of [secret, json.secret]) expect((await ask('GET', '/me/key', undefined, works)).status).toBe(200);
    expect((await ask('POST', `/me/keys/${id}/rotate`, {})).status).toBe(200);
    for (const ended of [secret, json.secret]) expect((await ask('GET', '/me/key', undefined, ended)).status).toBe(401);
    const changes = await admin.ask('GET', '/admin/v1/audit-log');
    expect(changes.json.items).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ action: `POST /me/keys/${id}/rotate`, subject: id, status: 200 })]),
    );
    expect(text).toContain(json.secret);
    expect(changes.text).not.toContain(json.secret);
  });

  test('is not given by a key, nor for a key of somebody else', async () => {
    const [{ id, secret }, other] = [await makeOwn(), await admin.makeKey({ email: 'bob@example.com' })];
    expect((await ask('POST', `/me/keys/${id}/rotate`, {}, secret)).status).toBe(403);
    expect((await ask('POST', `/me/keys/${other.id}/rotate`, {})).status).toBe(404);
    expect((await ask('GET', `/me/keys/${other.id}`)).status).toBe(404);
    expect((await ask('GET', '/me/key', undefined, other.secret)).status).toBe(200);
  });
});

describe('who has no key of his own', () => {
  test.each([
    ['whose address the issuer has not verified', { hasVerifiedEmail: false }, 'does not say that it has verified your address'],
    ['whose token tells no address', { email: null, hasVerifiedEmail: false }, 'your token tells no address'],
  ])('%s owns nothing and is told why', async (_who, fields, hint) => {
    await makeOwn();
    ada = { ...ada, ...fields };
    expect((await ask('GET', '/me')).json).toMatchObject({ keys: [], hint: expect.stringContaining(hint) });
    for (const path of ['keys', 'limits', 'usage', 'models', 'sessions', 'threads']) {
      expect((await ask('GET', `/me/${path}`)).json.items, path).toEqual([]);
    }
    expect((await ask('GET', '/me/key')).status).toBe(404);
  });

  test('the master key hears that it belongs to nobody', async () => {
    const { status, json } = await admin.ask('GET', '/me');
    expect([status, json.keys]).toEqual([200, []]);
    expect(json.hint).toContain('belongs to nobody');
    expect((await admin.ask('GET', '/me/limits')).status).toBe(403);
  });

  test('who has several keys is told where they are', async () => {
    await makeOwn();
    await makeOwn();
    expect((await ask('GET', '/me/key')).json.detail).toBe('You have 2 keys; /me/keys lists them.');
    expect((await ask('GET', '/me/keys')).json.items).toHaveLength(2);
  });
});
