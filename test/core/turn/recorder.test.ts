// Logging beside real turns: what is written at each level, that off means nothing at all, and that no trouble of it reaches a call.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Key, KeyLogging } from '../../../functions/core/access/principal.ts';
import type { Converse, ConverseEvent, ConverseRequest } from '../../../functions/core/bedrock/converse.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import type { Logging } from '../../../functions/core/conversations/thread.ts';
import { createLog } from '../../../functions/core/platform/log.ts';
import { createUnderWay } from '../../../functions/core/platform/under-way.ts';
import { createSettingsStore } from '../../../functions/core/settings/settings-store.ts';
import { createStore, type Store } from '../../../functions/core/store/client.ts';
import { createLessons } from '../../../functions/core/turn/lessons.ts';
import { createRecorder } from '../../../functions/core/turn/recorder.ts';
import { runCall } from '../../../functions/core/turn/run-call.ts';
import { runTurn } from '../../../functions/core/turn/run-turn.ts';
import { TABLE_NAMES } from '../../../local/tables.ts';
import { createWorld, type World } from '../../support/conversation-world.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { createFaultyHandler, type FaultyHandler } from '../../support/faulty-database.ts';
import { createParts, type Parts } from '../../support/gateway-parts.ts';

/** How it was admitted, and what was charged. */
const FRAMED = 2;
const EVENTS = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'the ' } } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'answer' } } },
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 }, metrics: { latencyMs: 1 } } },
] as ConverseEvent[];
const ask = (text: string): ConverseRequest => ({ messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens: 100 } });

let engine: TestEngine;
let wire: FaultyHandler;
let world: World;
/** The same table, by a way on which nothing goes wrong and nothing is counted. */
let reader: World;
let parts: Parts;
let store: Store;
let lines: string[];
let key: Key;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  wire = createFaultyHandler();
  lines = [];
  store = createStore(engine.connect({ requestHandler: wire.requestHandler, maxAttempts: 1 }), TABLE_NAMES);
  world = createWorld(store);
  reader = createWorld(engine.store);
  parts = createParts(store, world.time);
  key = (await parts.makeKey({ monthlyBudget: 10n ** 13n })).key;
});

type Given = { defaults?: Logging; keyLogging?: KeyLogging; sessionKey?: string; text?: string; failing?: boolean };

function createGateway({ defaults = 'full' }: Given) {
  const log = createLog((line) => lines.push(line));
  const settings = createSettingsStore({ store, clock: world.clock, defaults: { logging: defaults, retentionDays: 30 } });
  const underWay = createUnderWay();
  const record = createRecorder({ conversations: world, settings, clock: world.clock, log, track: underWay.track });
  const dependencies = {
    catalog: createShippedCatalog(),
    ledger: parts.ledger,
    countTokens: async () => undefined,
    lessons: createLessons(world.clock),
    clock: world.clock,
    log,
    record,
  };
  return { settings, underWay, dependencies };
}

/** A turn, heard to its end, and all that is written beside it. Answers its thread, if there is one. */
async function call(
  gateway: ReturnType<typeof createGateway>,
  { keyLogging = null, sessionKey, text = 'the question', failing }: Given = {},
) {
  async function* stream() {
    for (const event of EVENTS) {
      if (failing && event.messageStop) throw new Error('reset');
      yield event;
    }
  }
  const converse = { stream, whole: stream } as Converse;
  const requestId = parts.ids('req');
  const turn = { requestId, key: { ...key, logging: keyLogging }, modelName: 'claude-sonnet-4-5', isStream: true, sessionKey };
  const events = runTurn({ ...gateway.dependencies, converse }, { ...turn, toConverse: () => ({ request: ask(text), warnings: ['w'] }) });
  const heard: unknown[] = [];
  try {
    for await (const event of events) heard.push(event);
  } catch {
    expect(failing).toBe(true);
  }
  const sentBefore = [...wire.sent];
  await gateway.underWay.ended();
  const sent = [...wire.sent];
  const thread = await reader.threads.findOf(key.id, requestId);
  return { requestId, heard, sentBefore, sent, thread, texts: thread && (await reader.threads.textsOf(thread)) };
}

describe('a turn', () => {
  test('is logged in full: what was asked and said, what it cost, at which rates, and how long it took', async () => {
    const { requestId, thread, texts } = await call(createGateway({}), { sessionKey: 'chat' });
    const [entry] = (await parts.books(key.id)).entries;
    expect(thread).toMatchObject({
      id: requestId,
      ownerId: key.id,
      keyId: key.id,
      sessionKey: 'chat',
      kind: 'chat',
      model: 'claude-sonnet-4-5',
      isStream: true,
      status: 'succeeded',
      error: null,
      usage: { input: 11, output: 7 },
      cost: entry!.cost,
      target: entry!.target,
      rates: { input: 3_000_000n, output: 15_000_000n },
      warnings: ['w'],
      prompt: 'the question',
      completion: 'the answer',
      textsIn: 'item',
    });
    expect(texts).toEqual({
      system: '',
      tools: [],
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'the question' }] }],
      answer: [{ type: 'text', text: 'the answer' }],
      omittedMessages: 0,
      isCut: false,
    });
    expect((await world.sessions.find(thread!.sessionId!))?.title).toBe('the question');
  });

  test('is logged as metadata without a word of what was said', async () => {
    const { thread, texts } = await call(createGateway({ defaults: 'metadata' }), { sessionKey: 'chat' });
    expect(thread).toMatchObject({ prompt: null, completion: null, textsIn: null, usage: { input: 11, output: 7 } });
    expect(texts).toBeUndefined();
    expect(await world.sessions.find(thread!.sessionId!)).toMatchObject({ title: null, threads: 1 });
  });

  test('that failed is logged with the code of its error and what was said until then', async () => {
    const { thread, texts } = await call(createGateway({}), { failing: true });
    expect(thread).toMatchObject({ status: 'failed', error: 'internal_error', isEstimated: true });
    expect(texts?.answer).toEqual([{ type: 'text', text: 'the answer' }]);
  });

  test('that is no chat is logged as metadata, however much is logged', async () => {
    const gateway = createGateway({});
    const requestId = parts.ids('req');
    await runCall(gateway.dependencies, {
      requestId,
      key,
      modelName: 'titan-embed-text-v2',
      kind: 'embedding',
      toParts: () => ({ parts: [], warnings: [] }),
    });
    await gateway.underWay.ended();
    expect(await world.threads.findOf(key.id, requestId)).toMatchObject({ kind: 'embedding', textsIn: null, prompt: null });
  });
});

describe('the level', () => {
  const CASES: [Logging, KeyLogging, Logging][] = [
    ['off', null, 'off'],
    ['metadata', null, 'metadata'],
    ['full', null, 'full'],
    ['full', 'off', 'off'],
    ['full', 'metadata', 'metadata'],
    ['off', 'full', 'full'],
    ['off', 'metadata', 'metadata'],
  ];
  test.each(CASES)('of a deployment that says %s and a key that says %s is %s', async (defaults, keyLogging, expected) => {
    // Twice: what a fresh process does not know yet, and what it knows.
    const gateway = createGateway({ defaults });
    for (let round = 0; round < 2; round += 1) {
      const { thread } = await call(gateway, { keyLogging });
      expect(thread === undefined ? 'off' : thread.textsIn === null ? 'metadata' : 'full').toBe(expected);
    }
  });

  test('follows the settings of an admin, in another process too, once its copy is old', async () => {
    const [here, there] = [createGateway({}), createGateway({})];
    expect((await call(there)).thread).toBeDefined();
    await here.settings.change({ logging: 'off' });
    expect((await call(here)).thread).toBeUndefined();
    world.time.now += 10_000;
    expect((await call(there)).thread).toBeUndefined();
    await here.settings.change({ logging: 'full', retentionDays: 7 });
    const { thread } = await call(here);
    expect(thread!.expiresAt - thread!.at).toBe(7 * 86_400_000);
    await engine.store.remove({ table: 'accounts', pk: 'SETTINGS', sk: 'SETTINGS' });
  });
});

describe('what it takes', () => {
  const THREE = ['UpdateItem', 'PutItem', 'UpdateItem'];
  const sentBy = async (defaults: Logging, sessionKey?: string) => {
    const gateway = createGateway({ defaults });
    await call(gateway);
    wire.sent.length = 0;
    const { sentBefore, sent } = await call(gateway, { sessionKey });
    return { sentBefore, sent };
  };

  test('off: the three writes of the ledger and nothing else, before or after', async () => {
    expect(await sentBy('off')).toEqual({ sentBefore: THREE, sent: THREE });
  });

  test('on: the answer has its last event after the same three, then comes one write, and one more for a session', async () => {
    expect(await sentBy('full')).toEqual({ sentBefore: THREE, sent: [...THREE, 'BatchWriteItem'] });
    const { sentBefore, sent } = await sentBy('full', 'chat');
    expect(sentBefore).toEqual(THREE);
    expect(sent.slice(3).sort()).toEqual(['BatchWriteItem', 'UpdateItem']);
  });
});

describe('what is gathered', () => {
  const begin = async (defaults: Logging, keyLogging: KeyLogging = null) => {
    const { settings, dependencies } = createGateway({ defaults });
    await settings.read();
    return dependencies.record({ requestId: parts.ids('req'), key: { ...key, logging: keyLogging }, modelName: 'm' });
  };

  test('is nothing when logging is off, no event when it is metadata, every event in full', async () => {
    expect(await begin('off')).toBeUndefined();
    expect(await begin('full', 'off')).toBeUndefined();
    expect((await begin('metadata'))!.hear).toBeUndefined();
    expect((await begin('full'))!.hear).toBeInstanceOf(Function);
  });

  test('is not looked at before the answer has had its turn to go out', async () => {
    const { settings, underWay, dependencies } = createGateway({});
    await settings.read();
    let looks = 0;
    const request = {
      get messages() {
        looks += 1;
        return [];
      },
    };
    const outcome = { status: 'succeeded', usage: {}, cost: 0n, at: world.time.now } as never;
    const recording = dependencies.record({ requestId: parts.ids('req'), key, modelName: 'm' })!;
    recording.end({ kind: 'chat', target: 't', outcome, warnings: [], request });
    // Everything that is ready now, the answer's own steps among it, comes first.
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    expect(looks).toBe(0);
    await underWay.ended();
    expect(looks).toBeGreaterThan(0);
  });
});

describe('trouble', () => {
  test.each(['away', 'broken', 'lost'] as const)(
    'of the database (%s) while logging is a line in the log, and the call is well',
    async (trouble) => {
      const gateway = createGateway({});
      await call(gateway);
      wire.troubles.push(undefined, undefined, undefined, ...Array.from({ length: 8 }, () => trouble));
      const { heard } = await call(gateway, { text: 'secret words' }).finally(() => (wire.troubles.length = 0));
      expect(heard).toHaveLength(EVENTS.length + FRAMED);
      const { account, entries } = await parts.books(key.id);
      expect([account.open, entries.length]).toEqual([0, 2]);
      expect(lines.join('\n')).toContain('A turn could not be logged');
      expect(lines.join('\n')).not.toContain('secret words');
    },
  );

  test('with settings nobody can read means that nothing is logged', async () => {
    const gateway = createGateway({});
    gateway.settings.read = async () => {
      throw new Error('away');
    };
    const { thread, heard } = await call(gateway);
    expect([thread, heard.length]).toEqual([undefined, EVENTS.length + FRAMED]);
    expect(lines.join('\n')).toContain('A turn could not be logged');
  });

  test('with more threads than can be written is bounded: the rest is let go, with a line in the log', async () => {
    const held = Promise.withResolvers<void>();
    const write = () => held.promise;
    const conversations = { ...world, threads: { ...world.threads, write } };
    const { settings, underWay } = createGateway({});
    const log = createLog((line) => lines.push(line));
    const record = createRecorder({ conversations, settings, clock: world.clock, log, track: underWay.track });
    await settings.read();
    const outcome = { status: 'succeeded', usage: {}, cost: 0n, at: world.time.now } as never;
    for (let count = 0; count < 503; count += 1) {
      record({ requestId: parts.ids('req'), key, modelName: 'm' })!.end({ kind: 'chat', target: 't', outcome, warnings: [] });
    }
    expect(lines.filter((line) => line.includes('Too many threads wait'))).toHaveLength(3);
    held.resolve();
    await underWay.ended();
  });
});
