// The parts of one gateway process on a given store, with a clock that tests set.
import { expect } from 'vitest';
import { createGroupStore } from '../../functions/core/access/group-store.ts';
import { createKeyStore, type NewKey } from '../../functions/core/access/key-store.ts';
import { createUserStore } from '../../functions/core/access/user-store.ts';
import { holdsOf, type Limits, newAccount } from '../../functions/core/ledger/account.ts';
import type { Deferred } from '../../functions/core/ledger/deferred.ts';
import type { Hold, Outcome } from '../../functions/core/ledger/hold.ts';
import { createJournal, type Entry } from '../../functions/core/ledger/journal.ts';
import { createLedger } from '../../functions/core/ledger/ledger.ts';
import { NO_USAGE } from '../../functions/core/ledger/usage.ts';
import type { WindowLimit } from '../../functions/core/ledger/windows.ts';
import { monthOf } from '../../functions/core/platform/clock.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { parseUsd } from '../../functions/core/platform/money.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../../functions/core/store/copies.ts';

export const HOLD_MS = 60_000;

export const NO_LIMITS: Limits = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };

export type Time = { now: number };

export type TestLimits = Partial<Limits> & { windows?: WindowLimit[] };

export type Parts = ReturnType<typeof createParts>;

export function createParts(store: Store, time: Time, processId = 'here.1', grace: { graceMs?: number; deferred?: Deferred } = {}) {
  const clock = () => time.now;
  const ids = createIds(clock);
  const copies = createCopies(clock, COPY_LIFE_MS, grace);
  const journal = createJournal(store);
  const keys = createKeyStore({ store, copies, clock, ids });
  const groups = createGroupStore({ store, copies, clock, ids, keys });
  const users = createUserStore({ store, copies, clock, ids, keys });
  const ledger = createLedger({ store, journal, copies, clock, processId, holdMs: HOLD_MS, deferred: grace.deferred });

  const parts = {
    ids,
    copies,
    journal,
    keys,
    groups,
    users,
    ledger,

    async makeKey({ windows, ...limits }: TestLimits = {}, fields: Partial<NewKey> = {}) {
      const key = { name: 'a key', email: null, role: 'user' as const, tags: [], models: [], expiresAt: null, ...fields };
      return keys.create(key, newAccount({ ...NO_LIMITS, ...limits }, monthOf(time.now), windows));
    },

    /** The id of a new group. */
    async makeGroup({ windows, ...limits }: TestLimits = {}, models: string[] = []): Promise<string> {
      const account = newAccount({ ...NO_LIMITS, ...limits }, monthOf(time.now), windows);
      return String((await groups.create({ name: 'a group', tags: [], models, expiresAt: null }, account)).id);
    },

    /** The id of a new user. */
    async makeUser({ windows, ...limits }: TestLimits = {}): Promise<string> {
      const account = newAccount({ ...NO_LIMITS, ...limits }, monthOf(time.now), windows);
      return String((await users.create({ name: 'a user', email: null, tags: [], expiresAt: null }, account)).id);
    },

    admit(accountId: string, amount: bigint, { requestId = ids('req'), smallestAmount = 1n, tokens = 0 } = {}) {
      const named = { model: 'a model', target: 'a-target', priceVersion: 'a-price' };
      return ledger.admit({ accountId, requestId, amount, tokens, smallestAmount, ...named });
    },

    /** A whole call that costs what it set aside, or `cost`. True: it was admitted. */
    async call(accountId: string, amount: bigint, cost = amount): Promise<boolean> {
      const { hold } = await parts.admit(accountId, amount);
      if (hold) await ledger.settle(hold, outcomeOf(cost, time.now));
      return hold !== undefined;
    },

    /** The account of the present month, and all that was booked on it. */
    async books(accountId: string) {
      const item = (await ledger.present(accountId))!;
      const entries: Entry[] = [];
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const page = await journal.ofAccount(accountId, 0, time.now + 1_000_000, 100, after);
        entries.push(...page.entries);
        after = page.next;
      }
      return { item, account: ledger.view(item), entries, booked: sumOf(entries.map(({ cost }) => cost)) };
    },
  };
  return parts;
}

/** Nothing open, and the counters are the sum of the journal. */
export async function expectBalanced(parts: Parts, accountId: string) {
  const { item, account, entries, booked } = await parts.books(accountId);
  const { current, previous, earlier } = account;
  expect(holdsOf(item)).toEqual([]);
  expect(account.open).toBe(0);
  expect(current.committed).toBe(current.spent);
  expect(current.spent + (previous?.spent ?? 0n) + earlier).toBe(booked);
  for (const period of previous ? [current, previous] : [current]) {
    expect(period.spent).toBe(sumOf(entries.filter(({ month }) => month === period.month).map(({ cost }) => cost)));
  }
  return { account, entries, booked };
}

export function outcomeOf(cost: bigint, at: number): Outcome {
  const told = {
    usage: NO_USAGE,
    cost,
    status: 'succeeded' as const,
    error: null,
    isEstimated: false,
    isStream: false,
    priceVersion: null,
  };
  return { ...told, latencyMs: null, firstTokenMs: null, at };
}

/** The entry of a call, as its process would have written it. */
export function entryOf({ requestId, parties, model, target, month }: Hold, outcome: Outcome): Entry {
  const { keyId: accountId, groupId, userId } = parties;
  return { ...outcome, ...{ requestId, accountId, groupId, userId, model, target, month }, isRepair: false, isCorrection: false };
}

export function sumOf(amounts: bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

export function usd(text: string): bigint {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`${text} is no amount.`);
  return amount;
}
