// Changing keys: limits and the money already spent, revoking and restoring, months.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatUsd, parseUsd } from '../../functions/core/platform/money.ts';
import { type AdminGateway, createAdmin, NOON } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
});
beforeEach(() => {
  admin = createAdmin(engine.store);
});
afterAll(() => engine.close());

const DECEMBER = Date.UTC(2026, 11, 1);
const usd = (text: string) => parseUsd(text)!;

async function change(id: string, body: unknown) {
  const { status, json, text } = await admin.ask('PATCH', `/admin/v1/keys/${id}`, body);
  if (status !== 200) throw new Error(text);
  return json as Record<string, unknown>;
}

async function admit(id: string, amount: string) {
  const request = {
    accountId: id,
    requestId: admin.ids('req'),
    amount: usd(amount),
    tokens: 0,
    smallestAmount: usd('1'),
    model: 'm',
    target: 't',
  };
  return admin.ledger.admit(request);
}

async function spend(id: string, cost: string) {
  const { hold, refusal } = await admit(id, cost);
  if (!hold) throw new Error(`refused: ${refusal.limit}`);
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const rest = { error: null, isEstimated: false, isStream: false, priceVersion: null, latencyMs: 1, firstTokenMs: 1, at: admin.clock() };
  await admin.ledger.settle(hold, { usage, cost: usd(cost), status: 'succeeded', ...rest });
}

describe('a change', () => {
  test('touches what it names and nothing else', async () => {
    const fields = {
      name: 'n',
      email: 'a@b.c',
      role: 'admin',
      tags: ['t'],
      models: ['m'],
      monthlyBudget: '1',
      balance: '2',
      maxParallel: 3,
    };
    const { secret, ...made } = await admin.makeKey({ ...fields, lifetimeBudget: '4', expiresAt: '2030-01-01T00:00:00Z' });
    admin.time.now += 5_000;
    const updatedAt = '2026-11-15T12:00:05.000Z';
    expect(await change(made.id, { name: 'other' })).toEqual({ ...made, name: 'other', updatedAt });
    expect(await change(made.id, { maxParallel: 9 })).toEqual({ ...made, name: 'other', maxParallel: 9, updatedAt });
    expect(await change(made.id, { lifetimeBudget: null, email: null })).toEqual({
      ...made,
      name: 'other',
      maxParallel: 9,
      lifetimeBudget: null,
      email: null,
      updatedAt,
    });
    expect(await admin.readKey(made.id)).toMatchObject({ name: 'other', maxParallel: 9, lifetimeBudget: null, email: null });
    expect((await admin.ask('GET', '/admin/v1/keys', undefined, { 'x-api-key': secret })).status).toBe(200);
  });

  test('of limits binds the very next call', async () => {
    const { id } = await admin.makeKey({ monthlyBudget: '10' });
    await spend(id, '4');
    await change(id, { monthlyBudget: '5' });
    expect(await admit(id, '1.000000000001')).toMatchObject({ refusal: { limit: 'money' } });
    expect(await admit(id, '1')).toMatchObject({ hold: { amount: usd('1') } });
    await change(id, { maxParallel: 0 });
    expect(await admit(id, '0')).toMatchObject({ refusal: { limit: 'parallel' } });
  });

  test('of budgets is exact to the last picodollar, whatever was spent', async () => {
    const { id } = await admin.makeKey({ monthlyBudget: '1', balance: '0.5' });
    await spend(id, '1.100000000001');
    expect(await admin.readKey(id)).toMatchObject({
      balance: '0.399999999999',
      remaining: '0.399999999999',
      spent: { month: '1.100000000001' },
    });
    expect(await change(id, { monthlyBudget: '0.25' })).toMatchObject({ balance: '0.399999999999', remaining: '0.399999999999' });
    expect(await change(id, { monthlyBudget: '2' })).toMatchObject({ balance: '0.5', remaining: '1.399999999999' });
    expect(await change(id, { balance: '7' })).toMatchObject({ balance: '7', remaining: '7.899999999999' });
    expect(await change(id, { monthlyBudget: null, balance: null })).toMatchObject({ balance: null, remaining: null });
  });

  test('of the balance sets what is left, while calls are under way', async () => {
    const { id } = await admin.makeKey({ balance: '10' });
    await spend(id, '4');
    await admit(id, '3');
    expect(await change(id, { balance: '8' })).toMatchObject({ balance: '8', remaining: '8', held: '3', spent: { month: '4' } });
    expect(await admit(id, '8.000000000001')).toMatchObject({ refusal: { limit: 'money', left: usd('8') } });
  });

  test('in a new month counts from a clean month', async () => {
    const { id } = await admin.makeKey({ monthlyBudget: '10', balance: '5' });
    await spend(id, '12');
    await admit(id, '1');
    admin.time.now = DECEMBER;
    const rolled = { spent: { month: '0', lifetime: '12' }, held: '1', balance: '2', remaining: '12' };
    expect(await admin.readKey(id)).toMatchObject(rolled);
    expect(await change(id, { name: 'x' })).toMatchObject(rolled);
    expect(await change(id, { monthlyBudget: '3' })).toMatchObject({ ...rolled, remaining: '5' });
    expect(await change(id, { balance: '1' })).toMatchObject({ balance: '1', remaining: '4' });
  });

  test('of the budget in a new month does not pay for the old one', async () => {
    const { id } = await admin.makeKey({ monthlyBudget: '10', balance: '5' });
    await spend(id, '12');
    admin.time.now = DECEMBER;
    expect(await change(id, { monthlyBudget: '20' })).toMatchObject({ balance: '3', remaining: '23' });
  });

  test('made by many at the same time loses none', async () => {
    const { id } = await admin.makeKey({ monthlyBudget: '100' });
    const changes = [
      { name: 'a name' },
      { email: 'x@y.z' },
      { tags: ['t'] },
      { balance: '3' },
      { maxParallel: 4 },
      { lifetimeBudget: '50' },
    ];
    await Promise.all([...changes.map((body) => change(id, body)), spend(id, '1'), spend(id, '2')]);
    expect(await admin.readKey(id)).toMatchObject({ ...Object.assign({}, ...changes), spent: { month: '3' }, held: '0', remaining: '47' });
  });

  test('and spending at the same time agree on what is left', async () => {
    const { id } = await admin.makeKey({ monthlyBudget: '10', balance: '10' });
    const budgets = ['1', '12', '3', '8', '10'];
    await Promise.all([
      ...Array.from({ length: 12 }, () => spend(id, '0.5').catch(() => undefined)),
      (async () => {
        for (const monthlyBudget of budgets) await change(id, { monthlyBudget });
      })(),
    ]);
    const view = (await admin.readKey(id)) as unknown as { spent: { month: string }; remaining: string; held: string };
    expect(view).toMatchObject({ monthlyBudget: '10', held: '0' });
    expect(formatUsd(usd(view.remaining) + usd(view.spent.month))).toBe('20');
  });
});

describe('revoking', () => {
  test('closes a key at once, and restoring opens it', async () => {
    const { id, secret } = await admin.makeKey({ role: 'admin' });
    const headers = { authorization: `Bearer ${secret}` };
    expect((await admin.ask('GET', '/admin/v1/keys', undefined, headers)).status).toBe(200);
    expect(await change(id, { revoked: true, revokedReason: 'left the team' })).toMatchObject({
      revoked: true,
      revokedAt: '2026-11-15T12:00:00.000Z',
      revokedReason: 'left the team',
    });
    expect((await admin.ask('GET', '/admin/v1/keys', undefined, headers)).json.code).toBe('key_revoked');
    expect(await admit(id, '1')).toMatchObject({ refusal: { limit: 'revoked', reason: 'left the team' } });
    expect(await change(id, { revoked: false })).toMatchObject({ revoked: false, revokedAt: null, revokedReason: null });
    expect((await admin.ask('GET', '/admin/v1/keys', undefined, headers)).status).toBe(200);
  });

  test('without a reason says who did it', async () => {
    const { id } = await admin.makeKey();
    expect(await change(id, { revoked: true })).toMatchObject({ revokedReason: 'revoked by an administrator' });
  });

  test('by an administrator is not undone by a new limit', async () => {
    const { id } = await admin.makeKey({ lifetimeBudget: '1', ttl: '2d' });
    await change(id, { revoked: true });
    expect(await change(id, { lifetimeBudget: '9', expiresAt: null })).toMatchObject({ revoked: true });
  });
});

describe('a lifetime budget that was reached', () => {
  async function reached() {
    const { id } = await admin.makeKey({ lifetimeBudget: '5' });
    await spend(id, '4.5');
    await admit(id, '1');
    expect(await admin.readKey(id)).toMatchObject({ revoked: true, revokedReason: 'lifetime budget reached' });
    return id;
  }

  test.each([
    ['raised', { lifetimeBudget: '20' }, false],
    ['removed', { lifetimeBudget: null }, false],
    ['lowered below what is spent', { lifetimeBudget: '3' }, true],
    ['set to exactly what is spent', { lifetimeBudget: '4.5' }, true],
    ['left alone while another limit is raised', { monthlyBudget: '20' }, true],
    ['raised while the key is revoked by hand', { lifetimeBudget: '20', revoked: true }, true],
  ])('%s', async (_what, body, revoked) => {
    const id = await reached();
    expect(await change(id, body)).toMatchObject({ revoked });
    if (!revoked) expect(await admit(id, '1')).toMatchObject({ hold: {} });
  });

  test('counts what was spent in months before', async () => {
    const id = await reached();
    admin.time.now = DECEMBER;
    expect(await change(id, { lifetimeBudget: '4' })).toMatchObject({ revoked: true });
    expect(await change(id, { lifetimeBudget: '6' })).toMatchObject({ revoked: false, remaining: '1.5' });
  });
});

describe('a key whose time is over', () => {
  async function expired() {
    const { id, secret } = await admin.makeKey({ ttl: '1h', role: 'admin' });
    admin.time.now = NOON + 3_600_000;
    return { id: id, secret: secret };
  }

  test('is shown as revoked, whether or not a call has found that out', async () => {
    const { id } = await expired();
    const view = { revoked: true, revokedReason: 'expired', revokedAt: '2026-11-15T13:00:00.000Z' };
    expect(await admin.readKey(id)).toMatchObject(view);
    await admit(id, '1');
    expect(await admin.readKey(id)).toMatchObject(view);
  });

  test.each([
    ['a later end', { expiresAt: '2026-12-01T00:00:00Z' }],
    ['no end', { expiresAt: null }],
    ['a ttl', { ttl: '1d' }],
    ['a later end and revoked: false', { ttl: '1d', revoked: false }],
  ])('opens again with %s', async (_what, body) => {
    for (const isFound of [false, true]) {
      admin.time.now = NOON;
      const { id, secret } = await expired();
      if (isFound) await admit(id, '1');
      expect(await change(id, body)).toMatchObject({ revoked: false, revokedReason: null });
      expect((await admin.ask('GET', '/admin/v1/keys', undefined, { 'x-api-key': secret })).status).toBe(200);
    }
  });

  test('is not restored by words alone', async () => {
    const { id } = await expired();
    const { status, json } = await admin.ask('PATCH', `/admin/v1/keys/${id}`, { revoked: false });
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ path: 'expiresAt' }] });
  });
});
