// The convertor's prices, mappings, dashboard and sign-in.
import { beforeEach, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../../support/admin.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

let admin: AdminGateway;
beforeEach(() => {
  admin = createAdmin(createMemoryStore());
});

type Answer = Record<string, unknown> & { items: Record<string, unknown>[]; last_key?: string };
const asked = async (method: string, path: string, body?: unknown) => {
  const { status, json } = await admin.ask(method, path, body);
  return { status, json: json as unknown as Answer };
};
const SONNET = '/api/pricing/claude-sonnet-4-5';
const UNPRICED = 'anthropic.claude-sonnet-9-9-20990101-v1:0';

describe('prices', () => {
  test('of a shipped model in USD per million tokens, by any of its names', async () => {
    const { json } = await asked('GET', SONNET);
    expect(json).toEqual({
      ...{ model_id: 'claude-sonnet-4-5', provider: 'anthropic', display_name: expect.any(String), status: 'active' },
      ...{ input_price: 3, output_price: 15, cache_read_price: 0.3, cache_write_5m_price: 3.75, cache_write_1h_price: 6 },
    });
    const { items } = (await asked('GET', '/api/model-mapping?search=claude-sonnet-4-5')).json;
    expect((await asked('GET', `/api/pricing/${encodeURIComponent(String(items[0]!.bedrock_model_id))}`)).json).toEqual(json);
    expect(await asked('GET', '/api/pricing/nonsense')).toMatchObject({ status: 404, json: { detail: 'Pricing not found' } });
  });

  test('are listed in pages, by provider, and found', async () => {
    const { json } = await asked('GET', '/api/pricing?limit=2&provider=anthropic');
    expect(json.items.map(({ provider }) => provider)).toEqual(['anthropic', 'anthropic']);
    const second = (await asked('GET', `/api/pricing?limit=2&provider=anthropic&last_key=${json.last_key}`)).json;
    expect(second.items[0]!.model_id).not.toBe(json.items[1]!.model_id);
    expect((await asked('GET', '/api/pricing?search=sonnet-4-5')).json.items.map(({ model_id }) => model_id)).toContain(
      'claude-sonnet-4-5',
    );
    expect((await asked('GET', '/api/pricing/providers')).json.providers).toEqual(expect.arrayContaining(['amazon', 'anthropic']));
  });

  test('are changed in what is named, and what was set goes again', async () => {
    expect((await asked('PUT', SONNET, { input_price: '4.5' })).json).toMatchObject({
      input_price: 4.5,
      output_price: 15,
      cache_read_price: 0.3,
    });
    expect((await admin.ask('GET', '/admin/v1/prices?model=claude-sonnet-4-5')).json.items).toMatchObject([
      { input: '4.5', author: 'master' },
    ]);
    expect((await asked('DELETE', SONNET)).status).toBe(200);
    expect((await asked('GET', SONNET)).json).toMatchObject({ input_price: 3 });
    expect(await asked('DELETE', SONNET)).toMatchObject({ status: 409, json: { detail: expect.stringContaining('ships') } });
  });

  test('are made where there are none, once', async () => {
    const body = { model_id: UNPRICED, provider: 'anthropic', input_price: 1, output_price: 2 };
    expect(await asked('POST', '/api/pricing', body)).toMatchObject({
      status: 201,
      json: { input_price: 1, output_price: 2, cache_read_price: 1 },
    });
    expect(await asked('POST', '/api/pricing', body)).toMatchObject({
      status: 409,
      json: { detail: 'Pricing for this model already exists' },
    });
    expect(await asked('POST', '/api/pricing', { ...body, model_id: 'claude-sonnet-4-5' })).toMatchObject({ status: 409 });
    expect((await asked('POST', '/api/pricing', { ...body, model_id: 'nonsense' })).status).toBe(422);
    expect((await asked('POST', '/api/pricing', { model_id: 'x', provider: 'y' })).status).toBe(422);
  });

  test('cannot be negative, nor make a model old or another vendor’s', async () => {
    for (const change of [
      { input_price: -1 },
      { input_price: 0.0000001 },
      { status: 'deprecated' },
      { status: 'x' },
      { provider: 'other' },
    ]) {
      expect([change, (await asked('PUT', SONNET, change)).status]).toEqual([change, 422]);
    }
    expect((await asked('PUT', SONNET, { status: 'active', provider: 'Anthropic', input_price: 3 })).status).toBe(200);
    expect(admin.catalog.rows()).toMatchObject({ prices: [], models: [] });
  });

  test('take the model out of service and back, and give it another name for people, without a new price', async () => {
    const changed = await asked('PUT', SONNET, { status: 'disabled', display_name: 'Ours', input_price: 3 });
    expect(changed).toMatchObject({ status: 200, json: { status: 'disabled', display_name: 'Ours', input_price: 3 } });
    expect(admin.catalog.rows().prices).toEqual([]);
    expect(admin.catalog.resolve('claude-sonnet-4-5')).toBeUndefined();
    const { items } = (await asked('GET', '/api/pricing?status=disabled&provider=Anthropic')).json;
    expect(items).toMatchObject([{ model_id: 'claude-sonnet-4-5' }]);
    expect((await asked('PUT', SONNET, { status: 'active', output_price: 16 })).json).toMatchObject({ status: 'active', output_price: 16 });
    expect(admin.catalog.resolve('claude-sonnet-4-5')?.model.displayName).toBe('Ours');
  });
});

describe('mappings', () => {
  const MAPPING = { anthropic_model_id: 'gpt-4o', bedrock_model_id: 'claude-sonnet-4-5' };

  test('lists the default ones first, and the custom ones in their place', async () => {
    expect(await asked('POST', '/api/model-mapping', MAPPING)).toMatchObject({ status: 201, json: { ...MAPPING, source: 'custom' } });
    await asked('POST', '/api/model-mapping', { ...MAPPING, anthropic_model_id: 'nova-lite' });
    const { items, count } = (await asked('GET', '/api/model-mapping')).json;
    expect(count).toBe(items.length);
    const sources = items.map(({ source }) => source);
    expect(sources).toEqual([...sources].sort().reverse());
    expect(items.filter((one) => one.anthropic_model_id === 'nova-lite')).toMatchObject([
      { source: 'custom', updated_at: '2026-11-15T12:00:00.000Z' },
    ]);
    expect(admin.catalog.resolve('gpt-4o')?.model.name).toBe('claude-sonnet-4-5');
  });

  test('are read, changed and deleted by their name, with what stands in the way', async () => {
    await asked('POST', '/api/model-mapping', MAPPING);
    expect(await asked('POST', '/api/model-mapping', MAPPING)).toMatchObject({ status: 409 });
    const path = '/api/model-mapping/gpt-4o';
    expect((await asked('PUT', path, { bedrock_model_id: 'nova-lite' })).json).toMatchObject({ bedrock_model_id: 'nova-lite' });
    expect((await asked('PUT', path, { bedrock_model_id: 'nonsense' })).status).toBe(422);
    expect((await asked('GET', path)).json).toMatchObject({ bedrock_model_id: 'nova-lite' });
    expect((await asked('DELETE', path)).status).toBe(200);
    expect((await asked('GET', path)).status).toBe(404);
    const shipped = '/api/model-mapping/claude-sonnet-4-5';
    expect(await asked('PUT', shipped, { bedrock_model_id: 'nova-lite' })).toMatchObject({
      status: 400,
      json: { detail: expect.stringMatching(/^Cannot update default mapping/) },
    });
    expect(await asked('DELETE', shipped)).toMatchObject({ status: 400, json: { detail: 'Cannot delete default mapping' } });
  });
});

test('the dashboard counts keys, budgets and models', async () => {
  await asked('POST', '/api/keys', { user_id: 'u', name: 'old', monthly_budget: 5 });
  admin.time.now += 8 * 86_400_000;
  const { key_id } = (await asked('POST', '/api/keys', { user_id: 'u', name: 'young', monthly_budget: '2.5' })).json;
  await asked('DELETE', `/api/keys/${key_id}`);
  const { json } = await asked('GET', '/api/dashboard/stats');
  expect(json).toEqual({
    ...{ total_api_keys: 2, active_api_keys: 1, revoked_api_keys: 1, total_budget: 7.5, total_budget_used: 0, new_keys_this_week: 1 },
    ...{ total_models: expect.any(Number), active_models: expect.any(Number), system_status: 'operational' },
    models_without_pricing: expect.any(Array),
    ...{ total_input_tokens: 0, total_output_tokens: 0, total_cached_tokens: 0, total_requests: 0 },
    ...{ total_cache_write_5m_tokens: 0, total_cache_write_1h_tokens: 0 },
  });
  expect(json.total_models).toBeGreaterThan(10);
  for (const name of json.models_without_pricing as string[]) expect(admin.catalog.find(name)?.price).toBeNull();
});

test('the address of the sign-in is open, and who is signed in is told to himself', async () => {
  const nobody = { authorization: '' };
  expect(await admin.ask('GET', '/api/auth/config', undefined, nobody)).toMatchObject({
    status: 200,
    json: { userPoolId: '', userPoolClientId: '', region: '' },
  });
  expect((await admin.ask('GET', '/api/auth/verify', undefined, nobody)).status).toBe(401);
  const { secret, id } = await admin.makeKey({ name: 'Ada', email: 'ada@example.com' });
  const { json } = await admin.ask('GET', '/api/auth/verify', undefined, { authorization: `Bearer ${secret}` });
  expect(json).toEqual({ authenticated: true, username: id, email: 'ada@example.com', name: 'Ada', development_mode: false });
  expect((await asked('GET', '/api/auth/me')).json).toEqual({
    user: { username: 'master', email: null, name: 'Master key', role: 'master' },
    token_claims: {},
  });
});
