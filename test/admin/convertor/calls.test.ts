// The convertor's keys, prices and names by real calls, with the clock in hand: what a call costs, what closes a key, what a change changes.
import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { createWholeGateway, SONNET, type WholeGateway } from '../../support/whole-gateway.ts';

const DECEMBER = Date.UTC(2026, 11, 1);
/** A process of the model API looks at keys it has refused, and at prices and names, again after so long. */
const SOON = 10_000;

let gateway: WholeGateway;
beforeEach(() => {
  gateway = createWholeGateway();
});

type ConvertorKey = Record<string, unknown> & { api_key: string; key_id: string };
const asked = async (method: string, path: string, body?: object) => {
  const { status, json } = await gateway.admin.ask(method, path, body);
  return { status, json: json as unknown as ConvertorKey };
};
const make = async (more: object = {}) => (await asked('POST', '/api/keys', { user_id: 'u1', name: 'k', ...more })).json;
const read = async ({ key_id }: ConvertorKey) => (await asked('GET', `/api/keys/${key_id}`)).json;
const put = (key: ConvertorKey, change: object) => asked('PUT', `/api/keys/${key.key_id}`, change);
const call = (key: ConvertorKey, used: object = { input: 10, output: 5 }, body: object = {}) => gateway.chat(key.api_key, used, body);
const codeOf = async (key: ConvertorKey, used?: object) => {
  const { status, json } = await call(key, used);
  return [status, json.error?.code];
};
const GOOD = [200, undefined];
const NO_MONEY = [429, 'insufficient_quota'];

describe('money, digit by digit', () => {
  test('a month of a key with a budget of one dollar, and the next', async () => {
    const key = await make({ monthly_budget: 1 });
    // 100,000 tokens in and 40,000 out at 3 and 15 dollars a million.
    expect(await codeOf(key, { input: 100_000, output: 40_000 })).toEqual(GOOD);
    expect(await read(key)).toMatchObject({ is_active: true, budget_used: 0.9, budget_used_mtd: 0.9, budget_mtd_month: '2026-11' });
    expect(await codeOf(key, { input: 33_333, output: 0 })).toEqual(GOOD);
    expect(await read(key)).toMatchObject({ is_active: true, budget_used: 0.999999, budget_used_mtd: 0.999999 });
    expect(await codeOf(key)).toEqual(NO_MONEY);
    await put(key, { monthly_budget: 1.1 });
    expect(await codeOf(key, { input: 66_667, output: 0 })).toEqual(GOOD);
    const reached = { is_active: false, deactivated_reason: 'budget_exceeded', budget_used: 1.2, budget_used_mtd: 1.2 };
    expect(await read(key)).toMatchObject(reached);
    expect(await codeOf(key)).toEqual(NO_MONEY);
    gateway.time.now = DECEMBER - 1;
    expect(await codeOf(key)).toEqual(NO_MONEY);
    gateway.time.now = DECEMBER;
    expect(await read(key)).toMatchObject({
      is_active: true,
      deactivated_reason: null,
      budget_used_mtd: 0,
      budget_history: '{"2026-11":1.2}',
    });
    expect(await codeOf(key, { input: 0, output: 20_000 })).toEqual(GOOD);
    expect(await read(key)).toMatchObject({ is_active: true, budget_used: 1.5, budget_used_mtd: 0.3, budget_mtd_month: '2026-12' });
  });

  test('a budget of 0 is no limit, and one that is put below what the month has spent closes the key until it is raised', async () => {
    const key = await make({ monthly_budget: 0 });
    expect(await codeOf(key, { input: 100_000, output: 29_980_000 })).toEqual(GOOD);
    expect(await read(key)).toMatchObject({ is_active: true, monthly_budget: 0, budget_used: 450, budget_used_mtd: 450 });
    expect((await put(key, { monthly_budget: 449.99 })).json).toMatchObject({ is_active: false, deactivated_reason: 'budget_exceeded' });
    expect(await codeOf(key)).toEqual(NO_MONEY);
    expect((await asked('POST', `/api/keys/${key.key_id}/reactivate`)).status).toBe(409);
    expect((await put(key, { monthly_budget: 451 })).json).toMatchObject({ is_active: true, deactivated_reason: null });
    expect(await codeOf(key)).toEqual(GOOD);
    await put(key, { monthly_budget: 1 });
    expect((await put(key, { monthly_budget: 0 })).json).toMatchObject({ is_active: true, deactivated_reason: null });
    expect(await codeOf(key)).toEqual(GOOD);
  });

  test('cached tokens are part of the prompt and charged once, at their own prices', async () => {
    const key = await make();
    const { json } = await call(key, { input: 1_000, output: 500, cacheRead: 2_000, cacheWrite5m: 3_000, cacheWrite1h: 4_000 });
    expect(json.usage).toEqual({
      ...{ prompt_tokens: 10_000, completion_tokens: 500, total_tokens: 10_500 },
      ...{ cache_read_input_tokens: 2_000, cache_creation_input_tokens: 7_000 },
      cache_creation: { ephemeral_5m_input_tokens: 3_000, ephemeral_1h_input_tokens: 4_000 },
      prompt_tokens_details: {
        ...{ cached_tokens: 2_000, cache_write_tokens: 7_000, audio_tokens: 0 },
        cache_creation_token_details: { ephemeral_5m_input_tokens: 3_000, ephemeral_1h_input_tokens: 4_000 },
      },
    });
    await gateway.summed();
    expect(await read(key)).toMatchObject({
      // 1,000 × 3 + 500 × 15 + 2,000 × 0.3 + 3,000 × 3.75 + 4,000 × 6 micro-dollars.
      ...{ budget_used: 0.04635, total_requests: 1, total_input_tokens: 10_000, total_output_tokens: 500 },
      ...{ total_cached_tokens: 2_000, total_cache_write_5m_tokens: 3_000, total_cache_write_1h_tokens: 4_000 },
    });
  });

  test('prices are per million tokens, a new one counts from the next call on, and what was charged stays', async () => {
    const key = await make();
    await call(key, { input: 100_000, output: 1_000_000 });
    expect(await read(key)).toMatchObject({ budget_used: 15.3 });
    const prices = {
      input_price: 0.123456,
      output_price: '2.5',
      cache_read_price: 0.01,
      cache_write_5m_price: 0,
      cache_write_1h_price: 7,
    };
    expect((await asked('PUT', `/api/pricing/${SONNET}`, prices)).json).toMatchObject({ ...prices, output_price: 2.5 });
    gateway.time.now += SOON;
    await call(key, { input: 100_000, output: 1_000_000, cacheRead: 50_000, cacheWrite5m: 5, cacheWrite1h: 1_000 });
    // 0.0123456 + 2.5 + 0.0005 + 0 + 0.007.
    expect(await read(key)).toMatchObject({ budget_used: 17.8198456 });
    expect(await asked('PUT', `/api/pricing/${SONNET}`, { input_price: 0.1234567 })).toMatchObject({
      status: 422,
      json: { detail: [{ loc: ['body', 'input_price'] }] },
    });
    expect((await asked('DELETE', `/api/pricing/${SONNET}`)).status).toBe(200);
    gateway.time.now += SOON;
    await call(key, { input: 100_000 });
    expect(await read(key)).toMatchObject({ budget_used: 18.1198456 });
  });
});

describe('a rate limit', () => {
  test('of the key goes before that of the gateway, is counted over all processes, and tells when to come back', async () => {
    const [few, usual] = [await make({ rate_limit: 3 }), await make()];
    const other = gateway.openProxy('there.1');
    const question = { model: SONNET, max_tokens: 16, messages: [{ role: 'user', content: 'x' }] };
    const there = () => other('POST', '/v1/chat/completions', few.api_key, question);
    expect([(await call(few)).status, (await there()).status, (await call(few)).status]).toEqual([200, 200, 200]);
    for (const { status, headers, json } of [await there(), await call(few)]) {
      expect([status, json.error.code]).toEqual([429, 'rate_limit_exceeded']);
      expect(headers.get('retry-after')).toBe('60');
      expect(headers.get('x-ratelimit-limit-requests')).toBe('3');
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
      expect(headers.get('x-ratelimit-reset-requests')).toBeTruthy();
    }
    expect((await call(usual)).headers.get('x-ratelimit-remaining-requests')).toBe('99');
    gateway.time.now += 60_000;
    expect((await call(few)).headers.get('x-ratelimit-remaining-requests')).toBe('2');
  });
});

describe('what was called', () => {
  test('is recorded with its failures, by model over 30 days and in all', async () => {
    const key = await make();
    await call(key, { input: 10, output: 5 });
    gateway.time.now += 1;
    await call(key, { input: 20, output: 10 }, { model: 'claude-haiku-4-5' });
    gateway.time.now += 1;
    gateway.model.fails = new GatewayError('upstream_error', 'It failed.');
    await call(key);
    await gateway.summed();
    const { json } = await asked('GET', `/api/keys/${key.key_id}/usage`);
    expect(json).toMatchObject({
      aggregated: { total_requests: 3, total_input_tokens: 30, total_output_tokens: 15 },
      recent: {
        ...{ total_requests: 3, successful_requests: 2, failed_requests: 1, period_days: 30 },
        model_usage: {
          [SONNET]: { requests: 2, input_tokens: 10, output_tokens: 5 },
          'claude-haiku-4-5': { requests: 1, input_tokens: 20, output_tokens: 10 },
        },
      },
    });
    const { items } = (await gateway.admin.ask('GET', `/admin/v1/journal?keyId=${key.key_id}`)).json;
    expect(items).toMatchObject([
      { status: 'failed', error: 'upstream_error', requestId: expect.stringMatching(/^req_/), latencyMs: expect.any(Number) },
      { status: 'succeeded', model: 'claude-haiku-4-5' },
      { status: 'succeeded', model: SONNET },
    ]);
    expect((await asked('GET', '/api/dashboard/stats')).json).toMatchObject({ total_requests: 3, total_budget_used: 0.000175 });
  });
});

describe('a key', () => {
  test('that is revoked is refused at the next call, is let in again once it is brought back, and is gone once it is deleted', async () => {
    const key = await make();
    expect(await codeOf(key)).toEqual(GOOD);
    await asked('DELETE', `/api/keys/${key.key_id}`);
    expect(await codeOf(key)).toEqual([401, 'key_revoked']);
    await asked('POST', `/api/keys/${key.key_id}/reactivate`);
    gateway.time.now += SOON;
    expect(await codeOf(key)).toEqual(GOOD);
    await put(key, { is_active: false });
    expect(await codeOf(key)).toEqual([401, 'key_revoked']);
    await asked('DELETE', `/api/keys/${key.key_id}/permanent`);
    gateway.time.now += SOON;
    expect(await codeOf(key)).toEqual([401, 'invalid_api_key']);
  });
});

describe('names of models', () => {
  const idsOf = async (key: ConvertorKey) =>
    (await gateway.ask('GET', '/v1/models', key.api_key)).json as unknown as { data: Record<string, unknown>[] };

  test('that were mapped go before those that ship, from the next seconds on, and back when the mapping is deleted', async () => {
    const key = await make();
    const modelOf = async (name: string) => {
      gateway.time.now += 1;
      const { status } = await call(key, {}, { model: name });
      const [entry] = (await gateway.admin.ask('GET', `/admin/v1/journal?keyId=${key.key_id}&limit=1`)).json.items;
      return status === 200 ? (entry as unknown as { target: string }).target : status;
    };
    expect(await modelOf('gpt-4o')).toBe(404);
    await asked('POST', '/api/model-mapping', { anthropic_model_id: 'gpt-4o', bedrock_model_id: 'claude-haiku-4-5' });
    await asked('POST', '/api/model-mapping', { anthropic_model_id: SONNET, bedrock_model_id: 'nova-lite' });
    gateway.time.now += SOON;
    expect(await modelOf('gpt-4o')).toContain('claude-haiku-4-5');
    expect(await modelOf(SONNET)).toContain('nova-lite');
    expect(await modelOf('anthropic.claude-3-haiku-20240307-v1:0')).toContain('claude-3-haiku');
    await asked('DELETE', `/api/model-mapping/${SONNET}`);
    gateway.time.now += SOON;
    expect(await modelOf(SONNET)).toContain('claude-sonnet-4-5');
  });

  test.each([...['claude-opus-4-5', 'claude-opus-4-6', 'claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-3-5-haiku', 'claude-sonnet-4-6']])(
    '%s, which shipped with the convertor, is listed and can be called',
    async (name) => {
      const key = await make();
      const { data } = await idsOf(key);
      expect(data.find(({ id }) => id === name)).toMatchObject({
        ...{ object: 'model', created: expect.any(Number), owned_by: 'anthropic' },
        capabilities: { tool_use: true, function_calling: true, streaming: true },
      });
      expect((await call(key, {}, { model: name })).status).toBe(200);
    },
  );

  test('one that nobody knows is a 404, in the list and alone', async () => {
    const key = await make();
    expect((await gateway.ask('GET', '/v1/models/nope', key.api_key)).status).toBe(404);
    expect((await gateway.ask('GET', `/v1/models/${SONNET}`, key.api_key)).json).toMatchObject({
      id: SONNET,
      capabilities: { vision: true },
    });
  });
});
