// The official OpenAI client, unmodified, against the running gateway.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseUsd } from '../../functions/core/platform/money.ts';
import { type Gateway, type KeyView, startGateway } from '../support/gateway.ts';

const MODEL = 'claude-sonnet-4-5';
const HELLO = [{ role: 'user' as const, content: 'Hello, who are you?' }];
/** Prices of the model, picodollars per token. */
const INPUT = 3_000_000n;
const OUTPUT = 15_000_000n;

let gateway: Gateway;
let key: KeyView;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

async function fresh(fields: Record<string, unknown> = {}): Promise<void> {
  key = await gateway.makeKey(fields);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key.secret, maxRetries: 0 });
}

describe('a chat with the official client', () => {
  test('is answered whole and charged to the last picodollar', async () => {
    await fresh();
    const completion = await client.chat.completions.create({ model: MODEL, messages: HELLO });
    expect(completion.object).toBe('chat.completion');
    expect(completion.choices[0]!.message.content).toBeTruthy();
    expect(completion.choices[0]!.finish_reason).toBe('stop');
    expect(completion.model).toBe(MODEL);
    const { prompt_tokens, completion_tokens } = completion.usage!;
    const cost = BigInt(prompt_tokens) * INPUT + BigInt(completion_tokens) * OUTPUT;
    const [entry] = await gateway.journalOf(key.id);
    expect(parseUsd(entry!.cost)).toBe(cost);
    const { spent, held, remaining } = await gateway.readKey(key.id);
    expect(parseUsd(spent.month)).toBe(cost);
    expect(parseUsd(spent.lifetime)).toBe(cost);
    expect(held).toBe('0');
    expect(parseUsd(remaining!)).toBe(parseUsd('100')! - cost);
  });

  test('streams the same answer in chunks with one id, and the usage when asked for', async () => {
    await fresh();
    const whole = await client.chat.completions.create({ model: MODEL, messages: HELLO });
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]!.choices[0]!.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? '')).join('')).toBe(
      whole.choices[0]!.message.content,
    );
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)!.choices).toEqual([]);
    expect(chunks.at(-1)!.usage!.total_tokens).toBe(whole.usage!.total_tokens);
    const entries = await gateway.journalOf(key.id);
    expect(entries).toHaveLength(2);
    expect(entries[0]!.cost).toBe(entries[1]!.cost);
  });

  test('that the client aborts is charged for what the model still said', async () => {
    await fresh();
    const before = gateway.standin.tally();
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: 'write 300 words' }],
      stream: true,
    });
    for await (const _ of stream) break;
    await expect.poll(() => gateway.journalOf(key.id)).toHaveLength(1);
    await expect.poll(async () => (await gateway.readKey(key.id)).held).toBe('0');
    const after = gateway.standin.tally();
    const cost = BigInt(after.inputTokens - before.inputTokens) * INPUT + BigInt(after.outputTokens - before.outputTokens) * OUTPUT;
    expect(parseUsd((await gateway.readKey(key.id)).spent.month)).toBe(cost);
  });

  test.each([
    [
      'a wrong key',
      () => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 }),
      MODEL,
      OpenAI.AuthenticationError,
    ],
    ['an unknown model', () => client, 'gpt-nonsense', OpenAI.NotFoundError],
  ])('with %s fails as the client expects', async (_what, make, model, kind) => {
    await fresh();
    await expect(make().chat.completions.create({ model, messages: HELLO })).rejects.toBeInstanceOf(kind);
  });

  test('that breaks off in the middle fails as an error, never as an end', async () => {
    await fresh();
    for (const model of ['standin.fault-midstream', 'standin.fault-silent-end']) {
      const stream = await client.chat.completions.create({ model, messages: HELLO, stream: true });
      await expect(
        (async () => {
          for await (const _ of stream);
        })(),
      ).rejects.toBeInstanceOf(OpenAI.APIError);
    }
    for (const entry of await gateway.journalOf(key.id)) expect(entry).toMatchObject({ status: 'failed', estimated: true });
  });

  test('that Bedrock throttles is a 429 with Retry-After before anything is streamed', async () => {
    await fresh();
    const failure = await client.chat.completions
      .create({ model: 'standin.fault-throttle', messages: HELLO, stream: true })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect(failure.headers.get('retry-after')).toBeTruthy();
    const [entry] = await gateway.journalOf(key.id);
    expect(entry).toMatchObject({ cost: '0', status: 'failed', error: 'rate_limit_exceeded' });
  });

  test('lists and finds models, also by ids with slashes and colons', async () => {
    await fresh();
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toContain(MODEL);
    expect((await client.models.retrieve('bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0')).object).toBe('model');
    await expect(client.models.retrieve('nonsense')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
