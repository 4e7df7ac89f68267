// The convertor's keys: the literal shapes, what 0 means, how a budget closes a key and a month opens it.
import { beforeEach, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin, NOON } from '../../support/admin.ts';
import { entryAt } from '../../support/entries.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const DAY = 86_400_000;
const USD = 10n ** 12n;
const PATH = '/api/keys';

let admin: AdminGateway;
beforeEach(() => {
  admin = createAdmin(createMemoryStore());
});

type ConvertorKey = Record<string, unknown> & { api_key: string; key_id: string };
const asked = async (method: string, path: string, body?: unknown) => {
  const { status, json, text } = await admin.ask(method, path, body);
  return { status, json: json as unknown as ConvertorKey & { items: ConvertorKey[]; last_key?: string }, text };
};
const make = async (more: object = {}) => {
  const { status, json, text } = await asked('POST', PATH, { user_id: 'u1', name: 'k', ...more });
  if (status !== 201) throw new Error(text);
  return json;
};
const read = async ({ key_id }: ConvertorKey) => (await asked('GET', `${PATH}/${key_id}`)).json;

/** A key of the native interface that has spent so much in the present month. */
async function spend({ key_id }: ConvertorKey, usd: bigint) {
  const request = { accountId: key_id, requestId: admin.ids('req'), amount: usd, tokens: 0, model: 'm', target: 't', priceVersion: null };
  const { hold } = await admin.ledger.admit(request as never);
  const outcome = { ...entryAt(admin.time.now, { cost: usd }), cost: usd };
  await admin.ledger.settle(hold!, outcome);
}

describe('a key', () => {
  test('is made in the literal shape, its secret shown now and never again', async () => {
    const key = await make({ owner_name: 'Ada', monthly_budget: 50 });
    expect(key).toEqual({
      api_key: expect.stringMatching(/^sk-oc-[0-9A-Za-z]{38}$/),
      key_id: expect.stringMatching(/^key_/),
      key_hint: expect.stringMatching(/^sk-oc-.{4}….{4}$/),
      user_id: 'u1',
      name: 'k',
      created_at: NOON / 1000,
      is_active: true,
      rate_limit: 100,
      service_tier: 'default',
      owner_name: 'Ada',
      role: 'Full Access',
      monthly_budget: 50,
      budget_used: 0,
      budget_used_mtd: 0,
      budget_mtd_month: '2026-11',
      budget_history: null,
      tpm_limit: null,
      updated_at: NOON / 1000,
      cache_ttl: '',
      deactivated_reason: null,
      metadata: null,
      total_input_tokens: 0,
      total_output_tokens: 0,
      total_cached_tokens: 0,
      total_cache_write_5m_tokens: 0,
      total_cache_write_1h_tokens: 0,
      total_requests: 0,
    });
    const byId = await asked('GET', `${PATH}/${key.key_id}`);
    expect(byId).toMatchObject({ status: 200, json: { ...key, api_key: key.key_id } });
    expect(byId.text).not.toContain(key.api_key);
    expect((await asked('GET', `${PATH}/${key.api_key}`)).json).toEqual(byId.json);
    expect(await admin.keys.findBySecret(key.api_key)).toMatchObject({ id: key.key_id, role: 'user' });
  });

  test('with a budget of 0 has no limit, and natively null; one of the native interface with a budget of 0 has nothing', async () => {
    const key = await make({ monthly_budget: 0, rate_limit: 7 });
    expect(await admin.readKey(key.key_id)).toMatchObject({ monthlyBudget: null, windows: [{ kind: 'requests', limit: 7, per: '1m' }] });
    await asked('PUT', `${PATH}/${key.key_id}`, { monthly_budget: '12.5' });
    expect(await admin.readKey(key.key_id)).toMatchObject({ monthlyBudget: '12.5' });
    await asked('PUT', `${PATH}/${key.key_id}`, { monthly_budget: 0 });
    expect(await admin.readKey(key.key_id)).toMatchObject({ monthlyBudget: null });
    const { id } = await admin.makeKey({ monthlyBudget: '0' });
    expect(await asked('GET', `${PATH}/${id}`)).toMatchObject({
      json: { is_active: false, deactivated_reason: 'budget_exceeded', user_id: '' },
    });
  });

  test('is changed in what is named and not null', async () => {
    const key = await make({ owner_name: 'Ada', monthly_budget: 50, rate_limit: 7 });
    const change = { name: 'n', owner_name: null, role: 'Reader', rate_limit: 9 };
    const { api_key: _, ...rest } = key;
    expect((await asked('PUT', `${PATH}/${key.key_id}`, change)).json).toMatchObject({ ...rest, name: 'n', role: 'Reader', rate_limit: 9 });
  });

  test('is changed by the whole form of the portal, which sends what it was shown', async () => {
    const key = await make({ owner_name: 'Ada', monthly_budget: 50, service_tier: 'default', cache_ttl: '1h', rate_limit: null });
    const { name, owner_name, role, monthly_budget, budget_used, rate_limit, service_tier, is_active, cache_ttl } = await read(key);
    const form = { name, owner_name, role, monthly_budget, budget_used, rate_limit, service_tier, is_active, cache_ttl };
    const { status, json } = await asked('PUT', `${PATH}/${key.key_id}`, form);
    expect([status, json]).toEqual([200, await read(key)]);
    expect(json).toMatchObject({ ...form, monthly_budget: 50, rate_limit: 100, cache_ttl: '1h', is_active: true });
    const list = await asked('GET', `${PATH}?limit=20&search=&status=&sort=name&order=desc&page=1`);
    expect(list).toMatchObject({ status: 200, json: { count: 1, items: [{ key_id: key.key_id }] } });
  });

  test('is revoked, brought back and deleted for good', async () => {
    const key = await make();
    expect(await asked('DELETE', `${PATH}/${key.key_id}`)).toMatchObject({
      status: 200,
      json: { message: 'API key deactivated successfully' },
    });
    expect(await read(key)).toMatchObject({ is_active: false, deactivated_reason: 'manual' });
    expect((await asked('POST', `${PATH}/${key.key_id}/reactivate`)).status).toBe(200);
    expect(await read(key)).toMatchObject({ is_active: true, deactivated_reason: null });
    expect((await asked('PUT', `${PATH}/${key.key_id}`, { is_active: false })).json).toMatchObject({ is_active: false });
    expect((await asked('PUT', `${PATH}/${key.key_id}`, { is_active: true })).json).toMatchObject({ is_active: true });
    expect((await asked('DELETE', `${PATH}/${key.key_id}/permanent`)).status).toBe(200);
    for (const named of [key.key_id, key.api_key, 'nonsense']) {
      expect(await asked('GET', `${PATH}/${named}`)).toMatchObject({ status: 404, json: { detail: 'API key not found' } });
    }
  });
});

describe('a budget', () => {
  test('that is reached closes the key for the month, and the next month opens it by itself', async () => {
    const key = await make({ monthly_budget: 1 });
    await spend(key, USD);
    expect(await read(key)).toMatchObject({ is_active: false, deactivated_reason: 'budget_exceeded', budget_used: 1, budget_used_mtd: 1 });
    expect(await asked('POST', `${PATH}/${key.key_id}/reactivate`)).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('monthly_budget') },
    });
    admin.time.now += 20 * DAY;
    expect(await read(key)).toMatchObject({
      ...{ is_active: true, deactivated_reason: null, budget_used: 1, budget_used_mtd: 0, budget_mtd_month: '2026-12' },
      budget_history: '{"2026-11":1}',
    });
  });

  test('lowered below what the month has spent closes the key, raised opens it', async () => {
    const key = await make({ monthly_budget: 50 });
    await spend(key, 2n * USD);
    expect(await read(key)).toMatchObject({ is_active: true });
    expect((await asked('PUT', `${PATH}/${key.key_id}`, { monthly_budget: 1 })).json).toMatchObject({
      is_active: false,
      deactivated_reason: 'budget_exceeded',
    });
    expect((await asked('PUT', `${PATH}/${key.key_id}`, { monthly_budget: 3 })).json).toMatchObject({ is_active: true });
  });
});

describe('a list', () => {
  test('has pages, and finds what lies beyond the first', async () => {
    for (const name of ['a', 'b', 'c']) {
      await make({ name: `key ${name}`, user_id: `user-${name}`, owner_name: `Owner ${name}` });
      admin.time.now += 1_000;
    }
    const list = async (query: string) => {
      const { json } = await asked('GET', `${PATH}?${query}`);
      return { names: json.items.map(({ name }) => name), count: json.count, last: json.last_key };
    };
    const first = await list('limit=2');
    expect(first).toMatchObject({ names: ['key c', 'key b'], count: 2 });
    expect(await list(`limit=2&last_key=${first.last}`)).toEqual({ names: ['key a'], count: 1, last: undefined });
    for (const search of ['key a', 'user-a', 'owner a']) expect((await list(`limit=1&search=${search}`)).names).toEqual(['key a']);
    await asked('DELETE', `${PATH}/${(await asked('GET', `${PATH}?search=user-b`)).json.items[0]!.key_id}`);
    expect((await list('status=revoked')).names).toEqual(['key b']);
    expect((await list('status=active')).names).toEqual(['key c', 'key a']);
    expect((await asked('GET', `${PATH}?limit=101`)).status).toBe(422);
    expect((await asked('GET', `${PATH}?status=other`)).status).toBe(422);
  });

  test('shows what each key has used, and its usage the last 30 days by model', async () => {
    const key = await make();
    const of = { accountId: key.key_id };
    const usage = { input: 10, output: 5, cacheRead: 3, cacheWrite5m: 2, cacheWrite1h: 1 };
    admin.time.now += 60 * DAY;
    const now = admin.time.now;
    const entries = [
      entryAt(now - 40 * DAY, { ...of, usage, model: 'a' }),
      entryAt(now - DAY, { ...of, usage, model: 'a' }),
      entryAt(now - DAY + 1, { ...of, usage, model: 'b', status: 'failed', error: 'model_error' }),
    ];
    for (const entry of entries) await admin.journal.write(entry);
    await admin.books.rebuild.bring(entries);
    const whole = { total_input_tokens: 48, total_output_tokens: 15, total_cached_tokens: 9, total_requests: 3 };
    const written = { total_cache_write_5m_tokens: 6, total_cache_write_1h_tokens: 3 };
    expect((await asked('GET', PATH)).json.items).toMatchObject([{ ...whole, ...written }]);
    const one = { requests: 1, input_tokens: 16, output_tokens: 5 };
    expect((await asked('GET', `${PATH}/${key.key_id}/usage`)).json).toMatchObject({
      aggregated: { ...whole, ...written },
      recent: { total_requests: 2, successful_requests: 1, failed_requests: 1, model_usage: { a: one, b: one }, period_days: 30 },
    });
    expect((await asked('GET', '/api/dashboard/stats')).json).toMatchObject(whole);
  });
});

describe('what is refused', () => {
  test.each<[object, string]>([
    [{ name: 'k' }, 'user_id'],
    [{ user_id: 'u' }, 'name'],
    [{ user_id: 'u', name: 'k', monthly_budget: -1 }, 'monthly_budget'],
    [{ user_id: 'u', name: 'k', rate_limit: -1 }, 'rate_limit'],
    // What would be kept and shown, and do nothing.
    [{ user_id: 'u', name: 'k', service_tier: 'priority' }, 'service_tier'],
    [{ user_id: 'u', name: 'k', cache_ttl: '2h' }, 'cache_ttl'],
  ])('%j', async (body, field) => {
    const { status, json } = await asked('POST', PATH, body);
    expect(status).toBe(422);
    expect(json.detail).toMatchObject([{ loc: ['body', field], msg: expect.stringContaining(field) }]);
  });

  test('what was spent cannot be set', async () => {
    const key = await make();
    expect((await asked('PUT', `${PATH}/${key.key_id}`, { budget_used: 0 })).status).toBe(200);
    expect((await asked('PUT', `${PATH}/${key.key_id}`, { budget_used: 5 })).status).toBe(422);
  });

  test('whoever is nobody, in its words', async () => {
    const refusal = async (headers: Record<string, string>) => (await admin.ask('GET', PATH, undefined, headers)).json;
    expect(await refusal({ authorization: '' })).toEqual({ error: 'authentication_required', message: expect.any(String) });
    expect(await refusal({ authorization: 'Bearer nobody' })).toEqual({ error: 'invalid_token', message: expect.any(String) });
    const { secret } = await admin.makeKey();
    expect(await refusal({ authorization: `Bearer ${secret}` })).toEqual({ detail: expect.any(String) });
    expect((await asked('POST', PATH, '{')).json).toMatchObject({ detail: [{ loc: ['body'] }] });
  });
});
