// The routes that answer whole, over an upstream that takes its time: when the status is sent, what is charged, and what breaks.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import type { Key } from '../../functions/core/access/principal.ts';
import type { ConverseEvent } from '../../functions/core/bedrock/converse.ts';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import { GatewayError } from '../../functions/core/platform/errors.ts';
import { formatUsd, parseUsd } from '../../functions/core/platform/money.ts';
import { createLessons } from '../../functions/core/turn/lessons.ts';
import { parseRelaySettings } from '../../functions/core/turn/relay-settings.ts';
import { createProxyApp } from '../../functions/proxy/app.ts';
import { openTill } from '../support/till.ts';

const MODEL = 'claude-sonnet-4-5';
const COST = 10n * 3_000_000n + 5n * 15_000_000n;
const BEGINNING = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hello' } } },
] as ConverseEvent[];
const END = [
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 }, metrics: { latencyMs: 1 } } },
] as ConverseEvent[];

let till: Awaited<ReturnType<typeof openTill>>;
/** The model goes on, or fails, when the test says so. */
let goOn: PromiseWithResolvers<void>;
let hasBegun: boolean;
/** Kept when a relay has been asked. */
let reached: PromiseWithResolvers<void>;
let key: Key;
let secret: string;

beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());
beforeEach(async () => {
  goOn = Promise.withResolvers();
  reached = Promise.withResolvers();
  goOn.promise.catch(() => undefined);
  hasBegun = true;
  ({ key, secret } = await till.makeKey({ monthlyBudget: 10n ** 12n }));
});

async function* upstream() {
  if (hasBegun) yield* BEGINNING;
  await goOn.promise;
  yield* END;
}

/** A target that speaks OpenAI's dialect, and says nothing until it says everything. */
const { models: relayModels } = parseRelaySettings(
  JSON.stringify({
    relays: { up: { baseUrl: 'https://example.com/v1', auth: 'none' } },
    models: { m: { relay: 'up', target: 't', contextTokens: 10_000, maxOutputTokens: 1_000, price: { input: '3', output: '15' } } },
  }),
);

async function* forward() {
  reached.resolve();
  await goOn.promise;
  yield JSON.stringify({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
}

function ask(path: string, body: object, { begunMs = 1, silentMs = 60_000 } = {}): Promise<Response> {
  const app = createProxyApp({
    ...till,
    catalog: createShippedCatalog({ relayModels }),
    forward,
    converse: { stream: upstream, whole: upstream },
    countTokens: async () => undefined,
    lessons: createLessons(till.clock),
    invoke: async () => ({ answer: null, inputTokens: undefined }),
    authorize: createAuthorize({ keys: till.keys, masterKey: async () => undefined, clock: till.clock }),
    checkReady: async () => undefined,
    wholePace: { begunMs, silentMs, paddingMs: 1 },
  });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return Promise.resolve(app.request(path, { method: 'POST', headers, body: JSON.stringify({ model: MODEL, seed: 1, ...body }) }));
}

describe.each<[string, object, number]>([
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hello' }] }, 1],
  ['/v1/completions', { prompt: ['Hello', 'Hello'] }, 2],
])('%s', (path, body, calls) => {
  test('has its status once every model has begun, and the JSON when all is said and charged', async () => {
    const answer = await ask(path, body);
    expect([answer.status, answer.headers.get('x-outcrop-warnings')]).toEqual([200, 'seed;dropped']);
    expect((await till.readAccount(key)).open).toBe(calls);
    goOn.resolve();
    const text = await answer.text();
    expect(text).toMatch(/^\n+\{/);
    const { choices, usage } = JSON.parse(text) as { choices: unknown[]; usage: { total_tokens: number } };
    expect([choices.length, usage.total_tokens]).toEqual([calls, calls * 15]);
    expect(await till.readAccount(key)).toEqual({ spent: BigInt(calls) * COST, held: 0n, open: 0 });
  });

  test('that fails after its status breaks, and is charged what was heard', async () => {
    const answer = await ask(path, body);
    goOn.reject(new GatewayError('model_stream_error', 'The model failed.', { mayBeBilled: true }));
    await expect(answer.text()).rejects.toThrow('broke off');
    expect(await till.readAccount(key)).toMatchObject({ held: 0n, open: 0 });
    for (const entry of await till.entriesOf(key)) expect(entry).toMatchObject({ status: 'failed', isEstimated: true });
  });

  test('that fails before its status is a status, also when the model had begun', async () => {
    for (const begun of [true, false]) {
      hasBegun = begun;
      const asked = ask(path, body, { begunMs: 60_000 });
      goOn.reject(new GatewayError('model_stream_error', 'The model failed.'));
      expect((await asked).status).toBe(502);
    }
  });
});

describe('a relayed answer', () => {
  const asked = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

  test('has its status when it has been silent for too long, and the upstream’s JSON when that is there and charged', async () => {
    const answer = await ask('/v1/chat/completions', asked, { silentMs: 2 });
    expect(answer.status).toBe(200);
    await reached.promise;
    expect((await till.readAccount(key)).open).toBe(1);
    goOn.resolve();
    const text = await answer.text();
    expect(text).toMatch(/^\n+\{/);
    expect(JSON.parse(text)).toMatchObject({ usage: { total_tokens: 15 } });
    expect(await till.readAccount(key)).toEqual({ spent: COST, held: 0n, open: 0 });
  });

  test('that fails after its status breaks, and one that fails before is a status', async () => {
    const late = await ask('/v1/chat/completions', asked, { silentMs: 2 });
    const early = ask('/v1/chat/completions', asked);
    goOn.reject(new GatewayError('upstream_unreachable', 'The connection was lost.'));
    await expect(late.text()).rejects.toThrow('broke off');
    expect((await early).status).toBe(502);
  });
});

describe.each<[string, string, object]>([
  ['a chat', '/v1/chat/completions', { messages: [{ role: 'user', content: 'Hello' }] }],
  ['completions', '/v1/completions', { prompt: ['Hello', 'Hello'] }],
  ['a relayed chat', '/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'Hello' }] }],
])('the headers of %s', (_, path, body) => {
  test('tell what it cost and what it left, where the answer is there in time', async () => {
    goOn.resolve();
    const { headers } = await ask(path, body, { begunMs: 60_000 });
    const { spent } = await till.readAccount(key);
    expect(headers.get('x-outcrop-cost')).toBe(formatUsd(spent));
    const left = parseUsd(headers.get('x-outcrop-budget-remaining')!)!;
    // Of several prompts, some may have been admitted beside the holds of others.
    expect(left).toBeLessThanOrEqual(10n ** 12n - spent);
    expect(left).toBeGreaterThan(10n ** 12n / 2n);
  });
});

test('a status that goes out first tells what is left beside what is held, and no cost', async () => {
  const { headers, body } = await ask('/v1/completions', { prompt: ['Hello', 'Hello'] });
  const { held } = await till.readAccount(key);
  expect(headers.get('x-outcrop-cost')).toBeNull();
  const left = parseUsd(headers.get('x-outcrop-budget-remaining')!)!;
  expect(left).toBeGreaterThanOrEqual(10n ** 12n - held);
  // Two that are admitted at the same moment may both tell of one hold.
  expect(left).toBeLessThanOrEqual(10n ** 12n - held / 2n);
  goOn.resolve();
  await body!.pipeTo(new WritableStream());
});
