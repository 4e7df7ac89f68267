// Many keys at once: from JSON or a table, all found right before one is made; and out again as a table.
import { beforeEach, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const BULK = '/admin/v1/keys/bulk';
type Row = { row: number; key: { id: string; name: string; secret: string | null } | null; error: object | null };
let admin: AdminGateway;
beforeEach(() => {
  admin = createAdmin(createMemoryStore());
});
const rowsOf = (answer: { json: unknown }) => (answer.json as { items: Row[] }).items;
const count = async () => (await admin.ask('GET', '/admin/v1/keys?limit=200')).json.items.length;

test('a list makes a key for each row, whose secret works', async () => {
  const made = await admin.ask('POST', BULK, {
    keys: [
      { name: 'a', balance: '5' },
      { name: 'b', secret: 'br-chosen-in-a-list-1' },
    ],
  });
  expect(made.status).toBe(201);
  const rows = rowsOf(made);
  expect(rows.map(({ row, key, error }) => [row, key?.name, error])).toEqual([
    [1, 'a', null],
    [2, 'b', null],
  ]);
  for (const { key } of rows) {
    expect((await admin.ask('GET', '/me/key', undefined, { authorization: `Bearer ${key!.secret}` })).json.id).toBe(key!.id);
  }
});

test('a table does the same, and takes what was exported', async () => {
  await admin.makeKey({ name: '=1+1, "x"', email: 'a@example.com', tags: ['eu', 'prod'], monthlyBudget: '10', maxParallel: 3 });
  const table = (await admin.ask('GET', '/admin/v1/keys.csv')).text;
  expect(table.split('\r\n')[1]).toMatch(/^"'=1\+1, ""x""",a@example.com,user,10,,,,,,eu;prod,,3,false,,key_/);
  const made = await admin.ask('POST', BULK, table, { 'content-type': 'text/csv' });
  expect(made.status).toBe(201);
  expect(rowsOf(made)[0]!.key).toMatchObject({ name: '=1+1, "x"', tags: ['eu', 'prod'], monthlyBudget: '10', maxParallel: 3 });
});

test.each<[string, unknown, string]>([
  ['a field', { keys: [{ name: 'a' }, { name: 'b', monthlyBudget: 'much' }] }, 'keys.1.monthlyBudget'],
  ['a group that is not there', { keys: [{ name: 'a' }, { name: 'b', groupId: 'grp_0000000000000000000000' }] }, 'keys.1.groupId'],
  ['an end that is over', { keys: [{ name: 'a' }, { name: 'b', expiresAt: '2020-01-01' }] }, 'keys.1.expiresAt'],
  ['nothing', { keys: [] }, 'keys'],
  ['a secret twice', { keys: [1, 2].map((number) => ({ name: `n${number}`, secret: 'br-chosen-in-a-list-2' })) }, 'keys'],
])('%s at fault is told by its row, and nothing is made', async (_what, body, path) => {
  const { status, json } = await admin.ask('POST', BULK, body);
  expect([status, json.errors]).toEqual([400, [{ path, message: expect.any(String) }]]);
  expect(await count()).toBe(0);
});

test.each(['name,nme\r\na,b\r\n', 'name\r\n"a\r\n', 'name,name\r\na,b\r\n', '', 'name\r\na,b\r\n'])(
  'the table %j is refused',
  async (table) => {
    expect((await admin.ask('POST', BULK, table, { 'content-type': 'text/csv' })).status).toBe(400);
    expect(await count()).toBe(0);
  },
);

test('a secret that is taken stops all of it', async () => {
  await admin.makeKey({ secret: 'br-chosen-in-a-list-3' });
  const { status } = await admin.ask('POST', BULK, { keys: [{ name: 'a' }, { name: 'b', secret: 'br-chosen-in-a-list-3' }] });
  expect([status, await count()]).toEqual([409, 1]);
});

test('the same rows under the same key are made once, others are refused', async () => {
  const headers = { 'idempotency-key': 'bulk-1' };
  const first = await admin.ask('POST', BULK, { keys: [{ name: 'a' }, { name: 'b' }] }, headers);
  const again = await admin.ask('POST', BULK, { keys: [{ name: 'a' }, { name: 'b' }] }, headers);
  expect(rowsOf(again)).toEqual(rowsOf(first).map((row) => ({ ...row, key: { ...row.key, secret: null } })));
  expect((await admin.ask('POST', BULK, { keys: [{ name: 'c' }] }, headers)).status).toBe(409);
  expect(await count()).toBe(2);
});

test('the export goes on page by page, with one line of names', async () => {
  for (const name of ['a', 'b', 'c']) await admin.makeKey({ name, tags: ['t'] });
  await admin.makeKey({ name: 'other' });
  let text = '';
  for (let cursor: string | null = '', pages = 0; cursor !== null; pages += 1) {
    const page = await admin.ask('GET', `/admin/v1/keys.csv?${cursor === '' ? 'tag=t&sort=name&limit=2' : `limit=2&cursor=${cursor}`}`);
    expect(page.headers.get('content-type')).toContain('text/csv');
    text += page.text;
    cursor = page.headers.get('x-outcrop-next-cursor');
    expect(pages).toBeLessThan(3);
  }
  expect(
    text
      .trim()
      .split('\r\n')
      .map((line) => line.split(',')[0]),
  ).toEqual(['name', 'a', 'b', 'c']);
});
