// Another Outcrop is an OpenAI-compatible URL like any other: one gateway in front of another charges what that one charges.
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** The rates of the model in the inner gateway. */
const PRICE = { input: '3', output: '15', cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6' };
const MESSAGES = [
  { role: 'system' as const, content: [{ type: 'text' as const, text: 'Be brief. '.repeat(600), cache_control: { type: 'ephemeral' } }] },
  { role: 'user' as const, content: 'Say hello' },
];

let inner: Gateway;
let outer: Gateway;
let inside: { id: string; secret: string };
let client: OpenAI;
let outside: { id: string };

beforeAll(async () => {
  inner = await startGateway();
  inside = await inner.makeKey();
  process.env.INNER_TEST_KEY = inside.secret;
  const relays = {
    relays: { inner: { baseUrl: `${inner.url}/v1`, key: 'env:INNER_TEST_KEY' } },
    models: { sonnet: { relay: 'inner', target: 'claude-sonnet-4-5', contextTokens: 200_000, maxOutputTokens: 64_000, price: PRICE } },
  };
  outer = await startGateway({ relays: JSON.stringify(relays) });
  const { secret, id } = await outer.makeKey();
  outside = { id };
  client = new OpenAI({ baseURL: `${outer.url}/v1`, apiKey: secret, maxRetries: 0 });
});
afterAll(async () => {
  await outer.close();
  await inner.close();
});

test('calls through two gateways cost the same in both, prompt caches included', async () => {
  for (const stream of [false, true, true]) {
    const answer = await client.chat.completions.create({ model: 'sonnet', messages: MESSAGES, max_tokens: 50, stream });
    if (Symbol.asyncIterator in answer) for await (const _ of answer);
  }
  const [inEntries, outEntries] = await Promise.all([inner.journalOf(inside.id), outer.journalOf(outside.id)]);
  expect(outEntries.map(({ cost }) => cost)).toEqual(inEntries.map(({ cost }) => cost));
  expect(outEntries.map(({ usage }) => usage)).toEqual(inEntries.map(({ usage }) => usage));
  expect(outEntries.some(({ usage }) => usage.cacheRead! > 0)).toBe(true);
});

test('a budget that the inner gateway has used up is its own trouble, not that of the key', async () => {
  await inner.admin('PATCH', `/keys/${inside.id}`, { monthlyBudget: '0' });
  const failure = await client.chat.completions.create({ model: 'sonnet', messages: MESSAGES }).catch((error) => error);
  expect(failure).toMatchObject({ status: 429, code: 'quota_exceeded' });
  expect(failure.headers.get('x-should-retry')).toBe('false');
});
