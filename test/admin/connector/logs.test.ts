// Sessions, threads, payments and statistics over the interface of the connector and BRProxy: literal shapes, and nobody sees another's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { momentNumber, momentOf } from '../../../functions/admin/connector/moment-number.ts';
import { type AdminGateway, createAdmin, NOON } from '../../support/admin.ts';
import { createConnector } from '../../support/connector.ts';
import { createWorld, textsOf } from '../../support/conversation-world.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';

type Row = { id: number; key_id: number; session_id: number } & Record<string, unknown>;
type Page = { items: Row[]; total: string; limit: number; offset: number };
type Owner = { id: number; secret: string; session: Row; threads: Row[] };

let engine: TestEngine;
let admin: AdminGateway;
let connector: ReturnType<typeof createConnector>;
let ada: Owner;
let bob: Owner;

const pageOf = async (path: string, secret?: string): Promise<Page> => (await connector.get(path, secret)).data;
const rowOf = async (path: string, secret?: string): Promise<Row> => (await connector.get(path, secret)).data;
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  connector = createConnector(admin);
  const world = createWorld(engine.store, admin.blobs);
  const owner = async (name: string): Promise<Owner> => {
    const { id, api_key: secret } = (await connector.post('/admin/api-key/apply', { name })).data as { id: number; api_key: string };
    const keyId = await connector.idOf(id);
    const texts = textsOf(`Words of ${name}`);
    const said = {
      session: 'same',
      title: `Title of ${name}`,
      texts,
      prompt: `Words of ${name}`,
      rates: { input: 3_000_000n, output: 15_000_000n },
    };
    await world.log(keyId, said);
    await world.log(keyId, { ...said, isStream: false });
    await world.log(keyId, { prompt: 'alone', rates: null });
    admin.time.now = world.time.now;
    const session = (await pageOf(`/admin/session/list?key_id=${id}`)).items[0]!;
    return { id, secret, session, threads: (await pageOf(`/admin/thread/list?key_id=${id}`)).items };
  };
  ada = await owner('Ada');
  bob = await owner('Bob');
});
afterAll(() => engine.close());

test('a session has the fields of the older systems', async () => {
  expect(ada.session).toEqual({
    id: expect.any(Number),
    key: 'same',
    title: 'Title of Ada',
    key_id: ada.id,
    total_in_tokens: 28,
    total_out_tokens: 10,
    total_fee: '0.0002100000',
    currency: 'USD',
    created_at: ISO,
    updated_at: ISO,
  });
  expect(Number.isSafeInteger(ada.session.id)).toBe(true);
  expect(await rowOf(`/admin/session/detail/${ada.session.id}`)).toEqual(ada.session);
  expect(await rowOf(`/admin/session/detail?id=${ada.session.id}`)).toEqual(ada.session);
});

test('a thread has its list fields in a list and all of them in detail', async () => {
  const [alone, second, first] = ada.threads;
  const row = {
    id: expect.any(Number),
    prompt: '"Words of Ada"',
    completion: 'pong',
    session_id: ada.session.id,
    tokens_in: 14,
    tokens_out: 5,
    fee: '0.0001050000',
  };
  expect(ada.threads).toEqual([{ ...row, prompt: '"alone"', session_id: 0 }, row, row]);
  const detail = {
    ...first,
    whole_prompt: '[{"role":"user","content":"Words of Ada"}]',
    thread_type: 0,
    key_id: ada.id,
    model_id: null,
    session_key: 'same',
    price_in: '0.0000030000',
    price_out: '0.0000150000',
    currency: 'USD',
    invocation_latency: 20,
    first_byte_latency: 10,
    created_at: ISO,
    updated_at: ISO,
  };
  expect(await rowOf(`/admin/thread/detail/${first!.id}`)).toEqual(detail);
  expect(await rowOf(`/admin/thread/detail?id=${second!.id}`)).toMatchObject({ thread_type: 1 });
  expect(await rowOf(`/admin/thread/detail/${alone!.id}`)).toMatchObject({
    session_id: 0,
    session_key: null,
    price_in: '0.0000000000',
    whole_prompt: '[]',
  });
});

test('lists are newest first, inside a session oldest first, searched, paged and counted', async () => {
  const all = await pageOf('/admin/thread/list?limit=4');
  expect([all.total, all.items.map(({ id }) => id)]).toEqual(['6', [...bob.threads, ada.threads[0]].map((row) => row!.id)]);
  expect((await pageOf('/admin/thread/list?limit=4&offset=4')).items.map(({ id }) => id)).toEqual(ada.threads.slice(1).map(({ id }) => id));
  const inside = await pageOf(`/admin/thread/list?session_id=${ada.session.id}`);
  expect(inside.items).toEqual([ada.threads[2], ada.threads[1]]);
  expect((await pageOf('/admin/thread/list?q=of%20Bob')).total).toBe('2');
  expect((await pageOf('/admin/session/list?q=of%20Bob')).items).toEqual([bob.session]);
  expect((await pageOf('/admin/session/list?orderBy=id;drop')).items).toEqual([bob.session, ada.session]);
  for (const query of ['key_id=999', 'key_id=x', 'session_id=999', "session_id=1'--"]) {
    expect((await pageOf(`/admin/thread/list?${query}`)).total, query).toBe('0');
  }
});

describe('below /user', () => {
  test('everybody sees what is theirs and nothing else, whatever they ask for', async () => {
    for (const [own, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect((await pageOf('/user/session/list', own.secret)).items).toEqual([own.session]);
      expect((await pageOf('/user/thread/list', own.secret)).items).toEqual(own.threads);
      expect(await rowOf(`/user/session/detail/${own.session.id}`, own.secret)).toEqual(own.session);
      expect(await rowOf(`/user/thread/detail/${own.threads[1]!.id}`, own.secret)).toMatchObject(own.threads[1]!);
      // Asked for another's.
      for (const query of [`key_id=${other.id}`, 'key_id=0', `q=Words`]) {
        const { items } = await pageOf(`/user/thread/list?${query}`, own.secret);
        expect(items.every(({ id }) => own.threads.some((thread) => thread.id === id))).toBe(true);
      }
      expect((await pageOf(`/user/thread/list?session_id=${other.session.id}`, own.secret)).items).toEqual([]);
      const [session, thread] = [other.session.id, other.threads[1]!.id];
      for (const path of [`session/detail/${session}`, `session/detail?id=${session}`, 'session/detail/7']) {
        expect(await connector.get(`/user/${path}`, own.secret)).toMatchObject({
          status: 404,
          success: false,
          data: 'Unauthorized: not your session.',
        });
      }
      for (const path of [`thread/detail/${thread}`, `thread/detail?id=${thread}`, 'thread/detail/x']) {
        expect(await connector.get(`/user/${path}`, own.secret)).toMatchObject({
          status: 404,
          success: false,
          data: 'Unauthorized: not your thread.',
        });
      }
    }
  });

  test('the own key is shown without its secret, and the bootstrap key has none', async () => {
    const mine = await connector.get('/user/api-key/mine', ada.secret);
    expect(mine.data).toEqual(await rowOf(`/admin/api-key/detail/${ada.id}`));
    expect(mine.text).not.toContain(ada.secret);
    const { status, success, data } = await connector.get('/user/api-key/mine');
    expect([status, success, data]).toEqual([403, false, 'Please create an admin key via the API first.']);
  });
});

test('payments of a key are its own, newest first, by page, to the last digit', async () => {
  for (const balance of ['0.23', 1, '0.005']) await connector.post('/admin/api-key/recharge', { id: ada.id, balance });
  await connector.post('/admin/api-key/recharge', { api_key: bob.secret, balance: '7' });
  const { items, total } = await pageOf(`/admin/payment/list?key_id=${ada.id}&limit=2`);
  expect(items[0]).toEqual({ id: expect.any(Number), key_id: ada.id, fee: '0.005', created_at: ISO, updated_at: ISO });
  expect([total, items.map(({ fee }) => fee)]).toEqual(['3', ['0.005', '1.00']]);
  const rest = await pageOf(`/admin/payment/list?key_id=${ada.id}&limit=2&offset=2`);
  expect([rest.total, rest.items.map(({ fee }) => fee)]).toEqual(['3', ['0.23']]);
  expect((await pageOf(`/admin/payment/list?key_id=${ada.id}&offset=50`)).items).toEqual([]);
  const all = await pageOf('/admin/payment/list');
  expect([all.total, all.items[0]]).toMatchObject(['4', { key_id: bob.id, fee: '7.00' }]);
  expect(new Set(all.items.map(({ id }) => id)).size).toBe(4);
  expect((await pageOf('/admin/payment/list?key_id=999')).total).toBe('0');
  const fees = async (order: string) => (await pageOf(`/admin/payment/list?key_id=${ada.id}&orderBy=${encodeURIComponent(order)}`)).items;
  expect((await fees('fee desc')).map(({ fee }) => fee)).toEqual(['1.00', '0.23', '0.005']);
  expect((await fees('id asc')).map(({ fee }) => fee)).toEqual(['0.23', '1.00', '0.005']);
  for (const order of ['id desc', 'constructor asc', 'fee; drop table eiai_payment', '']) {
    expect((await fees(order)).map(({ fee }) => fee)).toEqual(['0.005', '1.00', '0.23']);
  }
  expect((await pageOf('/admin/payment/list?orderBy=fee')).items.map(({ fee }) => fee)).toEqual(['0.005', '0.23', '1.00', '7.00']);
});

test('statistics are the five numbers', async () => {
  await connector.post('/admin/api-key/recharge', { id: ada.id, balance: 10 });
  await connector.spend(ada.id, '1.13');
  admin.time.now += 31 * 86_400_000;
  await connector.spend(bob.id, '0.1');
  const { text } = await connector.get('/admin/statistics/total');
  const data = { count_key: 2, active_key: 2, active_key_this_month: 1, total_fee: 1.23, total_month_fee: 0 };
  expect(JSON.parse(text)).toEqual({ success: true, data });
});

test('a deleted key takes its sessions and threads with it', async () => {
  admin.time.now = NOON + 60_000;
  await connector.post('/admin/api-key/delete', { id: bob.id });
  expect((await pageOf('/admin/session/list')).items.map(({ id }) => id)).toEqual([ada.session.id]);
  expect((await pageOf('/admin/thread/list')).total).toBe('3');
  const { items, total } = await pageOf('/admin/payment/list');
  expect([total, items.every(({ key_id }) => key_id === ada.id)]).toEqual([String(items.length), true]);
});

test('numbers grow with time, are exact, and tell their moment', () => {
  const numbers = [NOON, NOON + 1, Date.UTC(2058, 0, 1)].map((at) => momentNumber(at, 'req_1'));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(numbers.every(Number.isSafeInteger)).toBe(true);
  expect(numbers.map(momentOf)).toEqual([NOON, NOON + 1, Date.UTC(2058, 0, 1)]);
});
