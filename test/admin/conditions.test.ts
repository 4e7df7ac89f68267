// A change that names what it has seen is done to that alone, and a creation that is sent again is done once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/core/store/client.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { interleaved } from '../support/interleaved.ts';
import { createMemoryStore } from '../support/memory-store.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  admin = createAdmin(engine.store);
});

describe.each(['keys', 'groups', 'users'])('%s', (kind) => {
  const path = `/admin/v1/${kind}`;
  const make = (body: object, key?: string) => admin.ask('POST', path, body, key === undefined ? {} : { 'idempotency-key': key });

  test('are changed and deleted only as they were seen', async () => {
    const { id } = (await make({ name: 'a', monthlyBudget: '5' })).json;
    const seen = (await admin.ask('GET', `${path}/${id}`)).headers.get('etag')!;
    expect(seen).toMatch(/^"\d+"$/);
    const changed = await admin.ask('PATCH', `${path}/${id}`, { name: 'b' }, { 'if-match': seen });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(seen);
    const stale = { 'if-match': seen };
    for (const body of [{ name: 'c' }, { balance: '7' }]) {
      const { status, json } = await admin.ask('PATCH', `${path}/${id}`, body, stale);
      expect([status, json.code]).toEqual([412, 'precondition_failed']);
    }
    expect((await admin.ask('DELETE', `${path}/${id}`, undefined, stale)).status).toBe(412);
    expect((await admin.ask('GET', `${path}/${id}`)).json).toMatchObject({ name: 'b', balance: null, revoked: false });
    const fresh = changed.headers.get('etag')!;
    expect((await admin.ask('DELETE', `${path}/${id}`, undefined, { 'if-match': `"0", ${fresh}` })).status).toBe(204);
  });

  test('that are made again under the same key are the same, and paid once', async () => {
    const first = await make({ name: 'once', balance: '5' }, `${kind}-1`);
    const again = await make({ name: 'once', balance: '5' }, `${kind}-1`);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.json).toEqual({ ...first.json, ...(kind === 'keys' && { secret: null }) });
    expect(again.headers.get('location')).toBe(`${path}/${first.json.id}`);
    expect((await admin.ask('GET', `/admin/v1/accounts/${first.json.id}/payments`)).json.items.length).toBe(1);
  });

  test('of another body under the same key are refused, and so is one that has been deleted', async () => {
    const { id } = (await make({ name: 'once' }, `${kind}-2`)).json;
    const other = await make({ name: 'twice' }, `${kind}-2`);
    expect([other.status, other.json.code]).toEqual([409, 'conflict']);
    await admin.ask('DELETE', `${path}/${id}`);
    expect((await make({ name: 'once' }, `${kind}-2`)).status).toBe(409);
    admin.time.now += 8 * 86_400_000;
    expect((await make({ name: 'once' }, `${kind}-2`)).status).toBe(201);
  });

  test('that are asked for at the same time under one key are one', async () => {
    const made = await Promise.all([1, 2, 3].map(() => make({ name: 'race', tags: ['race'] }, `${kind}-3`)));
    const ids = made.filter(({ status }) => status === 201).map(({ json }) => json.id);
    expect(new Set(ids).size).toBe(1);
    for (const { json } of made.filter((one) => one.status === 201 && kind === 'keys' && one.json.secret !== null)) {
      const { status } = await admin.ask('GET', '/me/key', undefined, { authorization: `Bearer ${json.secret}` });
      expect(status).toBe(200);
    }
  });

  test('keys of one author are none of another’s', async () => {
    const boss = await admin.makeKey({ role: 'admin' });
    const headers = { authorization: `Bearer ${boss.secret}`, 'idempotency-key': `${kind}-4` };
    const { id } = (await make({ name: 'x' }, `${kind}-4`)).json;
    expect((await admin.ask('POST', path, { name: 'x' }, headers)).json.id).not.toBe(id);
  });
});

test.each([
  ['/admin/v1/settings', 'PATCH', { retentionDays: 7 }, { retentionDays: 14 }],
  ['/admin/v1/mappings/seen', 'PUT', { to: 'claude-sonnet-4-5' }, { to: 'claude-haiku-4-5' }],
  ['/admin/v1/models/claude-sonnet-4-5', 'PATCH', { enabled: true }, { enabled: false }],
])('%s is changed only as it was seen', async (path, method, first, second) => {
  await admin.ask(method, path, first);
  const seen = { 'if-match': (await admin.ask('GET', path)).headers.get('etag')! };
  admin.time.now += 1;
  expect((await admin.ask(method, path, second, seen)).status).toBe(200);
  expect((await admin.ask(method, path, first, seen)).status).toBe(412);
  expect((await admin.ask('GET', path)).json).toMatchObject(second);
  if (!path.endsWith('settings')) expect((await admin.ask('DELETE', path, undefined, seen)).status).toBe(412);
});

test.each([
  ['/admin/v1/mappings/quick', { to: 'claude-sonnet-4-5' }, { to: 'claude-haiku-4-5' }],
  ['/admin/v1/models/nova-lite', { enabled: true }, { enabled: false }],
])('two changes of %s in one millisecond are two versions', async (path, first, second) => {
  const etags = [];
  for (const body of [first, second, first]) etags.push((await admin.ask('PUT', path, body)).headers.get('etag'));
  expect(new Set(etags).size).toBe(3);
  expect((await admin.ask('GET', path)).headers.get('etag')).toBe(etags[2]);
  expect((await admin.ask('PUT', path, second, { 'if-match': etags[1]! })).status).toBe(412);
});

test('a mapping is removed only as it was seen, although another writer comes between the look and the removal', async () => {
  const path = '/admin/v1/mappings/contested';
  const seen = { 'if-match': (await admin.ask('PUT', path, { to: 'claude-sonnet-4-5' })).headers.get('etag')! };
  const { store, before } = interleaved(engine.store);
  before('update', () => admin.ask('PUT', path, { to: 'claude-haiku-4-5' }));
  expect((await createAdmin(store).ask('DELETE', path, undefined, seen)).status).toBe(412);
  expect((await admin.ask('GET', path)).json).toMatchObject({ to: 'claude-haiku-4-5' });
  expect((await admin.ask('DELETE', path)).status).toBe(204);
  expect((await admin.ask('GET', path)).status).toBe(404);
  expect((await admin.ask('DELETE', path)).status).toBe(404);
  // What is not there has no version, whatever is named.
  expect((await admin.ask('PUT', path, { to: 'claude-haiku-4-5' }, { 'if-match': '*' })).status).toBe(412);
  expect((await admin.ask('PUT', path, { to: 'claude-haiku-4-5' })).status).toBe(201);
});

describe('a price', () => {
  const price = { model: 'claude-sonnet-4-5', input: '3', output: '15' };
  const set = (body: object, headers = {}) => admin.ask('POST', '/admin/v1/prices', body, headers);

  test('is ended only as it was seen, also by two at the same time', async () => {
    const { json, headers } = await set(price);
    const path = `/admin/v1/prices/${json.id}`;
    const seen = { 'if-match': headers.get('etag')! };
    expect((await admin.ask('GET', path)).headers.get('etag')).toBe(headers.get('etag'));
    const { store, before } = interleaved(engine.store);
    before('putNew', () => admin.ask('DELETE', path, undefined, seen));
    expect((await createAdmin(store).ask('DELETE', path, undefined, seen)).status).toBe(412);
    expect((await admin.ask('DELETE', path, undefined, seen)).status).toBe(412);
    const ended = await admin.ask('GET', path);
    expect((await admin.ask('DELETE', path, undefined, { 'if-match': ended.headers.get('etag')! })).json).toEqual(ended.json);
  });

  test('that is sent again under the same key is set once', async () => {
    const once = { 'idempotency-key': 'price-1' };
    const first = await set(price, once);
    admin.time.now += 5;
    expect((await set(price, once)).json).toEqual(first.json);
    expect((await set({ ...price, input: '4' }, once)).status).toBe(409);
    const all = (await admin.ask('GET', '/admin/v1/prices?model=claude-sonnet-4-5&limit=200')).json.items;
    expect(all.filter(({ id }) => id === first.json.id).length).toBe(1);
  });
});

test('a creation that broke off anywhere goes on with the same id when it is sent again, and no secret of it leads nowhere', async () => {
  for (let operations = 1; operations < 25; operations += 1) {
    const memory = createMemoryStore();
    let left = operations;
    const cut = Object.entries(memory).map(([name, verb]) => [
      name,
      (...given: never[]) => {
        left -= 1;
        if (left < 0) throw new Error('The database has gone.');
        return (verb as (...given: never[]) => unknown).apply(memory, given);
      },
    ]);
    const gateway = createAdmin(Object.fromEntries(cut) as Store);
    const ask = () => gateway.ask('POST', '/admin/v1/keys', { name: 'a', balance: '5', tags: ['t'] }, { 'idempotency-key': 'k' });
    const first = await ask();
    left = Number.POSITIVE_INFINITY;
    const again = await ask();
    expect(again.status, `${operations} operations`).toBe(201);
    expect((await gateway.ask('GET', '/admin/v1/keys?tag=t')).json.items.map(({ id }) => id)).toEqual([again.json.id]);
    expect(again.json.balance).toBe('5');
    if (first.status === 201) expect(first.json.id).toBe(again.json.id);
  }
});
