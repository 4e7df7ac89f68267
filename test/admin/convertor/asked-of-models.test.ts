// What the convertor's requests and keys ask of a model: how long prompts are cached, by whom that is said, and how much it may think.
import { beforeEach, describe, expect, test } from 'vitest';
import { createWholeGateway, type WholeGateway } from '../../support/whole-gateway.ts';

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
const put = (key: ConvertorKey, change: object) => asked('PUT', `/api/keys/${key.key_id}`, change);
const call = (key: ConvertorKey, body: object = {}) => gateway.chat(key.api_key, {}, body);
describe('prompt caching', () => {
  const SYSTEM = {
    messages: [
      { role: 'system', content: 'Long ago.' },
      { role: 'user', content: 'x' },
    ],
  };
  /** What the model was asked to keep: the time of each point, `usual` where none is said. */
  const pointsOf = async (key: ConvertorKey, body: object = {}) => {
    expect((await call(key, { ...SYSTEM, ...body })).status).toBe(200);
    const { system = [], messages = [] } = gateway.model.asked.at(-1)!;
    const blocks = [...system, ...messages.flatMap(({ content }) => content ?? [])] as { cachePoint?: { ttl?: string } }[];
    return [...new Set(blocks.flatMap(({ cachePoint }) => (cachePoint ? [cachePoint.ttl ?? 'usual'] : [])))];
  };

  test.each([
    ['', {}, []],
    ['', { caching: true }, ['usual']],
    ['', { cache_ttl: '1h' }, ['1h']],
    ['5m', {}, ['usual']],
    ['1h', {}, ['1h']],
    ['1h', { cache_ttl: '5m' }, ['usual']],
    ['1h', { prompt_cache_retention: 'in_memory' }, ['usual']],
    ['1h', { caching: false }, []],
    ['disabled', {}, []],
    ['disabled', { caching: true }, ['usual']],
    ['disabled', { cache_ttl: '1h' }, ['1h']],
  ])('of a key with the cache_ttl "%s" asked with %j', async (cacheTtl, body, expected) => {
    const key = await make({ cache_ttl: cacheTtl });
    expect(key.cache_ttl).toBe(cacheTtl);
    expect(await pointsOf(key, body)).toEqual(expected);
  });

  test('what a client marks itself is kept as it says, unless caching is off', async () => {
    const marked = {
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }] }],
    };
    expect(await pointsOf(await make({ cache_ttl: '5m' }), marked)).toEqual(['1h']);
    expect(await pointsOf(await make(), { ...marked, caching: false })).toEqual([]);
    expect(await pointsOf(await make({ cache_ttl: 'disabled' }), marked)).toEqual([]);
  });

  test('of a key is changed, taken away, and refused where it is no time', async () => {
    const key = await make({ cache_ttl: '1h' });
    expect((await put(key, { cache_ttl: '5m' })).json).toMatchObject({ cache_ttl: '5m' });
    expect((await put(key, { cache_ttl: null, name: 'n' })).json).toMatchObject({ cache_ttl: '5m' });
    expect((await put(key, { cache_ttl: '' })).json).toMatchObject({ cache_ttl: '' });
    expect((await put(key, { cache_ttl: '2h' })).status).toBe(422);
    expect(await call(key, { cache_ttl: '2h' })).toMatchObject({ status: 400, json: { error: { param: 'cache_ttl' } } });
  });
});

describe('thinking', () => {
  const askedFor = async (body: object): Promise<Record<string, unknown>> => {
    const key = await make();
    expect((await call(key, { max_tokens: null, ...body })).status).toBe(200);
    const { inferenceConfig, additionalModelRequestFields } = gateway.model.asked.at(-1)!;
    return { ...inferenceConfig, ...(additionalModelRequestFields as object) };
  };

  test.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 }, temperature: 0.3, top_p: 0.5 }, 2_000],
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 }, max_tokens: 2_500 }, 2_000],
    [{ reasoning_effort: 'low' }, 1_024],
    [{ thinking: { type: 'enabled', budget_tokens: 3_000 }, reasoning_effort: 'low' }, 3_000],
  ])('%j gives the model its budget, room beyond it, and no temperature but its own', async (body, budget) => {
    const { thinking, maxTokens, temperature, topP } = await askedFor(body);
    expect(thinking).toEqual({ type: 'enabled', budget_tokens: budget });
    expect(Number(maxTokens)).toBeGreaterThan(budget);
    expect([undefined, 1]).toContain(temperature);
    expect(topP).toBeUndefined();
  });

  test('stays below max_tokens, which is the client’s and is never raised', async () => {
    const asked = await askedFor({ thinking: { type: 'enabled', budget_tokens: 8_000 }, max_tokens: 2_000 });
    expect(asked).toMatchObject({ maxTokens: 2_000, thinking: { budget_tokens: 1_999 } });
  });
});
