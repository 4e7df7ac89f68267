// A price that changes while calls run: each call is charged by the price it was admitted at, whoever ends it, and its entry proves it.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Key } from '../../functions/core/access/principal.ts';
import type { Converse, ConverseEvent, ConverseRequest } from '../../functions/core/bedrock/converse.ts';
import { type Price, ratesAt } from '../../functions/core/catalog/prices.ts';
import { holdsOf } from '../../functions/core/ledger/account.ts';
import type { Entry } from '../../functions/core/ledger/journal.ts';
import { costOf, type Usage } from '../../functions/core/ledger/usage.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { costOfCall } from '../../functions/core/turn/cost-of-call.ts';
import { quoteOf } from '../../functions/core/turn/quote.ts';
import { runTurn } from '../../functions/core/turn/run-turn.ts';
import { createParts, expectBalanced, HOLD_MS, type Parts } from '../support/gateway-parts.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

const TOLD = { inputTokens: 1_000, outputTokens: 100, cacheReadInputTokens: 50, cacheWriteInputTokens: 40, totalTokens: 1_190 };
const TOKENS = 1_190n;
const MILLION = 1_000_000n;

let world: LiveWorld;
let parts: Parts;
beforeEach(() => {
  world = createLiveWorld();
  parts = createParts(world.store, world.time);
});

const makeKey = async (monthlyBudget: bigint | null = 10n ** 12n): Promise<Key> => (await parts.makeKey({ monthlyBudget })).key;

/** An upstream that says its usage, and the tier that served it, once `middle` is over. */
function upstreamOf(middle: () => Promise<unknown>, servedTier?: string): Converse {
  async function* say() {
    yield { messageStart: { role: 'assistant' } } as ConverseEvent;
    await middle();
    yield { messageStop: { stopReason: 'end_turn' } } as ConverseEvent;
    yield {
      metadata: { usage: TOLD, metrics: { latencyMs: 1 }, ...(servedTier && { serviceTier: { type: servedTier } }) },
    } as ConverseEvent;
  }
  return { stream: say, whole: say };
}

type Asked = { name?: string; askedTier?: string | undefined; servedTier?: string | undefined; middle?: () => Promise<unknown> };

function call(key: Key, { name = 'claude-sonnet-4-5', askedTier, servedTier, middle = async () => undefined }: Asked = {}) {
  const { catalog, clock } = world;
  const request = {
    messages: [{ role: 'user', content: [{ text: 'x'.repeat(2_000) }] }],
    inferenceConfig: { maxTokens: 200 },
    ...(askedTier && { serviceTier: { type: askedTier } }),
  } as ConverseRequest;
  const dependencies = {
    ...{ catalog, clock, ledger: parts.ledger, converse: upstreamOf(middle, servedTier) },
    ...{ countTokens: async () => undefined, log: createLog(() => undefined) },
  };
  const toConverse = () => ({ request, warnings: [] });
  return runTurn(dependencies, { requestId: parts.ids('req'), key, modelName: name, isStream: true, toConverse });
}

async function entryOf(key: Key, asked: Asked = {}): Promise<Entry> {
  for await (const _ of call(key, asked));
  return (await parts.books(key.id)).entries[0]!;
}

/** What an entry alone says that it cost. */
function reckoned({ usage, rates }: Entry): bigint {
  return Object.entries(usage).reduce((sum, [kind, tokens]) => sum + BigInt(tokens) * (rates?.[kind as keyof Usage] ?? 0n), 0n);
}

describe('a price that changes while a call runs', () => {
  it('is not the price of that call, and is the price of the next', async () => {
    const key = await makeKey();
    const first = await world.setPrice('claude-sonnet-4-5', '4');
    await world.catalog.refresh();
    let second: { id: string } | undefined;
    const running = await entryOf(key, {
      async middle() {
        world.time.now += 30_000;
        second = await world.setPrice('claude-sonnet-4-5', '100');
        await world.catalog.refresh();
      },
    });
    expect(running).toMatchObject({ priceVersion: first.id, cost: TOKENS * 4n * MILLION });
    expect(reckoned(running)).toBe(running.cost);

    const next = await entryOf(key);
    expect(next).toMatchObject({ priceVersion: second!.id, cost: TOKENS * 100n * MILLION });
    expect(reckoned(next)).toBe(next.cost);
    await expectBalanced(parts, key.id);
  });

  it('that was set to begin just then acts at that very millisecond', async () => {
    const key = await makeKey();
    const { id } = await world.setPrice('claude-sonnet-4-5', '4', { from: world.time.now + 5_000 });
    world.time.now += 4_999;
    expect((await entryOf(key)).priceVersion).not.toBe(id);
    world.time.now += 1;
    expect((await entryOf(key)).priceVersion).toBe(id);
  });

  it('is not what another process charges for a call that vanished: the hold knows its price', async () => {
    const key = await makeKey();
    const { id } = await world.setPrice('claude-sonnet-4-5', '4');
    const vanished = call(key);
    await vanished.next();
    const [, hold] = holdsOf((await parts.books(key.id)).item)[0]!;
    expect(hold).toMatchObject({ priceVersion: id });
    await world.setPrice('claude-sonnet-4-5', '100');

    world.time.now += HOLD_MS + 1;
    const elsewhere = createParts(world.store, world.time, 'elsewhere.1');
    await elsewhere.ledger.repair.finishAbandoned(key.id, (await elsewhere.ledger.present(key.id))!);
    const { entries } = await elsewhere.books(key.id);
    expect(entries).toMatchObject([{ isRepair: true, priceVersion: id, cost: hold.amount, isEstimated: true }]);
    await expectBalanced(elsewhere, key.id);
  });
});

describe('a warm call', () => {
  it('writes three times and reads nothing, also where prices were set', async () => {
    await world.setPrice('claude-sonnet-4-5', '4');
    const done: string[] = [];
    type Verb = (...given: never[]) => unknown;
    const counting = (verb: string, run: Verb): Verb => {
      return (...given) => {
        done.push(verb);
        return run(...given);
      };
    };
    const verbs = Object.entries(world.store).map(([verb, run]) => [verb, counting(verb, run as Verb)]);
    const counted = Object.fromEntries(verbs) as typeof world.store;
    world = createLiveWorld(counted, world.time);
    parts = createParts(counted, world.time);
    const key = await makeKey();
    for await (const _ of call(key));
    done.length = 0;
    for await (const _ of call(key));
    expect(done).toEqual(['update', 'putNew', 'update']);
  });
});

describe('a service tier', () => {
  const price = async () => {
    await world.setPrice('claude-sonnet-4-5', '4');
    await world.setPrice('claude-sonnet-4-5', '2', { tier: 'flex' });
    await world.setPrice('claude-sonnet-4-5', '7', { tier: 'priority' });
    await world.setPrice('claude-sonnet-4-5', '1', { tier: 'reserved' });
  };

  it.each([
    [undefined, undefined, 4n],
    ['default', 'default', 4n],
    ['flex', 'flex', 2n],
    ['flex', undefined, 2n],
    ['priority', 'priority', 7n],
    ['priority', 'default', 4n],
    ['reserved', 'reserved', 1n],
    ['reserved', 'default', 4n],
  ])('%s that was served as %s costs %i USD a million', async (askedTier, servedTier, usd) => {
    await price();
    const entry = await entryOf(await makeKey(), { askedTier, servedTier });
    expect(entry.cost).toBe(TOKENS * usd * MILLION);
    expect(reckoned(entry)).toBe(entry.cost);
  });

  it('is held for at the dearest of the one asked for and the default, since either may serve it', async () => {
    await price();
    const heldFor = async (askedTier: string | undefined) => {
      const key = await makeKey();
      const running = call(key, { askedTier });
      await running.next();
      const [, hold] = holdsOf((await parts.books(key.id)).item)[0]!;
      for await (const _ of running);
      return hold.amount;
    };
    const plain = await heldFor(undefined);
    expect([await heldFor('flex'), await heldFor('reserved'), (await heldFor('priority')) * 4n]).toEqual([plain, plain, plain * 7n]);
  });

  it('priority without a price of its own is refused on a key with a budget, and metered without a price on one without', async () => {
    await expect(entryOf(await makeKey(), { askedTier: 'priority' })).rejects.toMatchObject({ code: 'model_not_priced' });
    expect(await entryOf(await makeKey(null), { askedTier: 'priority' })).toMatchObject({ cost: 0n, priceVersion: null, rates: null });
  });
});

describe('a model without a price', () => {
  it('is refused on a key with a budget until it is given one', async () => {
    const key = await makeKey();
    await expect(entryOf(key, { name: 'command-r' })).rejects.toMatchObject({ code: 'model_not_priced', status: 403 });
    await world.setPrice('command-r', '0.5');
    await world.catalog.refresh();
    expect((await entryOf(key, { name: 'command-r' })).cost).toBe((TOKENS * MILLION) / 2n);
  });
});

describe('whatever the prices are', () => {
  const rate = fc.bigInt({ min: 0n, max: 10n ** 9n });
  const rates = fc.record({ input: rate, output: rate, cacheRead: rate, cacheWrite5m: rate, cacheWrite1h: rate });
  const plain = fc.record({ rates, step: fc.option(fc.record({ rates, fromInputTokens: fc.integer({ min: 1, max: 3_000 }) })) });
  const toPrice = (
    { rates: base, step }: { rates: Omit<Price, 'version'>; step: Price['longContext'] | null },
    version: string,
  ): Price => ({
    ...base,
    version,
    ...(step && { longContext: step }),
  });
  const tokens = fc.integer({ min: 0, max: 1_000 });
  const usages = fc.record({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite5m: tokens, cacheWrite1h: tokens });

  it('the price of the hold is never below that of the charge, at any size up to its own', () => {
    fc.assert(
      fc.property(plain, plain, usages, fc.integer({ min: 0, max: 2_000 }), (base, other, usage, more) => {
        const listed = { ...toPrice(base, 'base'), tiers: { flex: toPrice(other, 'flex') } };
        const inputTokens = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h + more;
        for (const asked of ['flex', undefined]) {
          const { price, priceOf } = quoteOf(listed, asked);
          const held = costOf(usage, ratesAt(price!, inputTokens));
          for (const served of ['flex', 'default', undefined]) expect(held >= costOfCall(usage, priceOf(served))).toBe(true);
        }
      }),
    );
  });
});
