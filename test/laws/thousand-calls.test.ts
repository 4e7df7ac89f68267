// A thousand calls on one key, 64 at a time through four processes, with a key beside it that shares its group: a month begins, a price
// changes and the key is revoked in the middle of it, and everything is looked at all the while.
import { describe, expect, it } from 'vitest';
import type { Key } from '../../functions/core/access/principal.ts';
import { accountOf } from '../../functions/core/ledger/account.ts';
import { type Books, createBooks } from '../../functions/core/ledger/books.ts';
import type { Entry } from '../../functions/core/ledger/journal.ts';
import { costOf } from '../../functions/core/ledger/usage.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import type { Item } from '../../functions/core/store/client.ts';
import { accountKey } from '../../functions/core/store/keys.ts';
import { ENGINES, type TestEngine } from '../support/engine.ts';
import { expectBalanced, sumOf, type Time, usd } from '../support/gateway-parts.ts';
import { checkAccount } from '../support/ledger-world.ts';
import { createSizes, createStream, createTrafficProcess, inFlight, type Told } from '../support/traffic.ts';
import { withEngine } from '../support/with-engine.ts';

/** Early in the year: an audit reads all of its months. */
const END_OF_JANUARY = Date.UTC(2026, 0, 31, 23, 59, 50);
const FEBRUARY = Date.UTC(2026, 1, 1);
const MONTHS = ['2026-01', '2026-02'];
/** Every sixth is the other key's. */
const CALLS = 1_200;
const [MONTH_AT, PRICE_AT, REVOKED_AT] = [400, 640, 1_000];
const [LOOK_EVERY, AUDIT_EVERY] = [20, 240];

describe.each(ENGINES)('a thousand calls on one key on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;

  withEngine({ kind, missing }, END_OF_JANUARY, (fresh) => ({ engine, time } = fresh));

  async function open() {
    const stream = createStream(engine.store);
    const processes = ['a', 'b', 'c', 'd'].map((name) => createTrafficProcess(stream.store, time, name));
    const { parts, world } = processes[0]!;
    const first = await world.setPrice('claude-sonnet-4-5', '4');
    const groupId = await parts.makeGroup({ monthlyBudget: usd('1.5') });
    const { key } = await parts.makeKey({ monthlyBudget: usd('0.5'), balance: usd('0.9') }, { groupId });
    const { key: other } = await parts.makeKey({}, { groupId });
    for (const one of processes) await one.world.catalog.refresh();
    const books = createBooks({ ...parts, store: engine.store, clock: () => time.now, log: createLog(() => undefined) });
    const changePrice = async () => {
      const { id } = await world.setPrice('claude-sonnet-4-5', '10');
      for (const one of processes) await one.world.catalog.refresh();
      return id;
    };
    return { stream, processes, parts, books, key, other, ids: [key.id, other.id, groupId], firstPrice: first.id, changePrice };
  }

  /** Looks at every account: no limit is passed and every counter fits, at any moment. */
  function createLook(ids: string[]): () => Promise<void> {
    const seen = new Map<string, Item>();
    return async () => {
      for (const id of ids) {
        const item = (await engine.store.get(accountKey(id)))!;
        const before = seen.get(id) ?? item;
        // What was admitted before a revocation that came since the last look is no call after it.
        checkAccount(item, accountOf(before).revoked === null ? item : before);
        seen.set(id, item);
      }
    };
  }

  async function expectStatements({ statements }: Books, of: [subject: 'key' | 'group', value: string] | undefined, entries: Entry[]) {
    const named = of && { subject: of[0], value: of[1] };
    const { series } = await statements.query({ from: MONTHS[0]!, to: MONTHS[1]!, grain: 'month', of: named }, 1);
    for (const month of MONTHS) {
      const mine = entries.filter((entry) => entry.month === month);
      const { cost, requests } = series[0]!.periods.find(({ period }) => period === month)!.measures;
      expect({ month, cost, requests }).toEqual({ month, cost: sumOf(mine.map((entry) => entry.cost)), requests: BigInt(mine.length) });
    }
  }

  law('stay within every limit at every moment, and are charged once each, at the price they began with', async () => {
    const { stream, processes, parts, books, key, other, ids, firstPrice, changePrice } = await open();
    const sizeOf = createSizes(20_261_121);
    const told: Told[] = [];
    let [isRevoked, audits] = [false, 0];
    let secondPrice: string | undefined;

    const happen: Record<number, () => Promise<unknown>> = {
      [MONTH_AT]: async () => (time.now = FEBRUARY),
      [PRICE_AT]: async () => (secondPrice = await changePrice()),
      [REVOKED_AT]: async () => {
        await processes[3]!.parts.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
        isRevoked = true;
      },
    };
    const lookAt = createLook(ids);
    const audit = async () => {
      const audited = await books.audit.account(key.id).catch((thrown) => {
        expect(thrown).toMatchObject({ code: 'conflict' });
        return { findings: [] };
      });
      expect(audited.findings).toEqual([]);
      audits += 1;
      await stream.drain(books.rebuild);
    };
    const caller = (number: number): Key => (number % 6 === 5 ? other : key);

    await inFlight(64, CALLS, async (number) => {
      await happen[number]?.();
      if (number % LOOK_EVERY === 0) await lookAt();
      if (number % AUDIT_EVERY === 0) await audit();
      time.now += 1;
      const mustRefuse = isRevoked && caller(number) === key;
      const one = await processes[number % processes.length]!.call(caller(number), sizeOf());
      if (mustRefuse) expect(one).toHaveProperty('refused');
      told.push(one);
    });
    await stream.drain(books.rebuild);

    const charged = told.flatMap((one) => ('refused' in one ? [] : [[one.requestId, one.cost] as const]));
    const refusals = new Set(told.flatMap((one) => ('refused' in one ? [one.refused] : [])));
    expect(refusals).toEqual(new Set(['insufficient_quota', 'key_revoked']));
    expect(charged.length).toBeGreaterThan(300);
    expect(told.some((one) => 'isLowered' in one && one.isLowered)).toBe(true);
    expect(processes.flatMap(({ logs }) => logs)).toEqual([]);

    const ofKey = (await expectBalanced(parts, key.id)).entries;
    const ofOther = (await expectBalanced(parts, other.id)).entries;
    const entries = [...ofKey, ...ofOther];
    expect(new Map(entries.map(({ requestId, cost }) => [requestId, cost]))).toEqual(new Map(charged));
    expect(entries).toHaveLength(charged.length);
    for (const { usage, rates, cost, priceVersion } of entries) {
      expect(rates?.input).toBe(priceVersion === firstPrice ? 4_000_000n : 10_000_000n);
      expect([firstPrice, secondPrice]).toContain(priceVersion);
      expect(costOf(usage, { input: 0n, output: 0n, cacheRead: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n, ...rates })).toBe(cost);
    }
    expect(new Set(entries.map(({ priceVersion }) => priceVersion)).size).toBe(2);

    const group = accountOf((await engine.store.get(accountKey(ids[2]!)))!);
    for (const period of [group.current, group.previous!]) {
      const booked = sumOf(entries.filter(({ month }) => month === period.month).map(({ cost }) => cost));
      expect([period.spent, period.committed]).toEqual([booked, booked]);
      expect(booked).toBeLessThanOrEqual(usd('1.5'));
    }
    for (const id of ids) expect((await books.audit.account(id)).findings).toEqual([]);
    expect(audits).toBe(CALLS / AUDIT_EVERY);
    await expectStatements(books, undefined, entries);
    await expectStatements(books, ['key', key.id], ofKey);
    await expectStatements(books, ['key', other.id], ofOther);
    await expectStatements(books, ['group', ids[2]!], entries);
  });
});
