// What users of gateways saw of streams, and what they see here.
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBedrockClient } from '../../functions/core/bedrock/client.ts';
import { createConverse } from '../../functions/core/bedrock/converse.ts';
import type { Patience } from '../../functions/core/platform/watch-silence.ts';
import { createProxyApp, type ProxyDependencies } from '../../functions/proxy/app.ts';
import { type Desk, openDesk, user } from '../support/desk.ts';
import type { Json } from '../support/watch-bedrock.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ monthlyBudget: null });
});
afterAll(() => desk.close());

const deltasOf = (frames: Json[]): Json[] => frames.flatMap((frame) => frame.choices?.map(({ delta }: Json) => delta) ?? []);

test('A user of two tools in one stream sees two calls with their own arguments, counted from 0, each with one id', async () => {
  const { frames } = await desk.chat({ model: 'standin.recording-reasoning-text-tools', stream: true });
  const pieces = deltasOf(frames).flatMap((delta) => delta.tool_calls ?? []);
  const begun = pieces.filter(({ id }) => id);
  expect(begun.map(({ index }) => index)).toEqual(begun.map((_, at) => at));
  for (const { index, function: called } of begun) {
    expect(called.name).toBeTruthy();
    const fragments = pieces.filter((piece) => piece.index === index).map((piece) => piece.function.arguments);
    expect(typeof JSON.parse(fragments.join(''))).toBe('object');
  }
});

test('A user whose model reasons, speaks and calls sees one choice throughout, of index 0', async () => {
  const { frames } = await desk.chat({ model: 'standin.recording-reasoning-text-tools', stream: true });
  const indexes = frames.flatMap((frame) => frame.choices?.map(({ index }: Json) => index) ?? []);
  expect(new Set(indexes)).toEqual(new Set([0]));
});

test.each([
  ['asks for the usage', { include_usage: true }, 1],
  ['does not', undefined, 0],
])('A user who %s sees exactly that: a last chunk without choices, or none', async (_what, stream_options, count) => {
  const { frames } = await desk.chat({ stream: true, stream_options });
  const usages = frames.filter((frame) => frame.usage);
  expect(usages).toHaveLength(count);
  if (count === 1) expect(frames.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
  expect(frames.at(-1)).toBe('[DONE]');
});

test.each([
  ['was cut off', { max_tokens: 3, messages: [user('write 50 words')] }, 'length'],
  [
    'a guardrail stopped',
    { messages: [user('How do I murder someone?')], guardrail_config: { guardrailIdentifier: 'g', guardrailVersion: '1' } },
    'content_filter',
  ],
])('A user whose answer %s sees that, and not stop', async (_what, fields, reason) => {
  expect((await desk.chat(fields)).json.choices[0].finish_reason).toBe(reason);
  const { frames } = await desk.chat({ ...fields, stream: true });
  expect(frames.at(-2).choices[0].finish_reason).toBe(reason);
});

test.each(['silent-end', 'truncated', 'bad-checksum', 'reset', 'midstream-error'])(
  'A user whose stream breaks off upstream (%s) sees an error, and never an end that looks complete',
  async (fault) => {
    const { frames, text } = await desk.chat({ model: `standin.fault-${fault}`, stream: true });
    expect(frames.at(-1)).toMatchObject({ error: { type: 'server_error', code: expect.any(String) } });
    expect(text).not.toContain('[DONE]');
    expect(frames.some((frame) => frame.choices?.[0]?.finish_reason)).toBe(false);
    const client = new OpenAI({ baseURL: `${desk.gateway.url}/v1`, apiKey: desk.key.secret, maxRetries: 0 });
    const stream = client.chat.completions.stream({ model: `standin.fault-${fault}`, messages: [{ role: 'user', content: 'Hello' }] });
    await expect(stream.finalChatCompletion()).rejects.toBeInstanceOf(OpenAI.APIError);
  },
);

test('A user whose stream was begun twice sees one beginning: one role, one id, one finish', async () => {
  const { frames } = await desk.chat({ stream: true });
  const chunks = frames.filter((frame) => frame.choices);
  expect(chunks.filter(({ choices }) => choices[0]?.delta.role)).toHaveLength(1);
  expect(chunks.filter(({ choices }) => choices[0]?.finish_reason)).toHaveLength(1);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
});

test.each<[what: string, fault: string, patience: Partial<Patience>]>([
  ['never answers', 'hang', { firstMs: 50 }],
  ['falls silent in the middle', 'stall', { silenceMs: 50, totalMs: 50 }],
])('A user whose model %s sees an error, and not a call that hangs for ever', async (_what, fault, patience) => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const endpoint = desk.watch.url;
  const client = createBedrockClient({ region: 'us-east-1', endpoint, credentials, authSchemePreference: ['sigv4'] });
  const converse = createConverse(client, { firstMs: 5_000, silenceMs: 5_000, totalMs: 5_000, ...patience });
  const events = converse.stream(`standin.fault-${fault}`, { messages: [{ role: 'user', content: [{ text: 'write 50 words' }] }] });
  const heard = (async () => {
    for await (const _ of events);
  })();
  await expect(heard).rejects.toMatchObject({ code: 'upstream_timeout', details: { mayBeBilled: true } });
  client.destroy();
});

test('A user who leaves in the middle is charged what the model made, no more and no less', async () => {
  const key = await desk.gateway.makeKey();
  const leaving = new AbortController();
  const before = desk.gateway.standin.tally();
  const answer = await desk.gateway.chat(
    key.secret,
    { model: 'claude-sonnet-4-5', stream: true, messages: [user('write 300 words')] },
    { signal: leaving.signal },
  );
  await answer.body!.getReader().read();
  leaving.abort();
  await expect.poll(() => desk.gateway.journalOf(key.id)).toHaveLength(1);
  const [entry] = await desk.gateway.journalOf(key.id);
  const after = desk.gateway.standin.tally();
  expect(entry!.usage).toMatchObject({ input: after.inputTokens - before.inputTokens, output: after.outputTokens - before.outputTokens });
  await expect.poll(async () => (await desk.gateway.readKey(key.id)).held).toBe('0');
});

test('A user of a route that has nothing to say sees bytes all the same: an empty streamed body would hang behind a function URL', async () => {
  const app = createProxyApp({ ids: () => 'req_1', log: { error: () => undefined } } as unknown as ProxyDependencies);
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/health'],
    ['GET', '/nowhere'],
    ['DELETE', '/v1/chat/completions'],
    ['OPTIONS', '/v1/models'],
  ] as const) {
    const answer = await app.request(path, { method });
    expect((await answer.text()).length, `${method} ${path}`).toBeGreaterThan(0);
  }
});
