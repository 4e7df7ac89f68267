// A call on a key, its group and its user, all with windows, while the database fails: every request of the call's life, and of its repair,
// meets every trouble, once and from then on. What is not settled is ended by the sweeper; then counters and journal agree on all accounts.
import { beforeEach, describe, expect, it } from 'vitest';
import { accountOf, holdsOf } from '../../functions/core/ledger/account.ts';
import { type Books, createBooks } from '../../functions/core/ledger/books.ts';
import type { Hold } from '../../functions/core/ledger/hold.ts';
import type { WindowLimit } from '../../functions/core/ledger/windows.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { createStore } from '../../functions/core/store/client.ts';
import { accountKey } from '../../functions/core/store/keys.ts';
import { TABLE_NAMES } from '../../local/tables.ts';
import { ENGINES, type TestEngine } from '../support/engine.ts';
import { createFaultyHandler, type FaultyHandler, type Trouble } from '../support/faulty-database.ts';
import { createParts, HOLD_MS, outcomeOf, type Parts, sumOf, type Time } from '../support/gateway-parts.ts';
import { withEngine } from '../support/with-engine.ts';

/** Early in the year: an audit reads all of its months. */
const JANUARY = Date.UTC(2026, 0, 20, 12);
const TROUBLES: Trouble[] = ['lost', 'reset', 'throttled', 'conflict', 'broken', 'away'];
/** For the ledger there are but these: it took effect or not, tried again by the client or not. */
const REPAIR_TROUBLES: Trouble[] = ['lost', 'throttled', 'conflict'];
/** Of a warm call: three holds, the entry, three settlements. */
const REQUESTS = 7;
/** More than one call can send. */
const FOR_GOOD = 100;
const WINDOWS: WindowLimit[] = [
  { kind: 'requests', limit: 1_000n, count: 1, unit: 'h' },
  { kind: 'cost', limit: 10_000n, count: 1, unit: 'mo' },
];
const [AMOUNT, COST] = [30n, 20n];

describe.each(ENGINES)('a call on three accounts on $kind, when the database fails', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let sound: Parts;
  let books: Books;
  let handler: FaultyHandler;
  let faulty: Parts;
  let shared: { groupId: string; userId: string };

  withEngine({ kind, missing }, JANUARY, (fresh) => ({ engine, time, here: sound } = fresh));

  beforeEach(async () => {
    if (missing) return;
    handler = createFaultyHandler();
    // Two requests are tried in all, without a pause between them.
    const client = engine.connect({ requestHandler: handler.requestHandler, maxAttempts: 1 });
    faulty = createParts(createStore(client, TABLE_NAMES), time, 'faulty');
    books = createBooks({ ...sound, store: engine.store, clock: () => time.now, log: createLog(() => undefined) });
    await makeShared();
  });

  async function makeShared(): Promise<void> {
    const limits = { monthlyBudget: 10_000n, windows: WINDOWS };
    shared = { groupId: await sound.makeGroup(limits), userId: await sound.makeUser(limits) };
  }

  const itemOf = async (id: string) => (await engine.store.get(accountKey(id)))!;

  /** A key whose items, and those of its group and user, the failing process has copies of. */
  async function warmKey(): Promise<string> {
    const { key } = await sound.makeKey({ monthlyBudget: 100n, windows: WINDOWS }, shared);
    for (const id of [key.id, shared.groupId, shared.userId]) faulty.copies.set(id, await itemOf(id));
    handler.sent.length = 0;
    return key.id;
  }

  async function sweep(): Promise<void> {
    while (!(await books.sweep.run(50)).isRoundOver);
  }

  type Fate = { hold: Hold | undefined; isSettled: boolean; sent: number };

  /** Admission and settling on the failing database, which is sound again afterwards. */
  async function callThrough(keyId: string, troubles: (Trouble | undefined)[]): Promise<Fate> {
    handler.troubles.splice(0, Number.POSITIVE_INFINITY, ...troubles);
    const fate: Fate = { hold: undefined, isSettled: false, sent: 0 };
    try {
      fate.hold = (await faulty.admit(keyId, AMOUNT)).hold;
      await faulty.ledger.settle(fate.hold!, outcomeOf(COST, time.now));
      fate.isSettled = true;
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'ledger_unavailable', status: 503 });
    }
    handler.troubles.length = 0;
    return { ...fate, sent: handler.sent.length };
  }

  /** At rest, and equal to what is booked; answers what the key's calls cost. */
  async function expectAtRest(keyId: string): Promise<bigint> {
    const { item, account, entries, booked } = await sound.books(keyId);
    expect(holdsOf(item)).toEqual([]);
    expect(account).toMatchObject({ open: 0, current: { spent: booked, committed: booked } });
    expect(entries.filter(({ isCorrection }) => !isCorrection).length).toBeLessThanOrEqual(1);
    for (const { kind: counted, used } of account.windows) {
      if (counted === 'cost') expect(used).toBeGreaterThanOrEqual(booked);
    }
    return booked;
  }

  /** The group and the user have what all of their keys have; the audit says the same of everybody. */
  async function expectAudited(keyIds: string[]): Promise<void> {
    const spent = sumOf(await Promise.all(keyIds.map(async (id) => accountOf(await itemOf(id)).current.spent)));
    for (const id of [shared.groupId, shared.userId]) {
      expect(accountOf(await itemOf(id))).toMatchObject({ open: 0, current: { spent, committed: spent } });
      expect((await books.audit.account(id)).findings).toEqual([]);
    }
    for (const id of keyIds) expect((await books.audit.account(id)).findings).toEqual([]);
  }

  /** Each request of a warm call fails in a call of its own; then the deadline passes, and the sweeper comes. */
  async function callEach(troublesAt: (number: number) => (Trouble | undefined)[]): Promise<{ keyId: string; fate: Fate }[]> {
    const calls: { keyId: string; fate: Fate }[] = [];
    for (let number = 0; number < REQUESTS; number += 1) {
      const keyId = await warmKey();
      calls.push({ keyId, fate: await callThrough(keyId, [...nothing(number), ...troublesAt(number)]) });
    }
    time.now += HOLD_MS + 1;
    await sweep();
    return calls;
  }

  law.each(TROUBLES)('%s once at any request of it, is charged once', async (trouble) => {
    const calls = await callEach(() => [trouble]);
    for (const { keyId, fate } of calls) {
      // What lost against a transaction is not sent again: that call is refused, or left to the sweeper.
      if (trouble !== 'conflict') expect(fate.isSettled).toBe(true);
      expect(fate.sent).toBeGreaterThan(trouble === 'conflict' ? 0 : REQUESTS);
      expect(await expectAtRest(keyId)).toBe(fate.hold ? COST : 0n);
    }
    await expectAudited(calls.map(({ keyId }) => keyId));
  });

  law.each(TROUBLES)('%s from any request of it on, is ended by the sweeper, and a late result still counts once', async (trouble) => {
    const calls = await callEach(() => Array.from({ length: FOR_GOOD }, () => trouble));
    for (const { keyId, fate } of calls) {
      expect(fate.isSettled).toBe(false);
      // Who was admitted is charged in full unless its entry was written; who was refused, only where nobody could know whether it was.
      expect(fate.hold ? [COST, AMOUNT] : [0n, AMOUNT]).toContain(await expectAtRest(keyId));
      if (!fate.hold) continue;
      await faulty.ledger.settle(fate.hold, outcomeOf(COST, time.now));
      expect(await expectAtRest(keyId)).toBe(COST);
    }
    await expectAudited(calls.map(({ keyId }) => keyId));
  });

  law.each(REPAIR_TROUBLES)('%s at any request of its repair, is finished by the next', async (trouble) => {
    let repairs = 0;
    for (let isOver = false; !isOver; repairs += 1) {
      // Marks of the repairs before would be looked at again.
      await makeShared();
      const keyId = await warmKey();
      await sound.admit(keyId, AMOUNT);
      time.now += HOLD_MS + 1;
      const ids = [shared.groupId, keyId, shared.userId];
      const repair = async ({ ledger }: Parts) => {
        for (const id of ids) await ledger.repair.finishAbandoned(id, await itemOf(id));
      };
      handler.sent.length = 0;
      handler.troubles.push(...nothing(repairs), trouble, trouble);
      await repair(faulty).catch((thrown) => expect(thrown).toMatchObject({ code: 'ledger_unavailable' }));
      handler.troubles.length = 0;
      isOver = handler.sent.length <= repairs;
      await repair(sound);
      expect(await expectAtRest(keyId)).toBe(AMOUNT);
      for (const id of ids) expect(accountOf(await itemOf(id))).toMatchObject({ open: 0, current: { spent: AMOUNT, committed: AMOUNT } });
    }
    expect(repairs).toBeGreaterThan(8);
  });
});

const nothing = (requests: number): undefined[] => Array.from({ length: requests }, () => undefined);
