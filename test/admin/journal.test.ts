// The journal: entries as they are shown, filters, pages.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../functions/core/ledger/journal.ts';
import { firstIdAt } from '../../functions/core/platform/ids.ts';
import { type AdminGateway, createAdmin, NOON } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

const DAY = 86_400_000;
let engine: TestEngine;
let admin: AdminGateway;
let ada: string;
let bob: string;
/** Every entry written, oldest first. */
const written: Entry[] = [];

beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  ada = (await admin.makeKey({ name: 'Ada' })).id;
  bob = (await admin.makeKey({ name: 'Bob' })).id;
  // 90 turns, 3 a day for the last 30 days, over the turn of a month; some in the same millisecond.
  for (let n = 0; n < 90; n += 1) {
    admin.time.now = NOON - 30 * DAY + Math.floor(n / 3) * DAY;
    await write({ accountId: n % 3 === 0 ? bob : ada, cost: BigInt(n) });
  }
  admin.time.now = NOON;
});
afterAll(() => engine.close());

async function write(fields: Partial<Entry>): Promise<Entry> {
  const at = admin.clock();
  const entry: Entry = {
    requestId: admin.ids('req'),
    accountId: ada,
    groupId: null,
    userId: null,
    model: 'claude',
    target: 'us.anthropic.claude',
    usage: { input: 10, output: 20, cacheRead: 0, cacheWrite5m: 3, cacheWrite1h: 0 },
    rates: { input: 3_000_000n, output: 15_000_000n, cacheWrite5m: 3_750_000n },
    cost: 1n,
    status: 'succeeded',
    error: null,
    isEstimated: false,
    isRepair: false,
    isCorrection: false,
    isStream: true,
    priceVersion: '2026-11-01',
    month: new Date(at).toISOString().slice(0, 7),
    latencyMs: 1200,
    firstTokenMs: 300,
    at,
    ...fields,
  };
  if (entry.isCorrection) await admin.journal.correct(entry);
  else await admin.journal.write(entry);
  written.push(entry);
  return entry;
}

const ask = (query: Record<string, string>) => admin.ask('GET', `/admin/v1/journal?${new URLSearchParams(query)}`);

async function all(query: Record<string, string>) {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, json, text } = await ask({ ...query, ...(cursor && { cursor }) });
    if (status !== 200) throw new Error(text);
    expect(json.items.length).toBeLessThanOrEqual(Number(query.limit ?? 50));
    found.push(...json.items.map(({ requestId }) => requestId));
    cursor = json.nextCursor;
  }
  return found;
}

const newestFirst = (matches: (entry: Entry) => boolean) =>
  written
    .filter(matches)
    .map(({ requestId }) => requestId)
    .sort()
    .reverse();

test('an entry shows what was called and what it cost', async () => {
  const { requestId } = await write({ accountId: bob, cost: 10_500_000_001n, at: NOON + 1 });
  const { json } = await ask({ keyId: bob, limit: '1' });
  expect(json.items[0]).toEqual({
    requestId,
    keyId: bob,
    keyName: 'Bob',
    groupId: null,
    userId: null,
    model: 'claude',
    target: 'us.anthropic.claude',
    usage: { input: 10, output: 20, cacheRead: 0, cacheWrite5m: 3, cacheWrite1h: 0 },
    rates: { input: '3', output: '15', cacheWrite5m: '3.75' },
    cost: '0.010500000001',
    status: 'succeeded',
    error: null,
    estimated: false,
    correction: false,
    stream: true,
    latencyMs: 1200,
    firstTokenMs: 300,
    at: '2026-11-15T12:00:00.001Z',
    priceVersion: '2026-11-01',
  });
});

test('an estimate and its correction are two entries, the later one first', async () => {
  const { id } = await admin.makeKey({ name: 'Eve' });
  const estimate = {
    status: 'failed',
    error: 'abandoned',
    isEstimated: true,
    latencyMs: null,
    firstTokenMs: null,
    priceVersion: null,
  } as const;
  const { requestId } = await write({ ...estimate, accountId: id, cost: 100n });
  await write({ requestId, accountId: id, cost: -40n, isCorrection: true });
  written.splice(-2);
  for (const query of [{ keyId: id }, {}] as Record<string, string>[]) {
    const { json } = await ask({ ...query, limit: '200' });
    const entries = json.items.filter((entry) => entry.requestId === requestId);
    expect(entries).toMatchObject([
      { cost: '-0.00000000004', correction: true, estimated: false },
      {
        cost: '0.0000000001',
        correction: false,
        estimated: true,
        status: 'failed',
        error: 'abandoned',
        latencyMs: null,
        firstTokenMs: null,
      },
    ]);
  }
  const pages = [await all({ keyId: id, limit: '1' })];
  expect(pages).toEqual([[requestId, requestId]]);
  await admin.ask('DELETE', `/admin/v1/keys/${id}`);
});

describe('a page', () => {
  test.each(['1', '7', '50', '200'])('of %s: all of a key, newest first, none twice and none missing', async (limit) => {
    expect(await all({ keyId: ada, limit })).toEqual(newestFirst(({ accountId }) => accountId === ada));
  });

  test.each(['7', '50', '200'])('of %s: all of every key, over the turn of the month', async (limit) => {
    const ours = newestFirst(() => true);
    const found = (await all({ limit })).filter((id) => ours.includes(id));
    expect(found).toEqual(ours);
  });

  test('that follows knows its question, and entries written meanwhile do not move it', async () => {
    const first = await ask({ keyId: bob, from: '2026-10-20', to: '2026-11-10', limit: '5' });
    await write({ accountId: bob });
    const next = await ask({ cursor: first.json.nextCursor!, limit: '200' });
    const expected = newestFirst(({ accountId, at }) => accountId === bob && at >= Date.UTC(2026, 9, 20) && at < Date.UTC(2026, 10, 11));
    expect([...first.json.items, ...next.json.items].map(({ requestId }) => requestId)).toEqual(expected);
  });
});

describe('from and to', () => {
  test.each([
    ['2026-11-01', '2026-11-03', Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 4)],
    ['2026-11-01T12:00:00Z', '2026-11-03T12:00:00Z', Date.UTC(2026, 10, 1, 12), Date.UTC(2026, 10, 3, 12)],
    ['2026-11-01T20:00:00.001+08:00', '2026-11-04', Date.UTC(2026, 10, 1, 12, 0, 0, 1), Date.UTC(2026, 10, 5)],
    ['2026-10-30', '2026-11-02', Date.UTC(2026, 9, 30), Date.UTC(2026, 10, 3)],
    ['2026-11-03', '2026-11-03', Date.UTC(2026, 10, 3), Date.UTC(2026, 10, 4)],
    ['2026-11-03T12:00:00Z', '2026-11-03T12:00:00Z', 0, 0],
    ['2025-01-01', '2025-12-31', 0, 0],
    ['2099-01-01', '2099-12-31', 0, 0],
    ['1970-01-01', '1970-01-02', 0, 0],
  ])('%s to %s', async (from, to, start, end) => {
    for (const keyId of [ada, undefined]) {
      const isAsked = ({ accountId, at }: Entry) => (keyId ?? accountId) === accountId && at >= start && at < end;
      expect(await all({ from, to, limit: '4', ...(keyId && { keyId }) })).toEqual(newestFirst(isAsked));
    }
  });

  test('without from, thirteen months', async () => {
    const { time } = admin;
    const { id } = await admin.makeKey();
    for (const now of [Date.UTC(2025, 8, 30), Date.UTC(2025, 9, 1), Date.UTC(2026, 0, 1)]) {
      time.now = now;
      await write({ accountId: id });
      written.pop();
    }
    time.now = NOON;
    expect((await ask({ keyId: id })).json.items).toHaveLength(2);
    expect((await ask({ keyId: id, from: '2020-01-01' })).json.items).toHaveLength(3);
  });

  test('a year 9999 is not walked to month by month', async () => {
    const { status, json } = await ask({ from: '2026-11-01', to: '9999-12-31', limit: '1' });
    expect(status).toBe(200);
    expect(json.items).toHaveLength(1);
  });
});

describe('a question that is not one', () => {
  const forged = (position: object) =>
    Buffer.from(JSON.stringify({ list: 'journal', from: 0, to: NOON, ...position })).toString('base64url');
  const after = firstIdAt('req', NOON - DAY);
  const keyId = `key_${'0'.repeat(22)}`;
  test.each([
    [{ keyId: 'x' }, 'keyId'],
    [{ keyId: '' }, 'keyId'],
    [{ keyId: 'x'.repeat(5000) }, 'keyId'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-11-02', to: '2026-11-01' }, 'to'],
    [{ from: '2026-11-02T12:00:00Z', to: '2026-11-02T11:59:59Z' }, 'to'],
    [{ to: '2026-11-01T00:00:00' }, 'to'],
    [{ from: '2020-01-01' }, 'from'],
    [{ limit: '500' }, 'limit'],
    [{ keyID: keyId }, 'keyID'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: forged({ keyId, after: 'req_x' }) }, 'cursor'],
    [{ cursor: forged({ keyId, after: `req_${'z'.repeat(22)}` }) }, 'cursor'],
    [{ cursor: forged({ keyId, from: NOON, after }) }, 'cursor'],
    [{ cursor: forged({ keyId, to: 9e15, after: firstIdAt('req', 8e14) }) }, 'cursor'],
    [{ cursor: forged({ keyId: 7, after }) }, 'cursor'],
    [{ cursor: forged({ keyId: 'x'.repeat(5000), after }) }, 'cursor'],
    [{ cursor: forged({ after }) }, 'cursor'],
    [{ cursor: forged({ keyId, after }), keyId: `key_${'1'.repeat(22)}` }, 'cursor'],
    [{ cursor: forged({ keyId, after }), from: '2026-11-01' }, 'cursor'],
    [{ cursor: forged({ keyId, after }), to: '2026-10-01' }, 'cursor'],
  ])('%j is refused', async (query, path) => {
    const { status, json } = await ask(query as Record<string, string>);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ path }] });
  });
});

describe('a search', () => {
  let found: Record<'user' | 'group' | 'tagged' | 'failed' | 'other', Entry>;
  const search = async (query: string): Promise<{ items: { requestId: string }[]; nextCursor: string | null }> => {
    const { status, json } = await admin.ask('GET', `/admin/v1/journal?${query}`);
    expect(status).toBe(200);
    return json;
  };
  const idsOf = async (query: string): Promise<string[]> => (await search(query)).items.map(({ requestId }) => requestId);
  const [userId, groupId] = [`usr_${'0'.repeat(22)}`, `grp_${'0'.repeat(22)}`];

  beforeAll(async () => {
    admin.time.now = NOON - 20 * DAY + 1_000;
    found = {
      user: await write({ userId, accountId: bob }),
      group: await write({ groupId, accountId: bob }),
      tagged: await write({ tags: ['red', 'blue'] }),
      failed: await write({ status: 'cancelled' }),
      other: await write({ model: 'another model' }),
    };
    admin.time.now = NOON;
  });

  test.each([
    ['a user', (): string => `userId=${userId}`, 'user'],
    ['a group', (): string => `groupId=${groupId}`, 'group'],
    ['a tag', (): string => 'tag=blue', 'tagged'],
    ['a status', (): string => 'status=cancelled', 'failed'],
    ['a model', (): string => 'model=another+model', 'other'],
    ['a model of a key', (): string => `model=another+model&keyId=${ada}`, 'other'],
    ['a request', (): string => `requestId=${found.failed.requestId}`, 'failed'],
    ['a request of a key', (): string => `requestId=${found.user.requestId}&keyId=${bob}`, 'user'],
  ] as const)('for %s finds what is of it', async (_what, query, name) => {
    expect(await idsOf(query())).toEqual([found[name].requestId]);
  });

  test('for two things finds what is of both', async () => {
    expect(await idsOf(`userId=${userId}&model=claude`)).toEqual([found.user.requestId]);
    expect(await idsOf(`userId=${userId}&keyId=${ada}`)).toEqual([]);
    expect(await idsOf(`requestId=${found.failed.requestId}&to=2026-01-01`)).toEqual([]);
  });

  test('goes on with its cursor, which keeps what was asked', async () => {
    const first = await search(`model=claude&keyId=${bob}&limit=10`);
    const ids = first.items.map(({ requestId }) => requestId);
    for (let cursor = first.nextCursor; cursor; ) {
      const { items, nextCursor } = await search(`limit=10&cursor=${cursor}`);
      ids.push(...items.map(({ requestId }) => requestId));
      cursor = nextCursor;
    }
    const all = written.filter(({ accountId, model }) => accountId === bob && model === 'claude').map(({ requestId }) => requestId);
    expect(ids).toEqual(all.sort().reverse());
    expect((await admin.ask('GET', `/admin/v1/journal?model=another&cursor=${first.nextCursor}`)).status).toBe(400);
  });

  test.each(['userId=key_1', 'groupId=x', 'model=', 'status=odd', 'requestId=1'])('for %s is refused by name', async (query) => {
    const { status, json } = await admin.ask('GET', `/admin/v1/journal?${query}`);
    expect([status, JSON.stringify(json.errors)]).toEqual([400, expect.stringContaining(query.split('=')[0]!)]);
  });
});
