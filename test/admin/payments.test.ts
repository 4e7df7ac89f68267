// Payments over the admin API: recharges, corrections, the balance of a key, their history; who did it and why.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
});
afterAll(() => engine.close());

const pay = (id: string, body: unknown, headers: Record<string, string> = {}, what = 'payments') =>
  admin.ask('POST', `/admin/v1/accounts/${id}/${what}`, body, headers);
const historyOf = async (id: string) =>
  (await admin.ask('GET', `/admin/v1/accounts/${id}/payments`)).json.items as unknown as Record<string, unknown>[];

test('a recharge is answered with its author and reason, and may be spent', async () => {
  const { id } = await admin.makeKey({ balance: '1' });
  const { status, json } = await pay(id, { amount: '2.000000000001', reason: ' Invoice 7 ' });
  expect(status).toBe(201);
  expect(json).toEqual({
    id: expect.stringMatching(/^pay_/),
    accountId: id,
    kind: 'recharge',
    amount: '2.000000000001',
    reason: 'Invoice 7',
    author: 'master',
    at: expect.any(String),
  });
  expect(await admin.readKey(id)).toMatchObject({ balance: '3.000000000001', remaining: '3.000000000001' });
});

test('the author is the administrator whose key it was', async () => {
  const boss = await admin.makeKey({ role: 'admin' });
  const { id } = await admin.makeKey({ monthlyBudget: '1' });
  const { json } = await pay(id, { amount: 3 }, { authorization: `Bearer ${boss.secret}` });
  expect(json).toMatchObject({ author: boss.id, reason: null });
  expect(await admin.readKey(id)).toMatchObject({ balance: '3', remaining: '4' });
});

test('the same idempotency key is the same payment, another body under it a conflict', async () => {
  const { id } = await admin.makeKey({ balance: '0' });
  const key = { 'idempotency-key': 'invoice-1' };
  const first = await pay(id, { amount: '5' }, key);
  expect(await pay(id, { amount: '5.00' }, key)).toMatchObject({ status: 201, json: first.json });
  expect(await pay(id, { amount: '6' }, key)).toMatchObject({ status: 409, json: { code: 'conflict' } });
  expect(await pay(id, { amount: '5', reason: 'x' }, key, 'corrections')).toMatchObject({ status: 409 });
  const { id: other } = await admin.makeKey({ balance: '0' });
  expect((await pay(other, { amount: '6' }, key)).status).toBe(201);
  expect(await admin.readKey(id)).toMatchObject({ balance: '5' });
});

test('a correction has a reason, goes either way, and takes no more than is left', async () => {
  const { id } = await admin.makeKey({ balance: '5' });
  expect((await pay(id, { amount: '-1.5', reason: 'twice' }, {}, 'corrections')).json).toMatchObject({
    kind: 'correction',
    amount: '-1.5',
  });
  expect((await pay(id, { amount: 0.25, reason: 'too much' }, {}, 'corrections')).status).toBe(201);
  expect(await pay(id, { amount: '-3.76', reason: 'all' }, {}, 'corrections')).toMatchObject({
    status: 400,
    json: { detail: expect.stringContaining('3.75 USD are left') },
  });
  expect(await admin.readKey(id)).toMatchObject({ balance: '3.75' });
});

test.each<[string, unknown, string?]>([
  ['nothing', { amount: '0' }],
  ['less than nothing', { amount: '-1' }],
  ['no amount', {}],
  ['words', { amount: 'ten' }],
  ['an unknown property', { amount: '1', to: 'me' }],
  ['a line break', { amount: '1', reason: 'a\nb' }],
  ['a correction of nothing', { amount: '-0', reason: 'x' }, 'corrections'],
  ['a correction without a reason', { amount: '1' }, 'corrections'],
])('%s is refused, and changes nothing', async (_what, body, path) => {
  const { id } = await admin.makeKey({ balance: '1' });
  expect(await pay(id, body, {}, path)).toMatchObject({ status: 400, json: { errors: expect.anything() } });
  expect(await admin.readKey(id)).toMatchObject({ balance: '1' });
});

test('a key without any budget has nothing to recharge, and one that is not there is not found', async () => {
  const { id } = await admin.makeKey();
  expect(await pay(id, { amount: '1' })).toMatchObject({ status: 400 });
  expect(await pay(`key_${'0'.repeat(22)}`, { amount: '1' })).toMatchObject({ status: 404 });
  expect(await pay('nobody', { amount: '1' })).toMatchObject({ status: 404 });
});

describe('the balance of a key', () => {
  test('comes by a payment from the beginning, and a change of it is a correction with its author', async () => {
    const { id } = await admin.makeKey({ balance: '4' });
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, { balance: '2.5', name: 'renamed' });
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, { balance: '2.5' });
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, { balance: null, monthlyBudget: '1' });
    expect((await historyOf(id)).map(({ kind, amount, reason, author }) => ({ kind, amount, reason, author }))).toEqual([
      { kind: 'correction', amount: '-2.5', reason: 'set by a change of the account', author: 'master' },
      { kind: 'correction', amount: '-1.5', reason: 'set by a change of the account', author: 'master' },
      { kind: 'recharge', amount: '4', reason: 'opening balance', author: 'master' },
    ]);
    expect(await admin.readKey(id)).toMatchObject({ balance: null, monthlyBudget: '1', name: 'renamed' });
    expect((await admin.ask('GET', `/admin/v1/audit/${id}`)).json).toMatchObject({ isRight: true, payments: 1 });
  });
});

test('history comes in pages, newest first, and a cursor of another account is refused', async () => {
  const { id } = await admin.makeKey({ balance: '0' });
  for (const amount of ['1', '2', '3']) await pay(id, { amount });
  const path = `/admin/v1/accounts/${id}/payments?limit=2`;
  const first = (await admin.ask('GET', path)).json;
  const second = (await admin.ask('GET', `${path}&cursor=${first.nextCursor}`)).json;
  expect([...first.items, ...second.items].map((payment) => (payment as unknown as { amount: string }).amount)).toEqual(['3', '2', '1']);
  expect(second.nextCursor).toBeNull();
  const { id: other } = await admin.makeKey();
  expect((await admin.ask('GET', `/admin/v1/accounts/${other}/payments?cursor=${first.nextCursor}`)).status).toBe(400);
});

test('what drifted is shown, and set right on request', async () => {
  admin.time.now += 1_000;
  const { id } = await admin.makeKey({ monthlyBudget: '10' });
  const change = {
    update: 'SET #spent = #spent + :more',
    condition: 'attribute_exists(#spent)',
    names: { '#spent': 'spent' },
    values: { ':more': 10n ** 12n },
  };
  await engine.store.update({ table: 'accounts', pk: `KEY#${id}`, sk: 'ACCOUNT' }, change);
  const page = (await admin.ask('GET', '/admin/v1/audit?limit=1')).json;
  expect(page.items[0]).toMatchObject({ accountId: id, isRight: false });
  const drift = { counter: 'spent', counted: '1', booked: '0', difference: '1' };
  expect((await admin.ask('POST', `/admin/v1/audit/${id}/repair`)).json).toMatchObject({ drift: expect.arrayContaining([drift]) });
  expect(admin.logs.some((line) => line.includes('"author":"master"') && line.includes(id))).toBe(true);
  expect((await admin.ask('GET', `/admin/v1/audit/${id}`)).json).toMatchObject({ isRight: true, drift: [] });
  expect(await admin.readKey(id)).toMatchObject({ spent: { month: '0' } });
});

test.each(['groups', 'users'])('the balance of %s is its payments too, and none of their counters drift', async (kind) => {
  const { status, json: made } = await admin.ask('POST', `/admin/v1/${kind}`, { name: 'shared', balance: '5' });
  expect([status, made.balance]).toEqual([201, '5']);
  const id = String(made.id);
  expect((await historyOf(id)).map(({ amount, reason }) => [amount, reason])).toEqual([['5', 'opening balance']]);
  await pay(id, { amount: '2' });
  const { json: changed } = await admin.ask('PATCH', `/admin/v1/${kind}/${id}`, { balance: '1', monthlyBudget: '4' });
  expect(changed).toMatchObject({ balance: '1', monthlyBudget: '4', remaining: '5' });
  expect((await historyOf(id)).map(({ amount, kind: what }) => [what, amount])).toEqual([
    ['correction', '-6'],
    ['recharge', '2'],
    ['recharge', '5'],
  ]);
  expect((await admin.ask('GET', `/admin/v1/audit/${id}`)).json).toMatchObject({ isRight: true, payments: 3 });
  const { json: none } = await admin.ask('PATCH', `/admin/v1/${kind}/${id}`, { balance: null });
  expect(none).toMatchObject({ balance: null, remaining: '4' });
});

test('the audit goes over keys, then groups, then users, page by page', async () => {
  const seen: string[] = [];
  let query = '?limit=2';
  for (let cursor: string | null = ''; cursor !== null; query = `?limit=2&cursor=${cursor}`) {
    const { status, json } = await admin.ask('GET', `/admin/v1/audit${query}`);
    expect(status).toBe(200);
    const page = json as unknown as { items: { accountId: string; isRight: boolean }[]; nextCursor: string | null };
    expect(page.items.every(({ isRight }) => isRight)).toBe(true);
    seen.push(...page.items.map(({ accountId }) => accountId));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(seen.length);
  const order = seen.map((id) => ['key', 'grp', 'usr'].indexOf(id.slice(0, 3)));
  expect(order).toEqual(order.toSorted());
  expect(new Set(order).size).toBe(3);
});
