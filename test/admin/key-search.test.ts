// Keys are found by what people know of them, in the order they ask for, and no page costs more where there are more keys.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/core/store/client.ts';
import { findingKey } from '../../functions/core/store/keys.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const KEYS = '/admin/v1/keys';
type Listed = { status: number; names: string[]; nextCursor: string | null };

async function find(admin: AdminGateway, query: Record<string, string>): Promise<Listed> {
  const { status, json } = await admin.ask('GET', `${KEYS}?${new URLSearchParams(query)}`);
  return {
    status,
    names: (json.items ?? []).map((item) => String((item as unknown as { name: string }).name)),
    nextCursor: json.nextCursor,
  };
}

/** Every page, and how many there were. */
async function findAll(admin: AdminGateway, query: Record<string, string>): Promise<{ names: string[]; pages: number }> {
  const names: string[] = [];
  for (let pages = 1, cursor: string | null = null; ; pages += 1) {
    const page: Listed = await find(admin, cursor === null ? query : { cursor, limit: query.limit ?? '50' });
    names.push(...page.names);
    cursor = page.nextCursor;
    if (cursor === null) return { names, pages };
  }
}

describe('on a real engine', () => {
  let engine: TestEngine;
  let admin: AdminGateway;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    engine = await startEngine();
    admin = createAdmin(engine.store);
    ids.group = (await admin.ask('POST', '/admin/v1/groups', { name: 'team' })).json.id;
    ids.user = (await admin.ask('POST', '/admin/v1/users', { name: 'person' })).json.id;
    const made: Record<string, unknown>[] = [
      { name: 'Search', email: 'Ada@Example.com', tags: ['eu', 'prod'], groupId: ids.group },
      { name: 'batch jobs', email: 'ada@example.com', tags: ['prod'], role: 'auditor' },
      { name: 'Zürich', tags: ['eu'], userId: ids.user, groupId: ids.group },
      { name: 'search again', email: 'bob@example.com' },
    ];
    for (const fields of made) {
      admin.time.now += 1;
      ids[String(fields.name)] = (await admin.makeKey(fields)).id;
    }
  });
  afterAll(() => engine.close());

  test.each<[Record<string, string>, string[]]>([
    [{}, ['search again', 'Zürich', 'batch jobs', 'Search']],
    [{ sort: 'createdAt' }, ['Search', 'batch jobs', 'Zürich', 'search again']],
    [{ sort: 'name' }, ['batch jobs', 'Search', 'search again', 'Zürich']],
    [{ sort: '-name' }, ['Zürich', 'search again', 'Search', 'batch jobs']],
    [{ q: 'SEARCH' }, ['search again', 'Search']],
    [{ q: 'again bob' }, ['search again']],
    [{ q: 'prod', sort: 'name' }, ['batch jobs', 'Search']],
    [{ email: 'ADA@example.com' }, ['batch jobs', 'Search']],
    [{ tag: 'eu' }, ['Zürich', 'Search']],
    [{ tag: 'EU' }, []],
    [{ tag: 'eu', email: 'ada@example.com' }, ['Search']],
    [{ role: 'auditor' }, ['batch jobs']],
    [{ status: 'active', tag: 'prod', sort: 'createdAt' }, ['Search', 'batch jobs']],
  ])('%o finds %o', async (query, names) => {
    expect(await find(admin, query)).toEqual({ status: 200, names, nextCursor: null });
    expect((await findAll(admin, { ...query, limit: '1' })).names).toEqual(names);
  });

  test('by group and by user', async () => {
    expect((await find(admin, { groupId: ids.group! })).names).toEqual(['Zürich', 'Search']);
    expect((await find(admin, { groupId: ids.group!, userId: ids.user!, sort: 'name' })).names).toEqual(['Zürich']);
  });

  test('a key that changes is found by what it is, and no more by what it was', async () => {
    const { id } = await admin.makeKey({ name: 'before', email: 'old@example.com', tags: ['old', 'both'] });
    await admin.ask('PATCH', `${KEYS}/${id}`, { name: 'after', email: 'new@example.com', tags: ['new', 'both'] });
    const gone: Record<string, string>[] = [{ email: 'old@example.com' }, { tag: 'old' }, { q: 'before' }];
    for (const query of gone) expect((await find(admin, query)).names).toEqual([]);
    const there: Record<string, string>[] = [{ email: 'new@example.com' }, { tag: 'new' }, { tag: 'both' }, { q: 'after', sort: 'name' }];
    for (const query of there) expect((await find(admin, query)).names).toEqual(['after']);
    await admin.ask('DELETE', `${KEYS}/${id}`);
    expect((await find(admin, { tag: 'new' })).names).toEqual([]);
  });

  test('a row that something left behind shows nothing, and nothing twice', async () => {
    const { id } = await admin.makeKey({ name: 'once', tags: ['once'] });
    await engine.store.putNew(findingKey('tag', 'once', `${id}~row_0`), { id });
    await engine.store.putNew(findingKey('tag', 'gone', `${id}~row_0`), { id });
    await engine.store.putNew(findingKey('tag', 'gone', 'key_0000000000000000000000~row_0'), { id });
    expect((await find(admin, { tag: 'once' })).names).toEqual(['once']);
    expect((await find(admin, { tag: 'gone' })).names).toEqual([]);
    await admin.ask('DELETE', `${KEYS}/${id}`);
  });

  test('revoked and expired are told apart, and an end that has come counts without a call', async () => {
    const made = await admin.makeKey({ name: 'ends', tags: ['ends'], ttl: '1m' });
    const closed = await admin.makeKey({ name: 'closed', tags: ['ends'] });
    await admin.ask('PATCH', `${KEYS}/${closed.id}`, { revoked: true });
    expect((await find(admin, { tag: 'ends', status: 'active' })).names).toEqual(['ends']);
    admin.time.now += 60_000;
    expect((await find(admin, { tag: 'ends', status: 'expired' })).names).toEqual(['ends']);
    expect((await find(admin, { tag: 'ends', status: 'revoked' })).names).toEqual(['closed']);
    for (const { id } of [made, closed]) await admin.ask('DELETE', `${KEYS}/${id}`);
  });

  test('a cursor keeps its question, and takes no other', async () => {
    const { nextCursor } = await find(admin, { tag: 'eu', limit: '1' });
    expect((await find(admin, { tag: 'eu', cursor: nextCursor! })).names).toEqual(['Search']);
    expect((await find(admin, { tag: 'prod', cursor: nextCursor! })).status).toBe(400);
    expect((await find(admin, { cursor: Buffer.from('{"list":"keys","after":"x","asked":{}}').toString('base64url') })).status).toBe(400);
  });

  test.each<Record<string, string>>([{ sort: 'spent' }, { status: 'open' }, { email: '' }, { name: 'x' }])(
    '%o is refused',
    async (query) => {
      expect((await find(admin, query)).status).toBe(400);
    },
  );
});

/** The store, and how often each of its reads was asked and how many rows it gave. */
function counting(store: Store): { store: Store; count: { reads: number; rows: number } } {
  const count = { reads: 0, rows: 0 };
  const counted = async <Rows extends unknown[]>(rows: Promise<Rows>): Promise<Rows> => {
    count.reads += 1;
    count.rows += (await rows).length;
    return rows;
  };
  const reads = { query: (asked: never) => counted(store.query(asked)), getMany: (keys: never) => counted(store.getMany(keys)) };
  return { store: { ...store, ...reads } as Store, count };
}

describe('what a page costs', () => {
  const QUESTIONS = [
    {},
    { sort: 'name' },
    { email: 'p7@example.com' },
    { tag: 'seven' },
    { q: 'nobody' },
    { status: 'revoked', sort: 'name' },
  ];
  const costs: { reads: number; rows: number }[][] = [];

  test('is bounded, and the same for a thousand keys and for three times as many', async () => {
    const memory = createMemoryStore();
    const { store, count } = counting(memory);
    const admin = createAdmin(store);
    const input = { role: 'user' as const, models: [], expiresAt: null };
    for (let number = 0; number < 3_300; number += 1) {
      admin.time.now += 1;
      const tags = number % 100 === 7 && number < 1_100 ? ['seven'] : [];
      await admin.keys.create({ ...input, name: `person ${number}`, email: `p${number}@example.com`, tags }, {});
      if (number !== 1_099 && number !== 3_299) continue;
      const cost: { reads: number; rows: number }[] = [];
      for (const query of QUESTIONS) {
        Object.assign(count, { reads: 0, rows: 0 });
        const { wants, ...asked } = { sort: '-createdAt', limit: 20, ...query } as never as Parameters<typeof admin.keys.listed>[0];
        const isFiltered = 'q' in query || 'status' in query;
        await admin.keys.listed({ ...asked, wants: isFiltered ? () => false : wants });
        cost.push({ ...count });
      }
      costs.push(cost);
    }
    expect(costs[1]).toEqual(costs[0]);
    for (const { reads, rows } of costs[1]!) {
      expect(reads).toBeLessThanOrEqual(20);
      expect(rows).toBeLessThanOrEqual(2_000);
    }
    // What an index answers is no more than the page.
    for (const { reads } of costs[1]!.slice(0, 4)) expect(reads).toBe(2);
  });

  test('a search that finds nothing on a page goes on where it stopped, to the very last key', async () => {
    const memory = createMemoryStore();
    const admin = createAdmin(memory);
    const input = { role: 'user' as const, models: [], expiresAt: null, email: null, tags: [] };
    for (let number = 0; number < 1_500; number += 1) {
      admin.time.now += 1;
      await admin.keys.create({ ...input, name: number === 0 ? 'needle' : `straw ${number}` }, {});
    }
    const first = await admin.keys.listed({ sort: '-createdAt', limit: 10, wants: ({ name }) => name === 'needle' });
    expect(first.items).toEqual([]);
    const second = await admin.keys.listed({ sort: '-createdAt', limit: 10, after: first.next, wants: ({ name }) => name === 'needle' });
    expect(second.items.map(({ name }) => name)).toEqual(['needle']);
    expect(second.next).toBeUndefined();
  });
});
