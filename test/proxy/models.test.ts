// /v1/models and the names calls go by: what a key may call is what it is shown, whatever the name looks like.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, type KeyView, startGateway } from '../support/gateway.ts';

const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const profile = (id: string) => `arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/${id}`;
const RELAYS = JSON.stringify({
  relays: { up: { baseUrl: 'http://127.0.0.1:1/v1', auth: 'none' } },
  models: {
    'team/gpt': {
      relay: 'up',
      target: 'gpt',
      contextTokens: 10,
      maxOutputTokens: 10,
      abilities: ['vision', 'tools', 'reasoning'],
      aliases: ['gpt'],
    },
    'nova-pro': { relay: 'up', target: 'ours', contextTokens: 10, maxOutputTokens: 10 },
  },
});

type Listed = { id: string; owned_by: string; multiple: boolean; capabilities: Record<string, boolean> };

let gateway: Gateway;
let key: KeyView;

beforeAll(async () => {
  gateway = await startGateway({ relays: RELAYS });
  key = await gateway.makeKey();
});
afterAll(() => gateway.close());

function get(path: string, { secret }: KeyView = key) {
  return fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${secret}` } });
}

async function list(of: KeyView = key): Promise<Listed[]> {
  const { object, data } = (await (await get('/v1/models', of)).json()) as { object: string; data: Listed[] };
  expect(object).toBe('list');
  return data;
}

const say = (model: string, { secret }: KeyView = key) =>
  gateway.chat(secret, { model, max_tokens: 20, messages: [{ role: 'user', content: 'Hello' }] });

describe('the list', () => {
  test("has OpenAI's fields and those that clients of older gateways read", async () => {
    const models = await list();
    expect(models.find(({ id }) => id === 'claude-sonnet-4-5')).toEqual({
      id: 'claude-sonnet-4-5',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'anthropic',
      multiple: true,
      capabilities: { vision: true, tool_use: true, function_calling: true, extended_thinking: true, streaming: true },
    });
    expect(models.find(({ id }) => id === 'titan-embed-text-v2')?.capabilities).toEqual({
      vision: false,
      tool_use: false,
      function_calling: false,
      extended_thinking: false,
      streaming: false,
    });
  });

  test("has the administrator's models, and each name once, whose it is for calls", async () => {
    const models = await list();
    expect(models[0]).toMatchObject({
      id: 'team/gpt',
      owned_by: 'up',
      capabilities: { vision: true, tool_use: true, extended_thinking: true },
    });
    expect(models.filter(({ id }) => id === 'nova-pro')).toMatchObject([{ owned_by: 'up' }]);
  });

  test('is what the key may call, by whatever name it was granted', async () => {
    const some = await gateway.makeKey({ models: ['gpt', SONNET, `us.${SONNET}`, profile('us0novalite'), 'nonsense'] });
    expect((await list(some)).map(({ id }) => id)).toEqual([
      'team/gpt',
      'claude-sonnet-4-5',
      SONNET,
      `us.${SONNET}`,
      profile('us0novalite'),
    ]);
    for (const { id } of await list(some)) if (id !== 'team/gpt') expect([id, (await say(id, some)).status]).toEqual([id, 200]);
    expect((await say('nova-lite', some)).status).toBe(403);
  });
});

describe('a single model', () => {
  test.each([
    'claude-sonnet-4-5',
    'team/gpt',
    'team%2Fgpt',
    `bedrock/${SONNET}`,
    `bedrock%2F${encodeURIComponent(SONNET)}`,
    `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`,
    encodeURIComponent(`arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${SONNET}`),
    profile('global0sonnet45'),
    encodeURIComponent(profile('global0sonnet45')),
  ])('is found by %s, under the very name that was asked for', async (id) => {
    const answer = await get(`/v1/models/${id}`);
    expect(await answer.json()).toMatchObject({ id: decodeURIComponent(id), object: 'model' });
  });

  test('that is unknown, or not for this key, is not there', async () => {
    const some = await gateway.makeKey({ models: ['nova-lite'] });
    expect((await get('/v1/models/nonsense')).status).toBe(404);
    expect((await get('/v1/models/claude-sonnet-4-5', some)).status).toBe(404);
    expect((await get('/v1/models/nova-lite', some)).status).toBe(200);
  });
});

describe('an application inference profile', () => {
  test('is looked up once, goes to Bedrock as its ARN, and has the price of what it is of', async () => {
    const arn = profile('us0sonnet45');
    const others = gateway.standin.profileLookups().length;
    const payer = await gateway.makeKey();
    await Promise.all([say(arn, payer), say(`bedrock/${arn}`, payer), say(arn, payer)]);
    await say(arn, payer);
    await say(`us.${SONNET}`, payer);
    expect(gateway.standin.profileLookups().slice(others)).toEqual([arn]);
    expect(gateway.standin.tally().byModel[arn]!.requests).toBe(4);
    const entries = await gateway.journalOf(payer.id);
    expect(entries.filter(({ target }) => target === arn)).toHaveLength(4);
    expect(new Set(entries.map(({ cost }) => cost)).size).toBe(1);
    expect(entries[0]).toMatchObject({ model: 'claude-sonnet-4-5', status: 'succeeded' });
  });

  test('makes embeddings too', async () => {
    const answer = await fetch(`${gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: profile('region0titanembed'), input: 'Hello' }),
    });
    expect(await answer.json()).toMatchObject({ data: [{ object: 'embedding' }] });
  });

  test('that does not exist is no model, and is not asked for at every call', async () => {
    const others = gateway.standin.profileLookups().length;
    for (let call = 0; call < 3; call += 1) expect((await say(profile('us0nothing'))).status).toBe(404);
    expect(gateway.standin.profileLookups()).toHaveLength(others + 1);
  });

  test('that may not be looked up says which permission is missing', async () => {
    for (let call = 0; call < 2; call += 1) {
      const answer = await say(profile('denied'));
      expect(answer.status).toBe(403);
      const message = expect.stringContaining('bedrock:GetInferenceProfile');
      expect(await answer.json()).toMatchObject({ error: { code: 'model_access_denied', message } });
    }
    expect(gateway.standin.profileLookups().filter((arn) => arn === profile('denied'))).toHaveLength(1);
  });
});

test('a relayed model is no model of a surface that would have to translate', async () => {
  const answer = await fetch(`${gateway.url}/v1/embeddings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt', input: 'Hello' }),
  });
  expect(answer.status).toBe(400);
});

test('/api/v1 and /api/providers/openai/v1 are /v1, and nothing else is', async () => {
  const paths = ['/v1/models', '/api/v1/models', '/api/providers/openai/v1/models'];
  const lists = await Promise.all(paths.map(async (path) => (await get(path)).json()));
  expect(lists[0]).toMatchObject({ object: 'list' });
  expect(lists.slice(1)).toEqual([lists[0], lists[0]]);
  expect((await get(`/api/v1/models/bedrock%2F${SONNET}`)).status).toBe(200);
  const answer = await fetch(`${gateway.url}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'nova-lite', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
  for (const path of ['/api/v1/nonsense', '/api/providers/openai/v1/nonsense']) expect((await get(path)).status).toBe(404);
  // The JSON APIs of older systems, which are for admins.
  for (const path of ['/api/v1x/models', '/api/providers/openai/v1x/models', '/api/models']) expect((await get(path)).status).toBe(403);
});

test('a gateway that takes no raw IDs knows listed names only, and asks nobody about others', async () => {
  const strict = await startGateway({ allowsRawIds: false });
  try {
    const { secret } = await strict.makeKey();
    const status = async (model: string) => (await strict.chat(secret, { model, messages: [{ role: 'user', content: 'Hello' }] })).status;
    expect(await status('claude-sonnet-4-5')).toBe(200);
    expect(await status('bedrock/claude-sonnet-4-5')).toBe(200);
    for (const raw of [
      SONNET,
      `us.${SONNET}`,
      `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`,
      profile('us0novalite'),
      'standin.echo',
    ]) {
      expect([raw, await status(raw)]).toEqual([raw, 404]);
    }
    expect(strict.standin.profileLookups()).toEqual([]);
  } finally {
    await strict.close();
  }
});
