// Keys over the interface of the connector and BRProxy: literal shapes, worked examples of money, who may, and what is no fault any more.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin, MASTER_KEY } from '../../support/admin.ts';
import { createConnector } from '../../support/connector.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
let connector: ReturnType<typeof createConnector>;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  connector = createConnector(admin);
});
afterAll(() => engine.close());

type Row = { id: number; api_key: string; name: string } & Record<string, string | number | null>;
type Page = { items: Row[]; total: string; limit: number; offset: number };

const apply = async (fields: object = {}): Promise<Row> => (await connector.post('/admin/api-key/apply', { name: 'jack', ...fields })).data;
const list = async (query = ''): Promise<Page> => (await connector.get(`/admin/api-key/list${query}`)).data;
const detail = async (id: number): Promise<Row> => (await connector.get(`/admin/api-key/detail/${id}`)).data;
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test('a fresh system lists nothing to the bootstrap key, in the envelope, and the total is a text', async () => {
  const { status, text } = await connector.get('/admin/api-key/list');
  expect([status, text]).toEqual([200, '{"success":true,"data":{"items":[],"total":"0","limit":20,"offset":0}}']);
});

test('the first administrator is made as in the readme, without a group that is there', async () => {
  const asked = { name: 'adminuser', group_id: 1, role: 'admin', email: '', month_quota: '20' };
  const { status, data } = await connector.post('/admin/api-key/apply', asked);
  expect([status, data]).toEqual([
    200,
    {
      id: 1,
      name: 'adminuser',
      email: '',
      api_key: expect.stringMatching(/^br-[0-9A-Za-z]{29}$/),
      role: 'admin',
      month_quota: '20.0000000000',
      balance: '0.0000000000',
    },
  ]);
  const { api_key: secret } = data as Row;
  expect((await connector.get('/admin/api-key/list', secret)).data).toMatchObject({ total: '1', items: [{ id: 1, name: 'adminuser' }] });
});

test('a row has every field of the older systems, and the secret is never shown again', async () => {
  const { id, api_key: secret } = await apply({ month_quota: 1.0, balance: '0.23' });
  expect(await connector.spend(id, '0.000018')).toBe('admitted');
  const row = {
    id,
    group_id: 0,
    api_key: `${secret.slice(0, 4)}…${secret.slice(-4)}`,
    name: 'jack',
    email: '',
    role: 'user',
    total_fee: '0.0000180000',
    balance: '0.2300000000',
    month_fee: '0.0000180000',
    month_quota: '1.0000000000',
    created_at: ISO,
    updated_at: ISO,
    group_name: null,
  };
  expect(await detail(id)).toEqual(row);
  const listed = await connector.get('/admin/api-key/list');
  expect((listed.data as Page).items[0]).toEqual(row);
  expect(listed.text).not.toContain(secret);
});

test.each([['20'], [20], [20.0], ['20.00'], [' 20 ']])('a quota of %j is 20 dollars', async (quota) => {
  expect((await apply({ month_quota: quota })).month_quota).toBe('20.0000000000');
});

describe('what is refused', () => {
  const REFUSED: [what: string, path: string, body: unknown, status: number, text: string][] = [
    ['a key without a name', 'apply', { month_quota: 1 }, 400, 'name is required'],
    ['a key with an empty name', 'apply', { name: ' ' }, 400, 'name is required'],
    ['an unknown group', 'apply', { name: 'x', group_id: 99 }, 400, 'group_id is invalid'],
    ['a change of no key', 'update', { name: 'x' }, 400, 'id is required'],
    ['a change of an unknown key', 'update', { id: 999, name: 'x' }, 404, 'id is invalid'],
    ['an injection for an id', 'update', { id: '1 OR 1=1' }, 400, 'id is invalid'],
    ['a recharge of no key', 'recharge', { balance: 1 }, 400, 'api_key or id is required'],
    ['a recharge of an unknown key', 'recharge', { api_key: 'br-nobody', balance: 1 }, 404, 'api_key or id is invalid'],
    ['a recharge of an unknown number', 'recharge', { id: 999, balance: 1 }, 404, 'api_key or id is invalid'],
    ['a recharge of nothing', 'recharge', { id: 1 }, 400, 'balance is required'],
    ['a recharge of 0', 'recharge', { id: 1, balance: 0 }, 400, 'balance is required'],
    ['a recharge of less than nothing', 'recharge', { id: 1, balance: '-5' }, 400, 'balance is required'],
    ['a deletion of no key', 'delete', {}, 400, 'api_key or id is required'],
  ];
  test.each(REFUSED)('%s', async (_what, path, body, status, text) => {
    const answer = await connector.post(`/admin/api-key/${path}`, body);
    expect(answer).toMatchObject({ status, success: false, data: text });
    expect(JSON.parse(answer.text).error).toMatchObject({ message: text, http_status: status, request_id: expect.stringMatching(/^req_/) });
  });

  test('an unknown number is nothing in detail, and no failure', async () => {
    for (const id of ['999', '0', '-1', 'x', '1e3000', "1'--"]) {
      expect(await connector.get(`/admin/api-key/detail/${encodeURIComponent(id)}`)).toMatchObject({
        status: 200,
        success: true,
        data: null,
      });
    }
  });

  test('who may not, in the words of the older systems and with a true status', async () => {
    const { api_key: user } = await apply();
    const said = async (secret: string) => {
      const { status, success, data } = await connector.get('/admin/api-key/list', secret);
      return [status, success, data];
    };
    expect(await said(user)).toEqual([403, false, 'Unauthorized: you are not an admin role.']);
    expect(await said('')).toEqual([401, false, 'Unauthorized: api key required']);
    expect(await said('br-unknown')).toEqual([401, false, 'Unauthorized: api key error']);
  });

  test('x-api-key wins over a bearer token', async () => {
    const { api_key: user } = await apply();
    expect((await admin.ask('GET', '/admin/api-key/list', undefined, { 'x-api-key': user })).status).toBe(403);
    const both = { 'x-api-key': MASTER_KEY, authorization: `Bearer ${user}` };
    expect((await admin.ask('GET', '/admin/api-key/list', undefined, both)).status).toBe(200);
  });
});

describe('a change', () => {
  test('changes what is named and leaves the rest, an address too', async () => {
    const { id, api_key: secret } = await apply({ name: '王小明', email: 'a@example.com', month_quota: 3, balance: 2 });
    const { data } = await connector.post('/admin/api-key/update', { id, month_quota: 0 });
    expect(data).toEqual({
      id,
      name: '王小明',
      email: 'a@example.com',
      api_key: `${secret.slice(0, 4)}…${secret.slice(-4)}`,
      role: 'user',
      month_quota: '0.0000000000',
      balance: '2.0000000000',
    });
    await connector.post('/admin/api-key/update', { id: String(id), email: 'b@example.com', role: 'admin', name: '李' });
    expect(await detail(id)).toMatchObject({ name: '李', email: 'b@example.com', role: 'admin', month_quota: '0.0000000000' });
  });

  test('is taken as a form as well', async () => {
    const { id } = await apply();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const { json } = await admin.ask('POST', '/admin/api-key/update', `id=${id}&name=form+name&month_quota=7`, form);
    expect(json).toMatchObject({ success: true, data: { name: 'form name', month_quota: '7.0000000000' } });
  });
});

describe('money, by the worked examples', () => {
  const moneyOf = async (id: number) => {
    const { month_fee, balance, total_fee } = await detail(id);
    return [month_fee, balance, total_fee];
  };

  test('quota first, then balance; a recharge; the next month; a lowered quota', async () => {
    const { id } = await apply({ month_quota: 1, balance: '0.23' });
    await connector.spend(id, '0.9');
    expect(await moneyOf(id)).toEqual(['0.9000000000', '0.2300000000', '0.9000000000']);
    await connector.spend(id, '0.2');
    expect(await moneyOf(id)).toEqual(['1.0000000000', '0.1300000000', '1.1000000000']);
    // No call is admitted that could cost more than there is; this one cost more than was held for it.
    expect(await connector.spend(id, '0.5')).not.toBe('admitted');
    await connector.spend(id, '0.5', '0.1');
    expect(await moneyOf(id)).toEqual(['1.0000000000', '-0.3700000000', '1.6000000000']);
    expect(await connector.spend(id, '0.000001')).not.toBe('admitted');
    const { data } = await connector.post('/admin/api-key/recharge', { id, balance: '0.40' });
    expect(data).toMatchObject({ id, balance: '0.0300000000' });
    admin.time.now += 30 * 86_400_000;
    expect(await connector.spend(id, '0.1')).toBe('admitted');
    expect(await moneyOf(id)).toEqual(['0.1000000000', '0.0300000000', '1.7000000000']);
    await connector.post('/admin/api-key/update', { id, month_quota: 0.05 });
    await connector.spend(id, '0.01');
    expect(await moneyOf(id)).toEqual(['0.1000000000', '0.0200000000', '1.7100000000']);
  });

  test('no quota and no balance is nothing to spend; a cent of balance is a cent', async () => {
    const { id } = await apply();
    expect(await connector.spend(id, '0.01')).not.toBe('admitted');
    await connector.post('/admin/api-key/recharge', { id, balance: 0.01 });
    expect(await connector.spend(id, '0.01')).toBe('admitted');
    expect(await moneyOf(id)).toEqual(['0.0000000000', '0.0000000000', '0.0100000000']);
  });

  test('recharges at the same time are all there, and an edit does not keep last month’s fee', async () => {
    const { id, api_key: secret } = await apply({ month_quota: 1 });
    await Promise.all(Array.from({ length: 5 }, () => connector.post('/admin/api-key/recharge', { api_key: secret, balance: '0.1' })));
    expect(await moneyOf(id)).toEqual(['0.0000000000', '0.5000000000', '0.0000000000']);
    await connector.spend(id, '1');
    admin.time.now += 31 * 86_400_000;
    await connector.post('/admin/api-key/update', { id, name: 'edited' });
    expect(await moneyOf(id)).toEqual(['0.0000000000', '0.5000000000', '1.0000000000']);
    expect(await connector.spend(id, '0.2')).toBe('admitted');
  });
});

describe('the list', () => {
  test('is searched by name or address, and its total does not depend on the page', async () => {
    for (const name of ['needle one', 'needle two', 'other']) await apply({ name, email: name === 'other' ? 'needle@example.com' : '' });
    const found = await list('?q=needle&limit=2');
    expect([found.total, found.limit, found.items.map(({ name }) => name)]).toEqual(['3', 2, ['other', 'needle two']]);
    const rest = await list('?q=needle&limit=2&offset=2');
    expect([rest.total, rest.offset, rest.items.map(({ name }) => name)]).toEqual(['3', 2, ['needle one']]);
    expect((await list('?name=needle')).total).toBe('0');
    expect((await list('?q=%27%20OR%201=1--')).total).toBe('0');
  });

  test('goes through all keys by offset, newest first, with numbers that keys of other interfaces get as well', async () => {
    admin.time.now += 1;
    const native = await admin.makeKey({ name: 'native' });
    const all = await list('?limit=200');
    expect(all.total).toBe(String(all.items.length));
    expect(all.items[0]).toMatchObject({ name: 'native', month_quota: null });
    expect(await connector.idOf(all.items[0]!.id)).toBe(native.id);
    const paged: Row[] = [];
    for (let offset = 0; offset < all.items.length; offset += 7) paged.push(...(await list(`?limit=7&offset=${offset}`)).items);
    expect(paged).toEqual(all.items);
    expect(new Set(paged.map(({ id }) => id)).size).toBe(paged.length);
    expect((await connector.get('/admin/api-key/list?offset=100001')).status).toBe(400);
    expect(await list('?limit=0&offset=x')).toMatchObject({ limit: 20, offset: 0 });
  });

  test('is in the order asked for, and an order that is none changes nothing', async () => {
    for (const quota of [1, 3, 2]) await apply({ name: `sorted ${quota}`, month_quota: quota });
    const names = async (order: string) => (await list(`?q=sorted&orderBy=${order}`)).items.map(({ name }) => name);
    expect(await names('quota-1')).toEqual(['sorted 3', 'sorted 2', 'sorted 1']);
    expect(await names('quota-0')).toEqual(['sorted 1', 'sorted 2', 'sorted 3']);
    expect(await names('name-0')).toEqual(['sorted 1', 'sorted 2', 'sorted 3']);
    expect(await names('id-0')).toEqual(['sorted 1', 'sorted 3', 'sorted 2']);
    for (const order of ['', 'id-1', 'id;drop table eiai_key', 'constructor-1']) {
      expect(await names(order)).toEqual(['sorted 2', 'sorted 3', 'sorted 1']);
    }
  });
});

test('two who see a key first at the same time give it one number', async () => {
  const { id } = await admin.makeKey();
  const item = await admin.keys.read(id);
  const numbers = await Promise.all(Array.from({ length: 4 }, () => admin.numbers.numberOf(item)));
  expect(new Set(numbers).size).toBe(1);
  expect(await admin.numbers.idOf('key', numbers[0]!)).toBe(id);
});

test('a deleted key is gone at once, by its secret or its number', async () => {
  const { id, api_key: secret } = await apply();
  expect(await connector.post('/admin/api-key/delete', { api_key: secret })).toMatchObject({ status: 200, data: true });
  expect(await connector.get('/user/api-key/mine', secret)).toMatchObject({ status: 401, data: 'Unauthorized: api key error' });
  expect(await detail(id)).toBeNull();
});

test('pages of any origin may call these paths, and no others', async () => {
  const ask = (path: string, method = 'OPTIONS') =>
    admin.app.request(`http://localhost${path}`, {
      method,
      headers: { origin: 'https://ui.example', 'access-control-request-method': 'POST' },
    });
  const preflight = await ask('/admin/api-key/list');
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  // A failure too can be read by the page.
  expect((await ask('/user/api-key/mine', 'GET')).headers.get('access-control-allow-origin')).toBe('*');
  for (const path of ['/admin/v1/keys', '/me/key']) expect((await ask(path)).headers.get('access-control-allow-origin')).toBeNull();
});
