// The official OpenAI client, unmodified, through the gateway to a target that speaks its dialect. The target keeps a tally of its own, and
// what a key is charged is that, to the last picodollar.
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KeyView } from '../support/gateway.ts';
import { UPSTREAM_WORDS } from '../support/open-ai-server.ts';
import { type RelayGateway, startRelayGateway, UPSTREAM_KEY } from '../support/relay-gateway.ts';

const HELLO = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const TOOLS = [
  { type: 'function' as const, function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
];

let gateway: RelayGateway;
let key: KeyView;
let client: OpenAI;
let before: RelayGateway['upstream']['tally'];

beforeAll(async () => {
  gateway = await startRelayGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  ({ key, client } = await gateway.clientOf());
  before = { ...gateway.upstream.tally };
});

async function expectExact(): Promise<void> {
  await expect.poll(async () => (await gateway.readKey(key.id)).held).toBe('0');
  const bill = gateway.billSince(before);
  expect(bill).toBeGreaterThan(0n);
  expect(await gateway.spentBy(key.id)).toBe(bill);
}

describe('a relayed chat', () => {
  test('is answered whole, in the words of its target, and charged what the target counted', async () => {
    const completion = await client.chat.completions.create({ model: 'team/echo', messages: HELLO });
    expect(completion.id).toBe('up-1');
    expect(completion.choices[0]!.message.content).toContain('word0 word1');
    expect(completion.usage!.completion_tokens).toBe(12);
    await expectExact();
    const [entry] = await gateway.journalOf(key.id);
    expect(entry).toMatchObject({ model: 'team/echo', target: 'up/echo', status: 'succeeded', estimated: false, stream: false });
  });

  test('streams, and shows no usage to a client that asked for none', async () => {
    const stream = await client.chat.completions.create({ model: 'team/echo', messages: HELLO, stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]!.delta.content ?? '').join('')).toContain('word0 word1');
    expect(chunks.filter((chunk) => 'usage' in chunk)).toEqual([]);
    expect(chunks.filter(({ choices }) => choices.length === 0)).toEqual([]);
    expect(gateway.upstream.last().body.stream_options).toEqual({ include_usage: true });
    await expectExact();
  });

  test('streams with its usage for a client that asked for it', async () => {
    const stream = await client.chat.completions.create({
      model: 'team/echo',
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
    await expectExact();
  });

  test.each([false, true])('calls tools (stream: %s)', async (stream) => {
    const asked = { model: 'team/echo', messages: HELLO, tools: TOOLS };
    const completion = stream
      ? await client.chat.completions.stream(asked).finalChatCompletion()
      : await client.chat.completions.create(asked);
    const [call] = completion.choices[0]!.message.tool_calls!;
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } });
  });

  test('is charged for what the target thought unheard, and less for what it had cached', async () => {
    for (const model of ['team/thinker', 'team/cached']) {
      for (const stream of [true, false]) {
        const answer = await client.chat.completions.create({ model, messages: HELLO, stream });
        if (Symbol.asyncIterator in answer) for await (const _ of answer);
      }
    }
    await expectExact();
    expect((await gateway.journalOf(key.id)).some(({ usage }) => usage.cacheRead! > 0)).toBe(true);
  });

  test('that the client aborts is charged for what the target still said', async () => {
    const stream = await client.chat.completions.create({ model: 'team/long', messages: HELLO, stream: true });
    for await (const _ of stream) break;
    await expect.poll(() => gateway.journalOf(key.id)).toHaveLength(1);
    expect(gateway.upstream.tally.completion - before.completion).toBe(2_000);
    await expectExact();
  });

  test('several at a time are charged to the last picodollar', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        client.chat.completions.create({ model: 'team/echo', messages: HELLO, max_tokens: 1 + index, n: 1 + (index % 3) }),
      ),
    );
    await expectExact();
  });
});

describe('what is sent', () => {
  test('is the body as it came, but the name of the model and the limit that was missing', async () => {
    const body =
      '{"messages":[{"role":"user","content":"h\\u0069"}], "seed": 9007199254740993,\n "temperature":1.0,"model":"team/older","top_p":0.10, "vendor_extra":{"a":[1,2]}}';
    const answer = await gateway.post(key.secret, '/v1/chat/completions', body);
    expect(answer.status).toBe(200);
    expect(gateway.upstream.last().text).toBe(body.replace('"team/older"', '"echo"').replace(/}$/, ',"max_tokens":2000}'));
  });

  test('carries the shared key, never that of the caller', async () => {
    await client.chat.completions.create({ model: 'team/echo', messages: HELLO });
    const { headers, url } = gateway.upstream.last();
    expect(url).toBe('/v1/chat/completions');
    expect(headers.authorization).toBe(`Bearer ${UPSTREAM_KEY}`);
    expect(headers['openai-organization']).toBe('org-1');
    expect(JSON.stringify(headers)).not.toContain(key.secret);
  });

  test('goes to a deployment of Azure with its version and its kind of key', async () => {
    await client.chat.completions.create({ model: 'team/azure', messages: HELLO });
    const { headers, url } = gateway.upstream.last();
    expect(url).toBe('/openai/deployments/gpt%20deployment/chat/completions?api-version=2024-10-21');
    expect(headers).toMatchObject({ 'api-key': UPSTREAM_KEY });
    expect(headers.authorization).toBeUndefined();
  });

  test("is signed for Bedrock's own OpenAI dialect", async () => {
    await client.chat.completions.create({ model: 'team/bedrock', messages: HELLO, stream: true });
    const { headers, url, body } = gateway.upstream.last();
    expect(url).toBe('/openai/v1/chat/completions');
    expect(body.model).toBe('openai.gpt-oss-120b');
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=.*host/,
    );
  });

  test('asks for no longer an answer than the money buys, and says so', async () => {
    const poor = await gateway.clientOf({ monthlyBudget: '0.006' });
    const { data, response } = await poor.client.chat.completions.create({ model: 'team/long', messages: HELLO }).withResponse();
    const lowered = Number(response.headers.get('x-outcrop-max-tokens'));
    expect(lowered).toBeLessThan(2_000);
    expect(gateway.upstream.last().body.max_completion_tokens).toBe(lowered);
    expect(data.usage!.completion_tokens).toBe(lowered);
    const penniless = await gateway.clientOf({ monthlyBudget: '0.000001' });
    await expect(penniless.client.chat.completions.create({ model: 'team/echo', messages: HELLO })).rejects.toMatchObject({
      code: 'insufficient_quota',
    });
  });
});

describe('a failure of the target', () => {
  test.each([
    ['401', 502, 'upstream_auth_error', null],
    ['429', 429, 'rate_limit_exceeded', '17'],
    ['quota', 429, 'quota_exceeded', null],
    ['context', 400, 'context_length_exceeded', null],
    ['param', 400, 'unsupported_parameter', null],
    ['invalid', 400, 'invalid_value', null],
    ['500', 500, 'internal_error', null],
    ['503', 503, 'service_unavailable', '9'],
    ['html', 503, 'service_unavailable', '5'],
    ['redirect', 500, 'internal_error', null],
  ])('fault-%s is a %i %s in our words, before anything is streamed, and costs nothing', async (fault, status, code, retryAfter) => {
    for (const stream of [false, true]) {
      const failure = await client.chat.completions
        .create({ model: `team/fault-${fault}`, messages: HELLO, stream })
        .catch((error) => error);
      expect(failure).toBeInstanceOf(OpenAI.APIError);
      expect({ status: failure.status, code: failure.code, retryAfter: failure.headers.get('retry-after') }).toEqual({
        status,
        code,
        retryAfter,
      });
      expect(JSON.stringify(failure.error)).not.toMatch(/sk-upstr|org-internal|script/);
    }
    expect(await gateway.spentBy(key.id)).toBe(0n);
    expect(gateway.logs.join()).not.toContain(UPSTREAM_WORDS);
    expect(gateway.logs.join()).not.toContain(UPSTREAM_KEY);
  });

  test('names the field that is at fault, where it is the name of one', async () => {
    const failure = await client.chat.completions.create({ model: 'team/fault-param', messages: HELLO }).catch((error) => error);
    expect(failure.param).toBe('messages[0].name');
  });

  test.each(['midstream', 'silent-end', 'cut'])(
    'in the middle (fault-%s) is an error, never an end, and charged as if all had been said',
    async (fault) => {
      const stream = await client.chat.completions.create({ model: `team/fault-${fault}`, messages: HELLO, max_tokens: 10, stream: true });
      const hear = async () => {
        for await (const _ of stream);
      };
      await expect(hear()).rejects.toBeInstanceOf(OpenAI.APIError);
      const [entry] = await gateway.journalOf(key.id);
      expect(entry).toMatchObject({ status: 'failed', estimated: true, usage: { output: 10 } });
      expect(entry!.usage.input).toBeGreaterThan(HELLO[0]!.content.length);
    },
  );

  test('that leaves no answer may have been billed; one that was never reached has not', async () => {
    await expect(client.chat.completions.create({ model: 'team/fault-reset', messages: HELLO })).rejects.toMatchObject({ status: 502 });
    expect((await gateway.journalOf(key.id))[0]).toMatchObject({ status: 'failed', estimated: true, error: 'upstream_unreachable' });
    const spent = await gateway.spentBy(key.id);
    await expect(client.chat.completions.create({ model: 'team/gone', messages: HELLO })).rejects.toMatchObject({
      code: 'upstream_unreachable',
    });
    await expect(client.chat.completions.create({ model: 'team/keyless', messages: HELLO })).rejects.toMatchObject({
      code: 'upstream_auth_error',
    });
    expect(await gateway.spentBy(key.id)).toBe(spent);
  });

  test('to close a stream that is over keeps nobody waiting', async () => {
    const stream = await client.chat.completions.create({ model: 'team/fault-open', messages: HELLO, stream: true });
    for await (const _ of stream);
    await expectExact();
    expect((await gateway.journalOf(key.id))[0]).toMatchObject({ status: 'succeeded' });
  });

  test.each([false, true])('to tell the usage is charged at the bound (stream: %s)', async (stream) => {
    const answer = await client.chat.completions.create({ model: 'team/fault-no-usage', messages: HELLO, max_tokens: 20, stream });
    if (Symbol.asyncIterator in answer) for await (const _ of answer);
    const [entry] = await gateway.journalOf(key.id);
    expect(entry).toMatchObject({ status: 'succeeded', estimated: true, usage: { output: 20 } });
  });
});

describe('other paths', () => {
  test('embeddings are relayed, in the encoding that was asked for', async () => {
    const { data } = await client.embeddings.create({ model: 'team/embed', input: ['one two', 'three'] });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [0.5, -0.25],
      [0.5, -0.25],
    ]);
    expect(await gateway.spentBy(key.id)).toBe(3n * 20_000n);
    await client.embeddings.create({ model: 'team/embed', input: [1, 2, 3], encoding_format: 'float' });
    expect(await gateway.spentBy(key.id)).toBe(6n * 20_000n);
  });

  test('legacy completions are relayed, every prompt of them held for', async () => {
    const stream = await client.completions.create({ model: 'team/echo', prompt: 'one two', stream: true });
    let text = '';
    for await (const { choices } of stream) text += choices[0]!.text;
    expect(text).toContain('word0');
    expect(gateway.upstream.last().body.max_tokens).toBe(16);
    await expectExact();
  });

  test('responses are relayed for a model that lists them, whole and streamed', async () => {
    const whole = await client.responses.create({ model: 'team/agent', input: 'Hello there' });
    expect(whole.output_text).toContain('word0');
    const types = [];
    for await (const event of await client.responses.create({ model: 'team/agent', input: 'Hello there', stream: true }))
      types.push(event.type);
    expect(types.at(-1)).toBe('response.completed');
    await expectExact();
  });

  test('a path that only the target knows is relayed where the model lists it, and is not there otherwise', async () => {
    const body = { query: 'what', documents: ['one two', 'three'] };
    const answer = await gateway.post(key.secret, '/v1/rerank', { model: 'team/agent', ...body });
    expect(await answer.json()).toMatchObject({ results: [{ index: 0 }] });
    await expectExact();
    const asked = gateway.upstream.asked.length;
    for (const [path, model, status] of [
      ['/v1/rerank', 'team/echo', 404],
      ['/v1/rerank', 'nova-lite', 404],
      ['/v1/rerank', undefined, 404],
      ['/v1/files', 'team/agent', 404],
      ['/v1/responses', 'team/unpriced', 403],
      ['/v1/embeddings', 'team/echo', 400],
      ['/v1/chat/completions', 'team/embed', 400],
    ] as const) {
      expect([path, model, (await gateway.post(key.secret, path, { model, ...body })).status]).toEqual([path, model, status]);
    }
    expect((await gateway.post('sk-wrong', '/v1/rerank', { model: 'team/agent', ...body })).status).toBe(401);
    expect(gateway.upstream.asked).toHaveLength(asked);
  });

  test('a path that nobody knows is not there, whoever asks and whatever is in the body', async () => {
    expect((await gateway.post('sk-wrong', '/v1/nonsense', '{')).status).toBe(404);
  });

  test('a model without a price is for keys without a limit', async () => {
    await expect(client.chat.completions.create({ model: 'team/unpriced', messages: HELLO })).rejects.toMatchObject({
      code: 'model_not_priced',
    });
    const free = await gateway.clientOf({ monthlyBudget: null });
    await free.client.chat.completions.create({ model: 'team/unpriced', messages: HELLO });
    expect((await gateway.journalOf(free.key.id))[0]).toMatchObject({ cost: '0', usage: { output: 12 } });
  });
});
