// Statements over the admin API: grouping, filters, pages, CSV, the forecast, and making them again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textCell } from '../../functions/admin/native/statement-csv.ts';
import type { Entry } from '../../functions/core/ledger/journal.ts';
import { type AdminGateway, createAdmin, NOON } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { entryAt, lateEntries } from '../support/entries.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USD = 10n ** 12n;
let engine: TestEngine;
let admin: AdminGateway;
let ada: string;
let bob: string;
let team: string;
let person: string;

beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  ada = (await admin.makeKey({ name: '=Ada' })).id;
  bob = (await admin.makeKey({ name: 'Bob, "the" builder' })).id;
  team = (await admin.ask('POST', '/admin/v1/groups', { name: 'Team' })).json.id;
  person = (await admin.ask('POST', '/admin/v1/users', { name: 'Person' })).json.id;
  const entries: Entry[] = [
    entryAt(NOON - 20 * DAY, { accountId: ada, cost: 5n * USD }),
    entryAt(NOON - 3 * DAY, { accountId: ada, cost: 1n * USD, tags: ['red'], latencyMs: 80, groupId: team }),
    entryAt(NOON - 2 * DAY, { accountId: ada, model: 'n', cost: 2n * USD, tags: ['red', '=cmd'], latencyMs: 900 }),
    entryAt(NOON - 2 * HOUR, { accountId: bob, userId: person, cost: 3n * USD, status: 'failed', error: 'model_error', latencyMs: 4_000 }),
    ...lateEntries(NOON - HOUR, { accountId: bob, groupId: team, tags: ['red'] }),
  ];
  for (const entry of entries) await (entry.isCorrection ? admin.journal.correct(entry) : admin.journal.write(entry));
  await admin.books.rebuild.bring(entries);
});
afterAll(() => engine.close());

type Row = { group: string | null; name: string | null; total: Record<string, unknown>; periods: Record<string, unknown>[] };
const read = async (query: string) => {
  const { status, json, text } = await admin.ask('GET', `/admin/v1/statements${query}`);
  expect(status, text).toBe(200);
  return json as unknown as { items: Row[]; nextCursor: string | null };
};

test('the month so far, by day', async () => {
  const { items } = await read('');
  expect(items).toHaveLength(1);
  const [{ group, total, periods }] = items as [Row];
  expect(group).toBeNull();
  expect(total).toMatchObject({ requests: 4, errors: 1, cost: '6.000000000006', tokens: { input: 12, output: 8 } });
  expect(periods.map(({ period, cost }) => [period, cost])).toEqual([
    ['2026-11-12', '1'],
    ['2026-11-13', '2'],
    ['2026-11-15', '3.000000000006'],
  ]);
  expect(total.latencyMs).toEqual({ mean: 1275, p50: 200, p95: 4_000, p99: 4_000, max: 4_000 });
});

describe('grouped', () => {
  test('by key, with names, in pages that leave nothing out', async () => {
    const { items } = await read('?groupBy=key&from=2026-10-01&granularity=month');
    expect(items.map(({ group, name, total }) => [group, name, total.cost])).toEqual(
      [
        [ada, '=Ada', '8'],
        [bob, 'Bob, "the" builder', '3.000000000006'],
      ].sort(),
    );
    const first = await read('?groupBy=key&limit=1');
    const second = await read(`?groupBy=key&limit=1&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ group }) => group)).toEqual([ada, bob].sort());
    expect(second.nextCursor).toBeNull();
  });

  test('by group and by user, with names; of one of them', async () => {
    const told = async (query: string) => (await read(query)).items.map(({ group, name, total }) => [group, name, total.cost]);
    expect(await told('?groupBy=group')).toEqual([[team, 'Team', '1.000000000006']]);
    expect(await told('?groupBy=user')).toEqual([[person, 'Person', '3']]);
    expect(await told(`?groupId=${team}&groupBy=model`)).toEqual([['m', null, '1.000000000006']]);
    expect(await told(`?userId=${person}`)).toEqual([[null, null, '3']]);
  });

  test('by tag and by model, of one key or tag', async () => {
    expect((await read('?groupBy=tag')).items.map(({ group, total }) => [group, total.requests])).toEqual([
      ['=cmd', 1],
      ['red', 3],
    ]);
    expect((await read(`?groupBy=model&keyId=${ada}`)).items.map(({ group, total }) => [group, total.cost])).toEqual([
      ['m', '1'],
      ['n', '2'],
    ]);
    expect((await read('?tag=red&model=m&granularity=hour')).items[0]!.periods.map(({ period }) => period)).toEqual([
      '2026-11-12T12',
      '2026-11-15T11',
    ]);
    expect((await read('?tag=nobody')).items[0]).toMatchObject({ total: { requests: 0, cost: '0' }, periods: [] });
  });
});

test.each([
  ['two subjects', '?tag=a&keyId=key_0Q2yYd7RkWcXn4uTfJb1Zs', 'keyId'],
  ['a key grouped by tag', '?groupBy=tag&keyId=key_0Q2yYd7RkWcXn4uTfJb1Zs', 'groupBy'],
  ['too many hours', '?granularity=hour&from=2026-01-01', 'from'],
  ['the end before the beginning', '?from=2026-11-10&to=2026-11-01', 'to'],
  ['an unknown grouping', '?groupBy=colour', 'groupBy'],
  ['a cursor of nowhere', '?cursor=abc', 'cursor'],
])('%s is refused by name', async (_what, query, param) => {
  const { status, json } = await admin.ask('GET', `/admin/v1/statements${query}`);
  expect(status).toBe(400);
  expect(JSON.stringify(json.errors)).toContain(param);
});

test('as CSV: one header, every group, and nothing that a spreadsheet would run', async () => {
  const { text, headers } = await admin.ask('GET', '/admin/v1/statements.csv?groupBy=key&granularity=month&from=2026-11-01');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('content-disposition')).toBe('attachment; filename="outcrop-key-2026-11-2026-11.csv"');
  const [header, ...lines] = text.trimEnd().split('\r\n');
  expect(header).toBe(
    'period,group,name,requests,errors,cancelled,estimated,cost_usd,input_tokens,output_tokens,cache_read_tokens,cache_write_5m_tokens,cache_write_1h_tokens,latency_mean_ms,latency_p50_ms,latency_p95_ms,latency_p99_ms,latency_max_ms,first_token_mean_ms',
  );
  expect(lines.sort()).toEqual(
    [
      `2026-11,${ada},'=Ada,2,0,0,0,3,6,4,0,0,0,490,100,900,900,900,`,
      `2026-11,${bob},"Bob, ""the"" builder",2,1,0,0,3.000000000006,6,4,0,0,0,2060,200,4000,4000,4000,`,
    ].sort(),
  );
});

test('as CSV of more groups than one answer has: parts that can be put behind one another', async () => {
  const gateway = createAdmin(createMemoryStore());
  const entries = Array.from({ length: 501 }, (_, number) =>
    entryAt(NOON - 1_000, { accountId: `key_${String(number).padStart(22, '0')}` }),
  );
  for (const entry of entries) await gateway.journal.write(entry);
  await gateway.books.rebuild.bring(entries);
  const path = '/admin/v1/statements.csv?groupBy=key&granularity=month';
  const first = await gateway.ask('GET', path);
  const second = await gateway.ask('GET', `${path}&cursor=${first.headers.get('x-outcrop-next-cursor')}`);
  expect(second.headers.get('x-outcrop-next-cursor')).toBeNull();
  const lines = (first.text + second.text).trimEnd().split('\r\n');
  expect(lines.slice(1).map((line) => line.split(',')[1])).toEqual(entries.map(({ accountId }) => accountId));
});

test.each([
  ['=1+1', "'=1+1"],
  ['+49', "'+49"],
  ['-x', "'-x"],
  ['@me', "'@me"],
  [' =1', "' =1"],
  ['=a,"b"', '"\'=a,""b"""'],
  ['plain', 'plain'],
])('the cell %s is written as %s', (text, cell) => {
  expect(textCell(text)).toBe(cell);
});

test('the forecast is the month to date and the pace of the last seven days for the rest of it', async () => {
  const { json } = await admin.ask('GET', '/admin/v1/statements/forecast');
  // 6.000000000006 USD in the 72 hours since the first of them, 15.5 days left: 6.000000000006 × 372 / 72.
  expect(json).toEqual({
    month: '2026-11',
    monthToDate: '6.000000000006',
    forecast: '37.000000000037',
    recent: { cost: '6.000000000006', hours: 72 },
  });
  expect((await admin.ask('GET', `/admin/v1/statements/forecast?keyId=${bob}`)).json).toMatchObject({ recent: { hours: 24 } });
});

test('made again from the journal they are the same', async () => {
  const before = await read('?groupBy=key&from=2026-10-01');
  expect((await admin.ask('GET', '/admin/v1/statements/rebuild')).json).toMatchObject({ state: 'never' });
  const { status, json } = await admin.ask('POST', '/admin/v1/statements/rebuild');
  expect(status).toBe(202);
  expect(json).toMatchObject({ state: 'running', read: 0, at: '2026-01' });
  while (await admin.books.rebuild.step());
  expect((await admin.ask('GET', '/admin/v1/statements/rebuild')).json).toMatchObject({ state: 'done', at: null });
  expect(await read('?groupBy=key&from=2026-10-01')).toEqual(before);
});

test.each(['day', 'month', 'hour'])('the end of the calendar ends a question, by %s', async (granularity) => {
  const { status, json } = await admin.ask('GET', `/admin/v1/statements?from=9999-12-30&to=9999-12-31&granularity=${granularity}`);
  expect([status, json.items]).toEqual([200, [expect.objectContaining({ periods: [] })]]);
});
