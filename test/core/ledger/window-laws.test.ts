// Windows of requests, tokens and cost on real engines, under real concurrency.
import { describe, expect, it } from 'vitest';
import { accountOf, MOST_OPEN, mostOpenOf } from '../../../functions/core/ledger/account.ts';
import { refusalError } from '../../../functions/core/ledger/refusal.ts';
import { NO_USAGE } from '../../../functions/core/ledger/usage.ts';
import { MOST_WINDOWS, type WindowLimit, windowAttributes } from '../../../functions/core/ledger/windows.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { createParts, expectBalanced, outcomeOf, type Parts, type Time } from '../../support/gateway-parts.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { notedStore } from '../../support/noted-store.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;

const requests = (limit: bigint, count = 1, unit: WindowLimit['unit'] = 'm'): WindowLimit => ({ kind: 'requests', limit, count, unit });
const tokens = (limit: bigint): WindowLimit => ({ kind: 'tokens', limit, count: 1, unit: 'm' });
const cost = (limit: bigint): WindowLimit => ({ kind: 'cost', limit, count: 1, unit: 'h' });

describe.each(ENGINES)('windows on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, NOON, (fresh) => {
    ({ engine, time, here } = fresh);
  });

  const used = async (id: string) => accountOf((await here.books(id)).item).windows.map((window) => window.used);

  law('no more requests are admitted in a stretch than the limit says, from several processes at once', async () => {
    const { key } = await here.makeKey({ windows: [requests(10n)] });
    const processes = [here, createParts(engine.store, time, 'b'), createParts(engine.store, time, 'c')];
    const admitted = await Promise.all(Array.from({ length: 60 }, (_, number) => processes[number % 3]!.call(key.id, 1n)));
    expect(admitted.filter(Boolean)).toHaveLength(10);
    expect(await used(key.id)).toEqual([10n]);
    time.now += MINUTE;
    const later = await Promise.all(Array.from({ length: 60 }, (_, number) => processes[number % 3]!.call(key.id, 1n)));
    expect(later.filter(Boolean)).toHaveLength(10);
    expect(await used(key.id)).toEqual([10n]);
    await expectBalanced(here, key.id);
  });

  law('a process whose clock is behind counts in the stretch the account is in', async () => {
    const { key } = await here.makeKey({ windows: [requests(3n)] });
    const behind = { now: NOON - 1 };
    const slow = createParts(engine.store, behind, 'slow');
    expect([await here.call(key.id, 1n), await slow.call(key.id, 1n)]).toEqual([true, true]);
    expect([await slow.call(key.id, 1n), await slow.call(key.id, 1n), await here.call(key.id, 1n)]).toEqual([true, false, false]);
  });

  law('several windows hold at once, and one that is full longest is the one that is named', async () => {
    const { key } = await here.makeKey({ windows: [requests(2n), requests(3n, 1, 'h')] });
    expect([await here.call(key.id, 1n), await here.call(key.id, 1n), await here.call(key.id, 1n)]).toEqual([true, true, false]);
    time.now += MINUTE;
    expect([await here.call(key.id, 1n), await here.call(key.id, 1n)]).toEqual([true, false]);
    const { refusal } = await here.admit(key.id, 1n);
    expect(refusal).toMatchObject({ limit: 'window', window: { unit: 'h', limit: 3n }, left: 0n, resetsAt: NOON + 60 * MINUTE });
    // What was refused has used up nothing.
    expect(await used(key.id)).toEqual([1n, 3n]);
  });

  law('tokens and cost hold the bound, and are corrected when the call ends', async () => {
    const { key } = await here.makeKey({ windows: [tokens(100n), cost(50n)] });
    const { hold } = await here.admit(key.id, 30n, { tokens: 80 });
    expect(await here.admit(key.id, 1n, { tokens: 21 })).toMatchObject({
      refusal: { limit: 'window', window: { kind: 'tokens' }, left: 20n },
    });
    expect(await here.admit(key.id, 21n, { tokens: 1 })).toMatchObject({
      refusal: { limit: 'window', window: { kind: 'cost' }, left: 20n },
    });
    await here.ledger.settle(hold!, { ...outcomeOf(5n, time.now), usage: { ...NO_USAGE, input: 10, output: 2, cacheRead: 1 } });
    expect(await used(key.id)).toEqual([13n, 5n]);
    expect(await here.admit(key.id, 45n, { tokens: 87 })).toHaveProperty('hold');
  });

  law('a call that ends after its stretch corrects nothing in the next one', async () => {
    const { key } = await here.makeKey({ windows: [tokens(100n)] });
    const { hold } = await here.admit(key.id, 1n, { tokens: 90 });
    time.now += MINUTE;
    const next = await here.admit(key.id, 1n, { tokens: 100 });
    expect(next).toHaveProperty('hold');
    await here.ledger.settle(hold!, outcomeOf(1n, time.now));
    expect(await used(key.id)).toEqual([100n]);
    // Nor where another process, whose clock is ahead, has begun the next stretch already.
    const ahead = createParts(engine.store, { now: time.now + MINUTE }, 'ahead');
    await ahead.call(key.id, 1n);
    await here.ledger.settle(next.hold!, outcomeOf(1n, time.now));
    expect(await used(key.id)).toEqual([0n]);
    await expectBalanced(here, key.id);
  });

  law('a call that ends after its window was taken away and set again corrects nothing in the new one', async () => {
    const { key } = await here.makeKey({ windows: [tokens(100n)] });
    const { hold } = await here.admit(key.id, 1n, { tokens: 90 });
    const set = (windows: WindowLimit[]) =>
      here.keys.change(key.id, {}, (item) => windowAttributes(accountOf(item).windows, windows, item.version as bigint));
    await set([]);
    await set([tokens(100n)]);
    const second = await here.admit(key.id, 1n, { tokens: 60 });
    await here.ledger.settle(hold!, outcomeOf(1n, time.now));
    expect(await used(key.id)).toEqual([60n]);
    await here.ledger.settle(second.hold!, outcomeOf(1n, time.now));
  });

  law('a refusal says which window, what is left, and when it resets; one that no wait helps says so', async () => {
    const { key } = await here.makeKey({ windows: [requests(2n, 5)] });
    time.now += 61_000;
    await here.call(key.id, 1n);
    await here.call(key.id, 1n);
    const { refusal } = await here.admit(key.id, 1n);
    const { message, code, details } = refusalError(refusal!, time.now);
    expect(code).toBe('rate_limit_exceeded');
    expect(message).toBe(
      'This key is limited to 2 requests per 5m. Left: 0 requests; this call may use 1 requests. It resets on 2026-11-20T12:05:00.000Z.',
    );
    const headers = {
      ...{ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '3m59s' },
      ...{ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 10, 20, 12, 5) / 1_000) },
    };
    expect(details).toEqual({ retryAfterSeconds: 239, headers });
    const small = await here.makeKey({ windows: [tokens(10n)] });
    const tooBig = refusalError((await here.admit(small.key.id, 1n, { tokens: 11 })).refusal!, time.now);
    expect(tooBig.details).toMatchObject({ shouldRetry: false });
    expect(tooBig.details.retryAfterSeconds).toBeUndefined();
  });

  law('an admission tells what is left, over all processes', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 100n, windows: [requests(10n), tokens(1_000n)] });
    await createParts(engine.store, time, 'b').call(key.id, 7n);
    time.now += 1_000;
    const { left } = (await here.admit(key.id, 20n, { tokens: 300 })) as { left: unknown };
    expect(left).toEqual({
      money: 73n,
      requests: { limit: 10n, remaining: 8n, resetsInMs: 59_000 },
      tokens: { limit: 1_000n, remaining: 700n, resetsInMs: 59_000 },
    });
  });

  law('a warm call on an account with every kind of window is three writes and no read', async () => {
    const { store, sent } = notedStore(engine.store);
    const there = createParts(store, time, 'counted');
    const { key } = await there.makeKey({ monthlyBudget: 100n, windows: [requests(10n, 1, 's'), tokens(1_000n), cost(100n)] });
    await there.call(key.id, 1n);
    for (const wait of [0, 1_000, 0]) {
      time.now += wait;
      sent.length = 0;
      expect(await there.call(key.id, 1n)).toBe(true);
      expect(sent).toEqual(['update', 'putNew', 'update']);
    }
  });
});

describe('the size of an item', () => {
  it('is bounded without a cap on parallel calls too', async () => {
    const here = createParts(createMemoryStore(), { now: NOON });
    const { key } = await here.makeKey();
    for (let number = 0; number < MOST_OPEN; number += 1) expect(await here.admit(key.id, 1_000_000n)).toHaveProperty('hold');
    expect(await here.admit(key.id, 1_000_000n)).toEqual({ refusal: { limit: 'parallel', maxParallel: MOST_OPEN } });
  });

  it.each([0, 1, 3, MOST_WINDOWS])('stays under 100 KB with %i windows, however long the names in its holds are', async (count) => {
    const memory = createMemoryStore();
    const here = createParts(memory, { now: NOON });
    const units = (['s', 'm', 'h', 'd', 'mo'] as const).flatMap((unit) => [requests(100_000n, 9, unit), { ...tokens(10n ** 12n), unit }]);
    const userId = await here.makeUser({ windows: units.slice(0, count) });
    const { key } = await here.makeKey({}, { groupId: await here.makeGroup(), userId });
    const [model, target] = ['\u{1F5FC}'.repeat(75), 'arn:'.repeat(75)];
    const asked = { amount: 10n ** 19n, tokens: 123_456_789, smallestAmount: 1n, model, target, priceVersion: here.ids('price') };
    const { hold } = await here.ledger.admit({ ...asked, accountId: key.id, requestId: here.ids('req') });
    const item = (await memory.get(accountKey(userId)))!;
    const largest = sizeOf({ [`h:${hold!.requestId}`]: item[`h:${hold!.requestId}`]! });
    expect(sizeOf(item) + largest * mostOpenOf(accountOf(item))).toBeLessThan(100_000);
  });
});

/** About what DynamoDB counts: names and texts by their bytes, numbers by their digits, some for each map. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'bigint') return Math.ceil(String(value).length / 2) + 1;
  if (value === null || typeof value !== 'object') return 1;
  return 3 + Object.entries(value).reduce((sum, [name, part]) => sum + Buffer.byteLength(name) + 1 + sizeOf(part), 0);
}
