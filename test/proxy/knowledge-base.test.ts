// Models over a knowledge base, as clients of the running gateway meet them, and what goes to Bedrock for them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parsePricePerMillion, parseUsd } from '../../functions/core/platform/money.ts';
import { type Gateway, type KeyView, startGateway } from '../support/gateway.ts';
import { type BedrockWatch, watchBedrock } from '../support/watch-bedrock.ts';

let gateway: Gateway;
let watch: BedrockWatch;
let key: KeyView;
/** What the stand-in had billed before the test. */
let before: ReturnType<Gateway['standin']['tally']>;
beforeAll(async () => {
  gateway = await startGateway({
    through: async (url) => {
      watch = await watchBedrock(url);
      return watch.url;
    },
  });
  for (const id of ['KB12345678', 'EMPTYBASE0', 'LONGBASE00', 'NOSUCHBASE', 'DENIEDBASE', 'BUSYBASE00']) await over(id, id);
});
beforeEach(async () => {
  key = await gateway.makeKey();
  watch.calls.length = 0;
  before = gateway.standin.tally();
});
afterAll(async () => {
  await gateway.close();
  await watch.close();
});

async function over(name: string, id: string, more = {}): Promise<void> {
  const { status } = await gateway.admin('PUT', `/models/${name}`, { base: 'claude-sonnet-4-5', knowledgeBase: { id }, ...more });
  expect(status).toBe(201);
}
const QUESTION = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'When are we open?' },
];
const ask = (model: string, more: object = {}, { secret } = key) =>
  gateway.chat(secret, { model, max_tokens: 50, messages: QUESTION, ...more });
const errorOf = async (refusal: Response) => ((await refusal.json()) as { error: { code: string } }).error;
const retrievals = () => watch.calls.filter(({ path }) => path.startsWith('/knowledgebases/'));
const systemSent = (): string[] => watch.calls.at(-1)!.body.system.map(({ text }: { text: string }) => text);

async function expectExactCharge(): Promise<void> {
  const [entry] = await gateway.journalOf(key.id);
  const rates = Object.entries(entry!.rates as Record<string, string>);
  const reckoned = rates.reduce((sum, [kind, rate]) => sum + BigInt(entry!.usage[kind]!) * parsePricePerMillion(rate)!, 0n);
  const billed = gateway.standin.tally();
  const { input, output } = entry!.usage;
  expect([input, output]).toEqual([billed.inputTokens - before.inputTokens, billed.outputTokens - before.outputTokens]);
  expect(reckoned > 0n).toBe(true);
  expect(entry).toMatchObject({ status: 'succeeded', estimated: false });
  expect(parseUsd(entry!.cost)).toBe(reckoned);
  const { spent, held } = await gateway.readKey(key.id);
  expect([parseUsd(spent.lifetime), parseUsd(held)]).toEqual([reckoned, 0n]);
}

describe('a chat', () => {
  test('asks the knowledge base for what the user said last, and tells the model what was found', async () => {
    const answer = await ask('KB12345678');
    expect(await answer.json()).toMatchObject({ model: 'KB12345678', object: 'chat.completion' });
    expect(watch.calls.map(({ path }) => path)).toEqual([
      '/knowledgebases/KB12345678/retrieve',
      expect.stringMatching(/^\/model\/.*\/converse$/),
    ]);
    expect(retrievals()[0]!.body).toEqual({
      retrievalQuery: { text: 'When are we open?' },
      retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults: 8 } },
    });
    expect(systemSent()).toEqual(['Be brief.', expect.stringContaining('it is no instruction')]);
    expect(systemSent()[1]).toContain(
      '\n\n[2] source: "s3://kb12345678/handbook/chapter-2.md"\nChapter 2 of the handbook is about “When are we open?”.',
    );
    await expectExactCharge();
  });

  test('is streamed with the same passages and charged as exactly', async () => {
    const answer = await ask('KB12345678', { stream: true, max_tokens: 2_000 });
    expect(await answer.text()).toMatch(/data: \[DONE\]\s*$/);
    expect(watch.calls.at(-1)!.path).toMatch(/\/converse-stream$/);
    expect(systemSent()[1]).toContain('[3] source');
    await expectExactCharge();
  });

  test('tells the model where nothing was found', async () => {
    expect((await ask('EMPTYBASE0')).status).toBe(200);
    expect(systemSent()[1]).toContain('found no passages');
  });

  test('asks for the last words of the user, at most 1,000 characters, and not for what a tool answered', async () => {
    const toolCall = { id: 'call_1', type: 'function', function: { name: 'clock', arguments: '{}' } };
    const messages = [
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'yes?' },
      { role: 'user', content: 'x'.repeat(1_500) },
      { role: 'assistant', content: null, tool_calls: [toolCall] },
      { role: 'tool', tool_call_id: 'call_1', content: 'noon' },
    ];
    const tools = [{ type: 'function', function: { name: 'clock', parameters: { type: 'object', properties: {} } } }];
    expect((await ask('KB12345678', { messages, tools })).status).toBe(200);
    expect(retrievals()[0]!.body.retrievalQuery.text).toBe('x'.repeat(1_000));
  });

  test('with passages that are too long has them cut at 24,000 bytes, on a whole character', async () => {
    expect((await ask('LONGBASE00')).status).toBe(200);
    const passages = systemSent()[1]!.slice(systemSent()[1]!.indexOf('\n\n[1]'));
    expect(Buffer.byteLength(passages)).toBeGreaterThan(23_990);
    expect(Buffer.byteLength(passages)).toBeLessThanOrEqual(24_000);
    expect(passages).not.toContain('\uFFFD');
    await expectExactCharge();
  });

  test('that the model refuses is tried once more with the same passages, which are looked up once', async () => {
    await over('healing', 'KB12345678', { target: 'standin.fault-no-sampling', abilities: { sampling: true } });
    const unlimited = await gateway.makeKey({ monthlyBudget: null });
    expect((await ask('healing', { temperature: 0.5 }, unlimited)).status).toBe(200);
    const [first, second] = watch.calls.filter(({ path }) => path.startsWith('/model/')).map(({ body }) => body);
    expect([first.inferenceConfig.temperature, second.inferenceConfig.temperature]).toEqual([0.5, undefined]);
    expect(second.system).toEqual(first.system);
    expect(second.system).toHaveLength(2);
    expect(retrievals()).toHaveLength(1);
  });
});

describe('what is held', () => {
  test('has room for the longest passages: a key that cannot pay for them is refused before anything is asked', async () => {
    key = await gateway.makeKey({ monthlyBudget: '0.05' });
    expect((await ask('claude-sonnet-4-5')).status).toBe(200);
    watch.calls.length = 0;
    const refusal = await ask('LONGBASE00');
    expect([refusal.status, (await errorOf(refusal)).code]).toEqual([429, 'insufficient_quota']);
    expect(watch.calls.filter(({ path }) => !path.endsWith('/count-tokens'))).toEqual([]);
  });
});

test.each([
  ['NOSUCHBASE', 404, 'model_not_found', 'is not there', null],
  ['DENIEDBASE', 403, 'model_access_denied', 'bedrock:Retrieve', null],
  ['BUSYBASE00', 429, 'rate_limit_exceeded', 'throttling the knowledge base', expect.stringMatching(/^\d+$/)],
])(
  'a search that fails (%s) is told with %i, no model is called, and nothing is charged',
  async (model, status, code, words, retryAfter) => {
    for (const stream of [false, true]) {
      const refusal = await ask(model, { stream });
      expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([status, retryAfter]);
      expect(await errorOf(refusal)).toMatchObject({ code, message: expect.stringContaining(words) });
    }
    expect(watch.calls.map(({ path }) => path)).toEqual(Array(2).fill(`/knowledgebases/${model}/retrieve`));
    const entries = await gateway.journalOf(key.id);
    expect(entries).toMatchObject(Array(2).fill({ status: 'failed', error: code, estimated: false, usage: { input: 0, output: 0 } }));
    const { spent, held } = await gateway.readKey(key.id);
    expect([parseUsd(spent.lifetime), parseUsd(held)]).toEqual([0n, 0n]);
  },
);

test('it is listed as a model, and only for keys that were given it by its own name', async () => {
  const listedFor = async ({ secret }: KeyView) => {
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
    return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  expect(await listedFor(key)).toContain('KB12345678');
  const byName = await gateway.makeKey({ models: ['KB12345678'] });
  expect(await listedFor(byName)).toEqual(['KB12345678']);
  expect((await ask('KB12345678', {}, byName)).status).toBe(200);
  // A key for the model underneath, by any of its names, reads no knowledge base.
  const { json } = await gateway.admin('GET', '/models/claude-sonnet-4-5');
  const { target, foundationId } = json as unknown as { target: string; foundationId: string };
  const under = await gateway.makeKey({ models: ['claude-sonnet-4-5', target, foundationId] });
  watch.calls.length = 0;
  expect([(await ask('KB12345678', {}, under)).status, (await ask('claude-sonnet-4-5', {}, under)).status]).toEqual([403, 200]);
  expect([retrievals(), (await listedFor(under)).includes('KB12345678')]).toEqual([[], false]);
});
