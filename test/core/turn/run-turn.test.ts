// The turn on the real engine, left by its reader and broken by its upstream after every single event.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyStore } from '../../../functions/core/access/key-store.ts';
import type { Key } from '../../../functions/core/access/principal.ts';
import type { Converse, ConverseEvent, ConverseRequest } from '../../../functions/core/bedrock/converse.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { accountOf, newAccount } from '../../../functions/core/ledger/account.ts';
import { createJournal, type Journal } from '../../../functions/core/ledger/journal.ts';
import { createLedger, type Ledger } from '../../../functions/core/ledger/ledger.ts';
import { monthOf } from '../../../functions/core/platform/clock.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { createIds } from '../../../functions/core/platform/ids.ts';
import { createLog } from '../../../functions/core/platform/log.ts';
import { createStore } from '../../../functions/core/store/client.ts';
import { createCopies } from '../../../functions/core/store/copies.ts';
import { createDynamoClient } from '../../../functions/core/store/dynamo.ts';
import { createLessons } from '../../../functions/core/turn/lessons.ts';
import { runTurn, type TurnDependencies } from '../../../functions/core/turn/run-turn.ts';
import { type Engine, startEngine } from '../../../local/engine.ts';
import { createTables, TABLE_NAMES } from '../../../local/tables.ts';

const USAGE = { inputTokens: 11, outputTokens: 7, totalTokens: 18 };
/** 11 × 3 USD and 7 × 15 USD per million, in picodollars. */
const COST = 11n * 3_000_000n + 7n * 15_000_000n;
const delta = (text: string) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } });
const EVENTS = [
  { messageStart: { role: 'assistant' } },
  delta('one '),
  delta('two '),
  delta('three'),
  { contentBlockStop: { contentBlockIndex: 0 } },
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: USAGE, metrics: { latencyMs: 1 } } },
] as ConverseEvent[];
const REQUEST: ConverseRequest = { messages: [{ role: 'user', content: [{ text: 'Hello' }] }], inferenceConfig: { maxTokens: 100 } };

let engine: Engine;
let ledger: Ledger;
let journal: Journal;
let keys: ReturnType<typeof createKeyStore>;
const clock = Date.now;
const ids = createIds(clock);

beforeAll(async () => {
  engine = await startEngine();
  const client = createDynamoClient({ region: 'us-east-1', endpoint: engine.url, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  await createTables(client, TABLE_NAMES);
  const store = createStore(client, TABLE_NAMES);
  const copies = createCopies(clock, 10_000);
  journal = createJournal(store);
  ledger = createLedger({ store, journal, copies, clock, processId: 'test.1', holdMs: 60_000 });
  keys = createKeyStore({ store, copies, clock, ids });
});
afterAll(() => engine.close());

async function makeKey(monthlyBudget: bigint | null = 10n ** 12n): Promise<Key> {
  const limits = { monthlyBudget, balance: null, lifetimeBudget: null, maxParallel: null };
  const identity = { name: 'test', email: null, role: 'user' as const, tags: [], models: [], expiresAt: null };
  return (await keys.create(identity, newAccount(limits, monthOf(clock())))).key;
}

/** An upstream that says the events and, `failing` after some of them, throws. Remembers what it was asked. */
function upstreamOf(failingAfter = Number.POSITIVE_INFINITY, failure = new Error('reset')) {
  const asked: ConverseRequest[] = [];
  let said = 0;
  async function* stream(_target: string, request: ConverseRequest) {
    asked.push(request);
    for (const event of EVENTS) {
      if (said >= failingAfter) throw failure;
      said += 1;
      yield event;
    }
  }
  return { converse: { stream, whole: stream } as Converse, asked, said: () => said };
}

function turnOf(converse: Converse, key: Key, request = REQUEST) {
  const dependencies: TurnDependencies = {
    catalog: createShippedCatalog(),
    ledger,
    converse,
    countTokens: async () => undefined,
    lessons: createLessons(clock),
    clock,
    log: createLog(() => undefined),
  };
  const toConverse = () => ({ request: structuredClone(request), warnings: [] });
  return runTurn(dependencies, { requestId: ids('req'), key, modelName: 'claude-sonnet-4-5', isStream: true, toConverse });
}

async function stateOf(key: Key) {
  const account = accountOf(await keys.read(key.id));
  const { entries } = await journal.ofAccount(key.id, 0, clock() + 1_000, 10);
  return { account, entries };
}

describe('a turn', () => {
  test('that is heard to its end is charged what the upstream told', async () => {
    const key = await makeKey();
    for await (const _ of turnOf(upstreamOf().converse, key));
    const { account, entries } = await stateOf(key);
    expect(account.current).toMatchObject({ committed: COST, spent: COST });
    expect(account.open).toBe(0);
    expect(entries).toMatchObject([{ cost: COST, status: 'succeeded', isEstimated: false, usage: { input: 11, output: 7 } }]);
  });

  test.each(EVENTS.map((_event, index) => index))(
    'whose reader leaves after %i events is drained and charged exactly',
    async (leaveAfter) => {
      const key = await makeKey();
      const upstream = upstreamOf();
      let heard = -1;
      for await (const _ of turnOf(upstream.converse, key)) {
        heard += 1;
        if (heard > leaveAfter) break;
      }
      const { account, entries } = await stateOf(key);
      expect(upstream.said()).toBe(EVENTS.length);
      expect(account.current).toMatchObject({ committed: COST, spent: COST });
      expect(entries).toMatchObject([{ cost: COST, isEstimated: false }]);
    },
  );

  test('whose reader leaves before the model is called costs nothing and calls nothing', async () => {
    const key = await makeKey();
    const upstream = upstreamOf();
    for await (const _ of turnOf(upstream.converse, key)) break;
    const { account, entries } = await stateOf(key);
    expect(upstream.asked).toEqual([]);
    expect(account.current.committed).toBe(0n);
    expect(entries).toMatchObject([{ cost: 0n, status: 'cancelled', isEstimated: false }]);
  });

  test.each(EVENTS.map((_event, index) => index))(
    'whose upstream breaks after %i events is settled, and never above its hold',
    async (failingAfter) => {
      const key = await makeKey();
      const reading = async () => {
        for await (const _ of turnOf(upstreamOf(failingAfter).converse, key));
      };
      await expect(reading()).rejects.toThrow();
      const { account, entries } = await stateOf(key);
      const [entry] = entries;
      expect(entries).toHaveLength(1);
      expect(entry!.status).toBe('failed');
      expect(entry!.isEstimated).toBe(failingAfter > 0);
      expect(entry!.cost > 0n).toBe(failingAfter > 0);
      expect(account.current).toMatchObject({ committed: entry!.cost, spent: entry!.cost });
      expect(account.open).toBe(0);
    },
  );

  test('that was sent but never answered may have been billed: its input is charged, marked as estimated', async () => {
    const key = await makeKey();
    const failure = new GatewayError('upstream_unreachable', 'gone', { mayBeBilled: true });
    const reading = async () => {
      for await (const _ of turnOf(upstreamOf(0, failure).converse, key));
    };
    await expect(reading()).rejects.toThrow('gone');
    const { entries } = await stateOf(key);
    expect(entries[0]).toMatchObject({ isEstimated: true, usage: { output: 0 } });
    expect(entries[0]!.cost).toBeGreaterThan(0n);
  });

  test('is sent the lowered maxTokens that its hold paid for, and told so', async () => {
    const key = await makeKey(1_200_000_000n);
    const upstream = upstreamOf();
    const events = turnOf(upstream.converse, key);
    const { value } = await events.next();
    expect(value).toMatchObject({ admitted: { isLowered: true } });
    for await (const _ of events);
    const sent = upstream.asked[0]!.inferenceConfig!.maxTokens!;
    expect(sent).toBeLessThan(100);
    expect(sent).toBeGreaterThanOrEqual(16);
    expect(sent).toBe((value as { admitted: { maxTokens: number } }).admitted.maxTokens);
  });

  test('that even the shortest useful answer is too dear for is refused with what is left', async () => {
    const key = await makeKey(300_000_000n);
    const upstream = upstreamOf();
    await expect(turnOf(upstream.converse, key).next()).rejects.toMatchObject({
      code: 'insufficient_quota',
      message: expect.stringContaining('0.0003 USD'),
    });
    expect(upstream.asked).toEqual([]);
    expect((await stateOf(key)).entries).toEqual([]);
  });

  test('on a key without a budget is held, charged and settled all the same', async () => {
    const key = await makeKey(null);
    for await (const _ of turnOf(upstreamOf().converse, key));
    const { account } = await stateOf(key);
    expect(account.current).toMatchObject({ committed: COST, spent: COST, quota: null });
  });
});
