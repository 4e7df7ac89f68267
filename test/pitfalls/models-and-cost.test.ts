// What users of gateways saw of models, prompt caching and their bill, and what they see here. Over HTTP, the bill in the journal.
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseUsd } from '../../functions/core/platform/money.ts';
import { assistant, called, type Desk, openDesk, result, tool, user } from '../support/desk.ts';
import type { Json } from '../support/watch-bedrock.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

/** The last entry of a fresh key that was used once by `ask`. */
async function billOf(ask: (headers: Record<string, string>) => Promise<unknown>) {
  const key = await desk.gateway.makeKey();
  await ask({ authorization: `Bearer ${key.secret}` });
  const [entry] = await desk.gateway.journalOf(key.id);
  return { cost: parseUsd(entry!.cost)!, usage: entry!.usage };
}

test('A user who calls a model in one geography sees its price, a tenth above that of the global profile', async () => {
  const global = await billOf((headers) => desk.chat({ model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0' }, headers));
  const inEurope = await billOf((headers) => desk.chat({ model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0' }, headers));
  expect(inEurope.usage).toEqual(global.usage);
  expect(inEurope.cost * 10n).toBe(global.cost * 11n);
});

test('A user of an application inference profile sees the abilities and the price of the model behind it', async () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/us0novalite';
  const asked = { messages: [user('What is the weather in Bern?')], tools: [tool('weather')], tool_choice: 'required' };
  let json: Json;
  const named = await billOf((headers) => desk.chat({ ...asked, model: 'nova-lite' }, headers));
  const profiled = await billOf(async (headers) => {
    json = (await desk.chat({ ...asked, model: arn }, headers)).json;
  });
  expect(json!.choices[0].finish_reason).toBe('tool_calls');
  expect(profiled).toEqual(named);
});

test('A user of prompt caching sees reads and writes in the usage, as part of the prompt, and each at its own price', async () => {
  const mark = (ttl: string) => ({ type: 'text', text: `A long text, for ${ttl}. `.repeat(50), cache_control: { type: 'ephemeral', ttl } });
  const costs: Record<string, bigint> = {};
  for (const ttl of ['5m', '1h']) {
    const messages = [user([mark(ttl), { type: 'text', text: 'Hi.' }])];
    for (const part of ['written', 'read']) {
      let json: Json;
      const { cost, usage } = await billOf(async (headers) => {
        json = (await desk.chat({ messages }, headers)).json;
      });
      const details = json.usage.prompt_tokens_details;
      expect(part === 'read' ? details.cached_tokens : details.cache_write_tokens).toBeGreaterThan(200);
      const { input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = usage;
      expect(json.usage.prompt_tokens).toBe(input + cacheRead + cacheWrite5m + cacheWrite1h);
      const written = BigInt(cacheWrite5m) * 3_750_000n + BigInt(cacheWrite1h) * 6_000_000n;
      expect(cost).toBe(BigInt(input) * 3_000_000n + BigInt(cacheRead) * 300_000n + written + BigInt(output) * 15_000_000n);
      costs[`${part} ${ttl}`] = cost;
    }
  }
  expect(costs['read 5m']! < costs['written 5m']! && costs['written 5m']! < costs['written 1h']!).toBe(true);
});

test('A user who marks tools, system and parts sees each mark reach the model, an hour only where the model knows it', async () => {
  const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
  const marked = {
    tools: [{ ...tool('look'), ...hour }],
    messages: [{ role: 'system', content: [{ type: 'text', text: 's', ...hour }] }, user([{ type: 'text', text: 'a', ...hour }])],
  };
  const pointsOf = async (model: string) => {
    const { status, sent } = await desk.chat({ model, ...marked });
    expect(status).toBe(200);
    const { system, toolConfig, messages } = sent!.body;
    return [toolConfig.tools, system, messages[0].content].map(
      (blocks) => blocks.at(-1).cachePoint?.ttl ?? Boolean(blocks.at(-1).cachePoint),
    );
  };
  expect(await pointsOf('claude-sonnet-4-5')).toEqual(['1h', '1h', '1h']);
  expect(await pointsOf('claude-opus-4-1')).toEqual([true, true, true]);
  expect(await pointsOf('nova-pro')).toEqual([false, true, true]);
});

test('A user whose agent goes on for many turns sees the cache hit: on the wire each prompt begins with the bytes of the one before', async () => {
  const tools = [tool('look'), tool('mcp.search')];
  const messages: object[] = [{ role: 'system', content: 'Be brief.' }, user('Go.')];
  let before = '';
  for (let turn = 1; turn <= 6; turn += 1) {
    const { status, sent } = await desk.chat({ tools, messages, reasoning_effort: 'low', max_tokens: 2_000 });
    expect(status).toBe(200);
    const { messages: said, system, toolConfig } = sent!.body;
    const prompt = JSON.stringify([toolConfig, system, said]).slice(0, -2);
    expect(prompt.startsWith(before)).toBe(true);
    expect(sent!.text).toContain(JSON.stringify(said).slice(1, -1));
    before = prompt;
    const reasoning_details = [{ type: 'reasoning.text', text: `Thought ${turn}.`, signature: `c2ln${turn}`, index: 0 }];
    messages.push(assistant('', { reasoning_details, tool_calls: [called(`functions.look:${turn}`, 'mcp.search', '{"city": "Rome"}')] }));
    messages.push({ role: 'system', content: `Reminder ${turn}.` });
    messages.push(result(`functions.look:${turn}`, turn % 2 === 0 ? '' : 'seen'));
  }
});

test('A user of Claude Code’s headers sees an answer and not "invalid beta flag"', async () => {
  const beta = 'context-1m-2025-08-07,files-api-2025-04-14,mcp-client-2025-04-04';
  const { status, headers, sent } = await desk.chat({}, { 'anthropic-beta': beta });
  expect(status).toBe(200);
  expect(sent!.body.additionalModelRequestFields).toEqual({ anthropic_beta: ['context-1m-2025-08-07'] });
  expect(headers.get('x-outcrop-warnings')).toMatch(/^anthropic_beta;/);
});

test.each([
  ['tools', { tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['web_search_options', { web_search_options: {} }, 'web_search_options'],
])(
  'A user who wants the model to search the web by %s sees that it cannot, and not an answer without a search',
  async (_what, fields, param) => {
    const { status, json, sent } = await desk.chat(fields);
    expect([status, json.error.param, sent]).toEqual([400, param, undefined]);
  },
);

test('A user of the official client sees vectors, not empty lists: it asks for base64 by default', async () => {
  const client = new OpenAI({ baseURL: `${desk.gateway.url}/v1`, apiKey: desk.key.secret, maxRetries: 0 });
  const { data } = await client.embeddings.create({ model: 'titan-embed-text-v2', input: ['a', 'b'], dimensions: 256 });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([256, 256]);
  // Older clients read whatever comes as base64, so that a list of floats would become an empty vector without a word.
  const asked = { model: 'titan-embed-text-v2', input: 'a', dimensions: 256, encoding_format: 'base64' };
  const { json } = await desk.post('/v1/embeddings', asked);
  expect(Buffer.from(json.data[0].embedding, 'base64')).toHaveLength(256 * 4);
});
