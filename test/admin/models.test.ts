// /admin/v1/models and /admin/v1/mappings over the real engine, and test calls over the stand-in.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBedrockClient } from '../../functions/core/bedrock/client.ts';
import { createConverse } from '../../functions/core/bedrock/converse.ts';
import { createCountTokens } from '../../functions/core/bedrock/count-tokens.ts';
import { createInvoke } from '../../functions/core/bedrock/invoke.ts';
import { createStandin } from '../../local/bedrock/standin.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123';

let engine: TestEngine;
let admin: AdminGateway;
let standin: ReturnType<typeof createStandin>;
let bedrock: ReturnType<typeof createBedrockClient>;
beforeAll(async () => {
  engine = await startEngine();
  standin = createStandin();
  const { url: endpoint } = await standin.listen(0);
  bedrock = createBedrockClient({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
});
afterAll(async () => {
  bedrock.destroy();
  await Promise.all([standin.close(), engine.close()]);
});
beforeEach(() => {
  const calls = { converse: createConverse(bedrock), countTokens: createCountTokens(bedrock), invoke: createInvoke(bedrock) };
  admin = createAdmin(engine.store, { bedrock: calls });
});

const path = (name: string) => `/admin/v1/models/${encodeURIComponent(name)}`;
const list = async (query: string) =>
  (await admin.ask('GET', `/admin/v1/models?limit=200&${query}`)).json.items.map((item) => (item as unknown as { name: string }).name);
const validate = async (name: string, more = {}) => (await admin.ask('POST', '/admin/v1/models/validate', { name, ...more })).json;

describe('the list of models', () => {
  test('shows each once, by name, page by page', async () => {
    const names: string[] = [];
    let cursor: string | null = '';
    do {
      const { json } = await admin.ask('GET', `/admin/v1/models?limit=20${cursor && `&cursor=${cursor}`}`);
      names.push(...json.items.map((item) => (item as unknown as { name: string }).name));
      cursor = json.nextCursor;
    } while (cursor !== null);
    expect(names).toEqual(await list(''));
    expect(names).toEqual(names.toSorted());
    expect(names.length).toBeGreaterThan(50);
  });

  test('finds by words, kind and price', async () => {
    expect(await list('q=SONNET%204-5')).toEqual(['claude-sonnet-4-5']);
    expect(await list('kind=image&q=amazon')).toEqual(['nova-canvas', 'titan-image-v2']);
    expect(await list('unpriced=true')).toEqual(['command-r', 'command-r-plus', 'nova-2-multimodal-embeddings', 'titan-embed-image']);
    expect(await list('unpriced=false')).not.toContain('command-r');
  });

  test('a model that is given a price, or disabled, is unpriced no more', async () => {
    await admin.ask('POST', '/admin/v1/prices', { model: 'command-r', input: '0.5', output: '1.5' });
    await admin.ask('PUT', path('command-r-plus'), { enabled: false });
    expect(await list('unpriced=true')).toEqual(['nova-2-multimodal-embeddings', 'titan-embed-image']);
    expect(await list('enabled=false')).toEqual(['command-r-plus']);
    await admin.ask('DELETE', path('command-r-plus'));
  });

  test.each(['unpriced=yes', 'kind=video', 'limit=0', 'cursor=x', 'color=red'])('%s is refused', async (query) => {
    expect((await admin.ask('GET', `/admin/v1/models?${query}`)).status).toBe(400);
  });
});

describe('a model made here', () => {
  test('is made, read, patched and deleted', async () => {
    const made = await admin.ask('PUT', path('team-sonnet'), {
      base: 'claude-sonnet-4-5',
      target: ARN,
      limits: { maxOutputTokens: 2_000, defaultMaxTokens: 1_000 },
    });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      name: 'team-sonnet',
      custom: true,
      base: 'claude-sonnet-4-5',
      target: ARN,
      price: null,
      enabled: true,
    });
    expect(made.json.limits).toMatchObject({ maxOutputTokens: 2_000, defaultMaxTokens: 1_000, contextTokens: 200_000 });

    const patched = await admin.ask('PATCH', path('team-sonnet'), {
      displayName: 'Team',
      limits: { defaultMaxTokens: 500 },
      abilities: { vision: false },
    });
    expect(patched.json).toMatchObject({
      displayName: 'Team',
      target: ARN,
      limits: { maxOutputTokens: 2_000, defaultMaxTokens: 500 },
      abilities: { vision: false, tools: true },
    });
    expect((await admin.ask('PUT', path('team-sonnet'), { base: 'nova-pro' })).json).toMatchObject({
      displayName: 'Amazon Nova Pro',
      limits: { maxOutputTokens: 10_000 },
    });
    expect((await admin.ask('DELETE', path('team-sonnet'))).status).toBe(204);
    expect((await admin.ask('GET', path('team-sonnet'))).status).toBe(404);
  });

  test.each([
    [{}, 'base', 400],
    [{ base: 'no-such' }, 'base', 400],
    [{ base: 'claude-sonnet-4-5', target: 'http://evil' }, 'target', 400],
    [{ base: 'claude-sonnet-4-5', limits: { maxOutputTokens: 10, defaultMaxTokens: 11 } }, 'limits.defaultMaxTokens', 400],
    [{ base: 'claude-sonnet-4-5', limits: { maxOutputTokens: 0 } }, 'limits.maxOutputTokens', 400],
    [{ base: 'claude-sonnet-4-5', abilities: { flying: true } }, 'abilities.flying', 400],
    [{ base: 'claude-sonnet-4-5', enabled: 'yes' }, 'enabled', 400],
  ])('%j is refused for its %s', async (fields, fault, status) => {
    const { json, ...answer } = await admin.ask('PUT', path('broken'), fields);
    expect(answer.status).toBe(status);
    expect(json.errors).toMatchObject([{ path: fault }]);
    expect((await admin.ask('GET', path('broken'))).status).toBe(404);
  });

  test.each(['us.amazon.nova-pro-v1:0', 'with blank', `a${'b'.repeat(200)}`])('cannot be named %j', async (name) => {
    expect((await admin.ask('PUT', path(name), { base: 'nova-pro' })).status).toBe(400);
  });
});

describe('a shipped model', () => {
  test('is changed, and is again as shipped when that is undone', async () => {
    const shipped = (await admin.ask('GET', path('nova-micro'))).json;
    expect((await admin.ask('PATCH', path('nova-micro'), { enabled: false })).json).toEqual({ ...shipped, enabled: false, changed: true });
    expect(await validate('us.amazon.nova-micro-v1:0')).toMatchObject({
      callable: false,
      model: 'nova-micro',
      notes: ['nova-micro is disabled.'],
    });
    expect((await admin.ask('DELETE', path('nova-micro'))).status).toBe(204);
    expect((await admin.ask('GET', path('nova-micro'))).json).toEqual(shipped);
    expect((await admin.ask('DELETE', path('nova-micro'))).json.code).toBe('conflict');
  });

  test('has its own base', async () => {
    expect((await admin.ask('PUT', path('nova-micro'), { base: 'nova-pro' })).status).toBe(400);
    expect((await admin.ask('PATCH', path('no-such'), { enabled: false })).status).toBe(404);
  });
});

describe('a mapping', () => {
  test.each(['gpt-4o', 'openai/gpt-4o', 'claude-opus-4-5'])('of %s is set, read, listed, changed and removed', async (name) => {
    const at = `/admin/v1/mappings/${encodeURIComponent(name)}`;
    expect((await admin.ask('PUT', at, { to: 'claude-sonnet-4-5' })).status).toBe(201);
    expect((await admin.ask('PUT', at, { to: 'nova-pro' })).status).toBe(200);
    expect((await admin.ask('GET', at)).json).toMatchObject({ name, to: 'nova-pro', resolves: true });
    expect((await admin.ask('GET', '/admin/v1/mappings?q=NOVA')).json.items).toMatchObject([{ name }]);
    expect((await admin.ask('GET', path('nova-pro'))).json.mappedFrom).toEqual([name]);
    expect(await validate(name)).toMatchObject({ callable: true, via: 'mapping', mappedTo: 'nova-pro', model: 'nova-pro', priced: true });
    expect((await admin.ask('DELETE', at)).status).toBe(204);
    expect((await admin.ask('GET', at)).status).toBe(404);
    expect((await admin.ask('DELETE', at)).status).toBe(404);
  });

  test('to nothing, to another mapping or without a name is refused', async () => {
    await admin.ask('PUT', '/admin/v1/mappings/one', { to: 'nova-pro' });
    for (const [name, to] of [
      ['two', 'no-such'],
      ['two', 'one'],
      ['with%20blank', 'nova-pro'],
    ]) {
      expect((await admin.ask('PUT', `/admin/v1/mappings/${name}`, { to })).status).toBe(400);
    }
    expect((await admin.ask('PUT', '/admin/v1/mappings/two', {})).json.code).toBe('missing_required_parameter');
    await admin.ask('DELETE', '/admin/v1/mappings/one');
    expect((await admin.ask('DELETE', `/admin/v1/mappings/${'x'.repeat(3_000)}`)).status).toBe(404);
  });
});

describe('what a name would do', () => {
  test.each([
    ['claude-sonnet-4-5', { callable: true, via: 'model', listed: true, priced: true, kind: 'chat', notes: [] }],
    ['bedrock/claude-sonnet-4-5', { callable: true, via: 'model', model: 'claude-sonnet-4-5' }],
    ['eu.amazon.nova-lite-v1:0', { callable: true, via: 'literal', model: 'nova-lite', target: 'eu.amazon.nova-lite-v1:0', priced: true }],
    ['meta.llama9-1b-instruct-v1:0', { callable: true, via: 'literal', listed: false, priced: false }],
    ['no-such', { callable: false, via: null, model: null, listed: false, priced: false }],
  ])('%s', async (name, expected) => {
    expect(await validate(name)).toMatchObject(expected);
  });

  test('at a tier without a price', async () => {
    expect(await validate('claude-sonnet-4-5', { tier: 'priority' })).toMatchObject({ priced: false, price: null });
    expect(await validate('claude-sonnet-4-5', { tier: 'flex' })).toMatchObject({ priced: true });
  });
});

describe('a test call', () => {
  const testOf = async (name: string, headers = {}) => (await admin.ask('POST', `${path(name)}/test`, undefined, headers)).json;
  const entriesOf = async (keyId: unknown) => (await admin.journal.ofAccount(String(keyId), 0, admin.time.now + 1_000, 10)).entries;

  test('of a chat is real: answered, charged to the key for tests, and in the journal', async () => {
    const trial = await testOf('claude-sonnet-4-5');
    expect(trial).toMatchObject({ ok: true, model: 'claude-sonnet-4-5', error: null });
    expect(trial.text).not.toBe('');
    const [entry] = await entriesOf(trial.keyId);
    expect(entry).toMatchObject({
      requestId: trial.requestId,
      status: 'succeeded',
      target: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    });
    expect(entry!.cost > 0n).toBe(true);
    expect(await admin.readKey(String(trial.keyId))).toMatchObject({ name: 'Model tests', held: '0' });
  });

  test('of an embedding too, by the same key', async () => {
    const [one, two] = [await testOf('titan-embed-text-v2'), await testOf('claude-sonnet-4-5')];
    expect(one).toMatchObject({ ok: true, text: 'A vector of 1024 numbers.', keyId: two.keyId });
  });

  test('by an admin key is charged to that', async () => {
    const { id, secret } = await admin.makeKey({ role: 'admin', monthlyBudget: '1' });
    const trial = await testOf('claude-sonnet-4-5', { authorization: `Bearer ${secret}` });
    expect(trial).toMatchObject({ ok: true, keyId: id });
    expect(await entriesOf(id)).toHaveLength(1);
  });

  test('that fails says how, and is an answer', async () => {
    const trial = await testOf('standin.fault-access-denied');
    expect(trial).toMatchObject({ ok: false, text: null, error: { code: 'model_access_denied', message: expect.any(String) } });
  });

  test('makes the key for tests anew when that was deleted', async () => {
    const { keyId } = await testOf('claude-sonnet-4-5');
    await admin.ask('DELETE', `/admin/v1/keys/${keyId}`);
    const trial = await testOf('claude-sonnet-4-5');
    expect(trial.ok).toBe(true);
    expect(trial.keyId).not.toBe(keyId);
  });

  test('of an image model, or of nothing, is refused', async () => {
    expect(await testOf('nova-canvas')).toMatchObject({ status: 400 });
    expect(await testOf('no-such')).toMatchObject({ status: 404 });
  });
});
