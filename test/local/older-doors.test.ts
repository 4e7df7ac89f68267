// What the convertor's settings do to a gateway on one machine.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readOidc } from '../../functions/core/platform/environment.ts';
import { openDoors } from '../../local/older-doors.ts';
import { readSettings } from '../../local/settings.ts';
import { createAdmin, NOON } from '../support/admin.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const olderOf = (environment: Record<string, string>) => readSettings(environment).older!;
const HELLO = { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hello' }] };
const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const TOOLS = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];

const MASTER = 'master-of-convertor';

describe('a gateway with its doors open', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    const environment = { REQUIRE_API_KEY: 'false', SKIP_AUTH: 'true', MASTER_API_KEY: MASTER, RATE_LIMIT_REQUESTS: '7' };
    gateway = await startGateway({ older: olderOf({ ...environment, ENABLE_VISION: 'false', ENABLE_TOOL_USE: 'false' }) });
  });
  afterAll(() => gateway.close());
  const keyNamed = async (name: string) => {
    const { items } = (await gateway.admin('GET', '/keys')).json as unknown as {
      items: { id: string; name: string; spent: { month: string } }[];
    };
    return items.find((key) => key.name === name)!;
  };
  const chat = (headers: Record<string, string>, body: object = HELLO) =>
    fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });

  test('records what is called without a key, or with one that is nobody’s, under the key "anonymous"', async () => {
    expect((await chat({})).status).toBe(200);
    for (let call = 0; call < 25; call += 1) expect((await chat({ authorization: 'Bearer sk-anything' }, {})).status).toBe(400);
    expect((await chat({ authorization: 'Bearer sk-anything' })).status).toBe(200);
    await gateway.settled();
    const { id } = await keyNamed('anonymous');
    expect(await gateway.journalOf(id)).toHaveLength(2);
  });

  test('refuses a key that is revoked, and charges a good one itself', async () => {
    const { id, secret } = await gateway.makeKey({ name: 'good' });
    expect((await chat({ 'x-api-key': secret })).status).toBe(200);
    await gateway.settled();
    expect(await gateway.journalOf(id)).toHaveLength(1);
    await gateway.admin('PATCH', `/keys/${id}`, { revoked: true });
    expect((await chat({ 'x-api-key': secret })).status).toBe(401);
  });

  test('takes MASTER_API_KEY for models and for the JSON APIs', async () => {
    expect((await chat({ authorization: `Bearer ${MASTER}` })).status).toBe(200);
    const list = await fetch(`${gateway.url}/api/keys`, { headers: { authorization: `Bearer ${MASTER}` } });
    expect(list.status).toBe(200);
    expect((await keyNamed('master')).spent.month).not.toBe('0');
  });

  test.each<[string, object?]>([
    ['/v1/models'],
    ['/v1/models/claude-sonnet-4-5'],
    ['/v1/chat/completions', HELLO],
    ['/v1/chat/completions', { ...HELLO, stream: true }],
    ['/v1/completions', { model: 'claude-sonnet-4-5', prompt: 'Hello' }],
    ['/v1/embeddings', { model: 'titan-embed-text-v2', input: 'Hello' }],
  ])('takes MASTER_API_KEY on %s, in each header and under each base path, and nobody with a bad one', async (path, body) => {
    const ask = (base: string, headers: Record<string, string>) =>
      fetch(`${gateway.url}${base}${path}`, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) });
    for (const base of ['', '/api', '/api/providers/openai']) {
      expect([base, (await ask(base, { authorization: `bearer ${MASTER}` })).status]).toEqual([base, 200]);
      expect([base, (await ask(base, { 'x-api-key': MASTER })).status]).toEqual([base, 200]);
    }
  });

  test('lets whoever comes without a key into the JSON APIs, but nobody with a bad one', async () => {
    const verified = await fetch(`${gateway.url}/api/auth/verify`);
    expect(await verified.json()).toMatchObject({ authenticated: true, development_mode: true });
    expect((await fetch(`${gateway.url}/api/keys`, { headers: { authorization: 'Bearer nobody' } })).status).toBe(401);
  });

  test('lets no page of another site in', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }]) {
      expect((await fetch(`${gateway.url}/api/keys`, { headers })).status).toBe(403);
      expect((await chat(headers)).status).toBe(403);
    }
    expect((await fetch(`${gateway.url}/api/keys`, { headers: { origin: gateway.url } })).status).toBe(200);
  });

  test('gives keys of the convertor its rate limit', async () => {
    const answer = await fetch(`${gateway.url}/api/keys`, { method: 'POST', body: JSON.stringify({ user_id: 'u', name: 'limited' }) });
    expect(await answer.json()).toMatchObject({ rate_limit: 7 });
  });

  test('takes no images and no tools where they are off, and says so of its models', async () => {
    const { data } = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string; capabilities?: object }[] };
    expect(data.find(({ id }) => id === 'claude-sonnet-4-5')).toMatchObject({ capabilities: { vision: false, tool_use: false } });
    const answer = await chat({}, { ...HELLO, messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, IMAGE] }] });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Images and videos are switched off')]);
    expect((await chat({}, { ...HELLO, tools: TOOLS })).status).toBe(400);
  });
});

test('DEFAULT_CACHE_TTL is how long prompts are cached, which usage tells, unless a key or a request says otherwise', async () => {
  const { chat, older } = readSettings({ DEFAULT_CACHE_TTL: '1h' });
  const gateway = await startGateway({ ...chat, older });
  onTestFinished(() => gateway.close());
  const headers = { authorization: `Bearer ${gateway.masterKey}` };
  const make = async (cache_ttl: string) => {
    const body = JSON.stringify({ user_id: 'u', name: 'k', cache_ttl });
    const made = await fetch(`${gateway.url}/api/keys`, { method: 'POST', headers, body });
    return ((await made.json()) as { api_key: string }).api_key;
  };
  const usageOf = async (secret: string, about: string, body: object = {}) => {
    const messages = [
      { role: 'system', content: `${about} `.repeat(6_000) },
      { role: 'user', content: 'Hello' },
    ];
    return ((await (await gateway.chat(secret, { ...HELLO, messages, ...body })).json()) as { usage: Record<string, object> }).usage;
  };
  const [usual, short, off] = [await make(''), await make('5m'), await make('disabled')];
  expect((await usageOf(usual, 'one')).cache_creation).toMatchObject({ ephemeral_1h_input_tokens: expect.any(Number) });
  expect(Number((await usageOf(usual, 'one')).cache_read_input_tokens)).toBeGreaterThan(1_000);
  expect((await usageOf(short, 'two')).cache_creation).toMatchObject({ ephemeral_5m_input_tokens: expect.any(Number) });
  expect((await usageOf(short, 'six', { cache_ttl: '1h' })).cache_creation).toMatchObject({
    ephemeral_1h_input_tokens: expect.any(Number),
  });
  expect(await usageOf(off, 'ten')).not.toHaveProperty('cache_creation_input_tokens');
  expect(await usageOf(usual, 'red', { caching: false })).not.toHaveProperty('cache_creation_input_tokens');
});

test('ENABLE_EXTENDED_THINKING=false: who asks for thinking is refused, others are served, and the list of models says so', async () => {
  const gateway = await startGateway({ older: olderOf({ ENABLE_EXTENDED_THINKING: 'false' }) });
  onTestFinished(() => gateway.close());
  const { secret } = await gateway.makeKey();
  const thinking = { thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 3_000 };
  const refused = await gateway.chat(secret, { ...HELLO, ...thinking });
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: expect.objectContaining({ code: 'feature_disabled', param: 'thinking' }) },
  ]);
  expect((await gateway.chat(secret, HELLO)).status).toBe(200);
  const model = await fetch(`${gateway.url}/v1/models/claude-sonnet-4-5`, { headers: { 'x-api-key': secret } });
  expect(await model.json()).toMatchObject({ capabilities: { extended_thinking: false, vision: true } });
});

test('a gateway with a user pool tells where to sign in, and one without opens nothing', async () => {
  const oidc = readOidc({
    OUTCROP_OIDC_ISSUER: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC',
    OUTCROP_OIDC_AUDIENCE: 'client, other',
  });
  const gateway = await startGateway({ oidc });
  onTestFinished(() => gateway.close());
  const config = await fetch(`${gateway.url}/api/auth/config`);
  expect(await config.json()).toEqual({ userPoolId: 'eu-west-1_AbC', userPoolClientId: 'client', region: 'eu-west-1' });
  expect((await fetch(`${gateway.url}/api/auth/verify`)).status).toBe(401);
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
});

test('a master key that was set before is no key any more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-doors-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { keys } = createAdmin(createMemoryStore());
  const start = (environment: Record<string, string>) => openDoors(olderOf(environment), folder, keys, NOON);
  await start({ MASTER_API_KEY: 'the-first-master' });
  await start({ MASTER_API_KEY: 'the-first-master' });
  expect(await keys.list(10, undefined)).toHaveLength(1);
  await start({ MASTER_API_KEY: 'the-second-master' });
  expect(await keys.findBySecret('the-first-master')).toBeUndefined();
  expect(await keys.findBySecret('the-second-master')).toMatchObject({ name: 'master', role: 'admin' });
  await start({});
  expect(await keys.list(10, undefined)).toEqual([]);
  expect(existsSync(join(folder, 'master-api-key'))).toBe(false);
});
