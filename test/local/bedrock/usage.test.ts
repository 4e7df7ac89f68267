import { CountTokensCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createPromptCache } from '../../../local/bedrock/prompt-cache.ts';
import { createStandin, type Standin } from '../../../local/bedrock/standin.ts';
import { countTokens, takeTokens, toPieces } from '../../../local/bedrock/tokens.ts';
import { ask, converse, createClient, stream } from './clients.ts';

let standin: Standin | undefined;
let url: string;
let client: ReturnType<typeof createClient>;

beforeEach(async () => {
  standin = createStandin();
  ({ url } = await standin.listen(0));
  client = createClient(url);
  return async () => {
    client.destroy();
    await standin?.close();
  };
});
afterAll(() => standin?.close());

const TEXTS = ['', 'a', 'hello world', '你好，世界', 'naïve café', '👩‍👩‍👧 family', 'мир', '\ud800 lone', '  spaces\n\n', 'x'.repeat(1000)];

test.each(TEXTS)(
  'the tokens of %j are at most its bytes, in pieces it is the same text, and its starts cost exactly what is asked',
  (text) => {
    const tokens = countTokens(text);
    expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text));
    expect(toPieces(text).join('')).toBe(text);
    for (let count = 0; count <= tokens; count += 1) expect(countTokens(takeTokens(text, count))).toBe(count);
  },
);

test('what was streamed, what was asked whole and what was refused are in the tally as they were reported', async () => {
  const whole = await converse(client, ask('echo one two three'));
  const { events } = await stream(client, ask('echo four five', { modelId: 'amazon.nova-lite-v1:0' }));
  await converse(client, ask('')).catch(() => undefined);
  const streamed = events.at(-1)!.metadata!.usage!;
  const tally = standin!.tally();
  expect(tally).toMatchObject({
    requests: 2,
    inputTokens: whole.usage!.inputTokens! + streamed.inputTokens!,
    outputTokens: whole.usage!.outputTokens! + streamed.outputTokens!,
  });
  expect(tally.byModel['amazon.nova-lite-v1:0']).toEqual({
    requests: 1,
    inputTokens: streamed.inputTokens,
    outputTokens: streamed.outputTokens,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  });
  expect(await (await fetch(`${url}/standin/tally`)).json()).toEqual(tally);
});

test('a stream that a fault cut is billed for its input and for the words that went out', async () => {
  const { text } = await stream(client, ask('echo one two three four five six', { modelId: 'standin.fault-midstream' }));
  expect(standin!.tally().outputTokens).toBe(countTokens(text));
});

test('standin.usage-max reports every byte as a token, 8 a message, and all of maxTokens', async () => {
  const input = ask('你好 echo', { modelId: 'standin.usage-max', system: [{ text: 'Be kind.' }], inferenceConfig: { maxTokens: 77 } });
  const expected = { inputTokens: Buffer.byteLength('你好 echo') + 8 + Buffer.byteLength('Be kind.'), outputTokens: 77 };
  expect((await converse(client, input)).usage).toMatchObject(expected);
  expect((await stream(client, input)).events.at(-1)?.metadata?.usage).toMatchObject(expected);
  expect(standin!.tally()).toMatchObject({ inputTokens: 2 * expected.inputTokens, outputTokens: 2 * 77 });
});

test('a cached prefix is written the first time and read after, a longer one adds to it, another model starts anew', async () => {
  const point = { cachePoint: { type: 'default' as const } };
  const prompt = 'You are a long and patient system prompt.';
  const system = [{ text: prompt }, point];
  const use = async (more: object) => {
    const { inputTokens, cacheReadInputTokens, cacheWriteInputTokens } = (await converse(client, ask('echo hi', { system, ...more })))
      .usage!;
    return [inputTokens, cacheReadInputTokens, cacheWriteInputTokens];
  };
  const prefix = countTokens(prompt);
  const rest = countTokens('echo hi') + 4;
  expect(await use({})).toEqual([rest, 0, prefix]);
  expect(await use({})).toEqual([rest, prefix, 0]);
  expect(await use({ messages: [{ role: 'user', content: [{ text: 'echo hi' }, point, { text: 'more' }] }] })).toEqual([1, prefix, rest]);
  expect(await use({ modelId: 'amazon.nova-lite-v1:0' })).toEqual([rest, 0, prefix]);
  expect(await use({ system: [{ text: 'You are another system prompt.' }, point] })).toEqual([
    rest,
    0,
    countTokens('You are another system prompt.'),
  ]);
  expect(standin!.tally()).toMatchObject({ cacheReadTokens: 2 * prefix });
});

test('a prefix is forgotten after its five minutes or its hour', () => {
  let now = 0;
  const cache = createPromptCache(() => now);
  const parts = (cacheTtl: string) => [
    { content: cacheTtl, tokens: 10, bytes: 40 },
    { content: '', tokens: 0, bytes: 0, cacheTtl },
  ];
  for (const ttl of ['5m', '1h']) expect(cache.use('m', parts(ttl))).toMatchObject({ readTokens: 0, writeTokens: 10, ttl });
  now = 5 * 60_000;
  expect(cache.use('m', parts('5m')).readTokens).toBe(0);
  expect(cache.use('m', parts('1h')).readTokens).toBe(10);
  now += 60 * 60_000;
  expect(cache.use('m', parts('1h')).readTokens).toBe(0);
});

test('CountTokens counts what the call itself would report, and is free', async () => {
  const messages = [{ role: 'user' as const, content: [{ text: 'How many tokens is this, 请问？' }] }];
  const modelId = 'anthropic.claude-sonnet-4-6';
  const byConverse = await client.send(new CountTokensCommand({ modelId, input: { converse: { messages } } }));
  const body = {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 1,
    messages: [{ role: 'user', content: messages[0]!.content[0]!.text }],
  };
  const byInvoke = await client.send(
    new CountTokensCommand({ modelId, input: { invokeModel: { body: Buffer.from(JSON.stringify(body)) } } }),
  );
  expect(standin!.tally().requests).toBe(0);
  const { usage } = await converse(client, { modelId, messages });
  expect([byConverse.inputTokens, byInvoke.inputTokens]).toEqual([usage?.inputTokens, usage?.inputTokens]);
});

test.each(['us.anthropic.claude-sonnet-4-6', 'amazon.nova-lite-v1:0'])('CountTokens does not know %s', async (modelId) => {
  const sent = client.send(
    new CountTokensCommand({ modelId, input: { converse: { messages: [{ role: 'user', content: [{ text: 'a' }] }] } } }),
  );
  await expect(sent).rejects.toThrow("doesn't support counting tokens");
});
