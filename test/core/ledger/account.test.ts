// The arithmetic of months and limits, as tables, and what admission says where the store itself is the test.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  accountOf,
  ceilingOf,
  changedLimits,
  type Limits,
  newAccount,
  overflowOf,
  quotaOf,
  rolled,
} from '../../../functions/core/ledger/account.ts';
import { moneyRefusal, refusalError } from '../../../functions/core/ledger/refusal.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { createParts, NO_LIMITS, outcomeOf } from '../../support/gateway-parts.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';

const NOVEMBER = Date.UTC(2026, 10, 20);

function accountWith(limits: Partial<Limits>, counters: Record<string, bigint | string | null> = {}): Account {
  const attributes = { ...newAccount({ ...NO_LIMITS, ...limits }, '2026-11'), ...counters };
  return accountOf({ ...attributes, id: 'key_1', version: 1n, expiresAt: null, revokedAt: null });
}

describe('the ceiling', () => {
  const lastMonth = (committed: bigint, quota: bigint) => ({
    previousMonth: '2026-10',
    previousCommitted: committed,
    previousSpent: committed,
    previousQuota: quota,
  });
  it.each<[string, Partial<Limits>, Record<string, bigint | string | null>, bigint | null]>([
    ['is none without limits', {}, {}, null],
    ['is none with a cap on parallel calls only', { maxParallel: 1 }, {}, null],
    ['is the budget', { monthlyBudget: 10n }, {}, 10n],
    ['is nothing with a budget of nothing', { monthlyBudget: 0n }, {}, 0n],
    ['is budget and balance', { monthlyBudget: 10n, balance: 5n }, {}, 15n],
    ['is the balance alone where there is no budget', { balance: 5n }, {}, 5n],
    ['leaves out what last month took, or may still take, from the balance', { monthlyBudget: 10n, balance: 5n }, lastMonth(13n, 10n), 12n],
    ['gives last month’s unused quota to nobody', { monthlyBudget: 10n, balance: 5n }, lastMonth(3n, 10n), 15n],
    ['is the lifetime budget less all that was spent before', { lifetimeBudget: 30n }, { ...lastMonth(13n, 10n), earlier: 7n }, 10n],
    ['is the lower one of two', { monthlyBudget: 10n, lifetimeBudget: 4n }, {}, 4n],
    ['is the lower one of two, the other way round', { monthlyBudget: 3n, lifetimeBudget: 4n }, {}, 3n],
  ])('%s', (_what, limits, counters, expected) => {
    expect(ceilingOf(accountWith(limits, counters))).toBe(expected);
  });
});

describe('a changed limit', () => {
  const leftOf = (account: Account) => ceilingOf(account)! - account.current.committed;
  const changed = (account: Account, change: Partial<Limits>) => {
    const attributes = changedLimits(account, change);
    const { monthlyBudget, balance, lifetimeBudget } = attributes as Record<string, bigint | null>;
    return {
      ...account,
      limits: { ...account.limits, monthlyBudget: monthlyBudget!, balance: balance!, lifetimeBudget: lifetimeBudget! },
      current: { ...account.current, quota: attributes.monthQuota as bigint | null },
    };
  };
  it.each<[string, Partial<Limits>, bigint, Partial<Limits>, bigint]>([
    ['raised', { monthlyBudget: 10n }, 4n, { monthlyBudget: 20n }, 16n],
    ['lowered above what is spent', { monthlyBudget: 10n }, 4n, { monthlyBudget: 6n }, 2n],
    ['lowered below what is spent: nothing left, no debt', { monthlyBudget: 10n }, 4n, { monthlyBudget: 1n }, 0n],
    ['lowered with a balance: the balance is not charged', { monthlyBudget: 10n, balance: 5n }, 4n, { monthlyBudget: 1n }, 5n],
    ['lowered when the balance was in use', { monthlyBudget: 10n, balance: 5n }, 12n, { monthlyBudget: 1n }, 3n],
    ['raised when the balance was in use: the quota pays again', { monthlyBudget: 10n, balance: 5n }, 12n, { monthlyBudget: 20n }, 13n],
    ['set where there was none', {}, 4n, { monthlyBudget: 10n }, 6n],
    ['set below what is spent where there was none', {}, 14n, { monthlyBudget: 10n, balance: 2n }, 2n],
    ['taken away: the balance is all there is', { monthlyBudget: 10n, balance: 5n }, 4n, { monthlyBudget: null }, 5n],
    ['of the balance: what is left from now on', { monthlyBudget: 10n, balance: 5n }, 12n, { balance: 7n }, 7n],
    ['of the balance to nothing', { monthlyBudget: 10n, balance: 5n }, 12n, { balance: 0n }, 0n],
  ])('%s', (_what, limits, spent, change, left) => {
    const account = accountWith(limits, { spent, committed: spent });
    expect(leftOf(changed(account, change))).toBe(left);
  });

  it('never charges the balance for what the quota had paid, whatever is changed', () => {
    const money = fc.bigInt(0n, 50n);
    fc.assert(
      fc.property(money, money, money, money, (budget, balance, spent, next) => {
        const account = accountWith({ monthlyBudget: budget, balance }, { spent, committed: spent });
        const took = (of: Account) => overflowOf(of.current);
        expect(took(changed(account, { monthlyBudget: next }))).toBeLessThanOrEqual(took(account));
      }),
    );
  });

  it('is zero for nothing and null for no limit', () => {
    expect([quotaOf({ monthlyBudget: null, balance: null }), quotaOf({ monthlyBudget: null, balance: 0n })]).toEqual([null, 0n]);
  });
});

/** A store that lets something happen once, just before the next update. */
function interrupted(memory: MemoryStore) {
  let meanwhile = async (): Promise<unknown> => undefined;
  const update: typeof memory.update = async (key, written) => {
    const happen = meanwhile;
    meanwhile = async () => undefined;
    await happen();
    return memory.update(key, written);
  };
  return {
    store: { ...memory, update },
    before(happen: () => Promise<unknown>) {
      meanwhile = happen;
    },
  };
}

describe('a limit that is changed while a call settles', () => {
  it.each<[string, Partial<Limits>, bigint, bigint, Partial<Limits>, bigint]>([
    ['above what is spent before, below after', { monthlyBudget: 10n, balance: 5n }, 2n, 6n, { monthlyBudget: 4n }, 8n],
    ['below what is spent, with quota left', { monthlyBudget: 10n, balance: 5n }, 4n, 3n, { monthlyBudget: 1n }, 7n],
    ['below what is spent, and the quota used up meanwhile', { monthlyBudget: 10n, balance: 5n }, 4n, 8n, { monthlyBudget: 1n }, 10n],
    ['below what is spent, when the quota was used up', { monthlyBudget: 10n, balance: 5n }, 11n, 3n, { monthlyBudget: 1n }, 10n],
    ['to the quota there was', { monthlyBudget: 10n, balance: 5n }, 4n, 3n, { monthlyBudget: 20n }, 20n],
    ['set where there was none', {}, 4n, 3n, { monthlyBudget: 1n }, 7n],
    ['taken away', { monthlyBudget: 10n }, 4n, 3n, { monthlyBudget: null }, null as never],
  ])('%s: the quota is what it would be had the call settled before', async (_what, limits, first, second, change, quota) => {
    const time = { now: NOVEMBER };
    const memory = createMemoryStore();
    const { store, before } = interrupted(memory);
    const [here, there] = [createParts(store, time, 'a'), createParts(memory, time, 'b')];
    const { key } = await there.makeKey(limits);
    await there.call(key.id, first);
    const { hold } = await there.admit(key.id, second);
    before(() => there.ledger.settle(hold!, outcomeOf(second, time.now)));
    const item = await here.keys.change(key.id, {}, (read) => changedLimits(here.ledger.view(read), change));
    expect(item.monthQuota).toBe(quota);
  });
});

describe('a new month', () => {
  it('starts at nothing, keeps the month before, and takes what the one before that took from the balance', () => {
    const october = { previousMonth: '2026-10', previousCommitted: 12n, previousSpent: 12n, previousQuota: 10n };
    const account = rolled(
      accountWith({ monthlyBudget: 10n, balance: 9n }, { ...october, committed: 11n, spent: 7n, earlier: 3n }),
      '2026-12',
    );
    expect(account).toMatchObject({
      limits: { balance: 7n },
      current: { month: '2026-12', committed: 0n, spent: 0n, quota: 10n },
      previous: { month: '2026-11', committed: 11n, spent: 7n },
      earlier: 15n,
    });
    expect(rolled(account, '2026-12')).toBe(account);
    expect(rolled(account, '2026-11')).toBe(account);
  });

  it('begins with the limits that were set just before it', async () => {
    const time = { now: NOVEMBER };
    const memory = createMemoryStore();
    const { store, before } = interrupted(memory);
    const [here, there] = [createParts(store, time, 'a'), createParts(memory, time, 'b')];
    const { key } = await there.makeKey({ monthlyBudget: 10n });
    before(() => there.keys.change(key.id, {}, (read) => changedLimits(there.ledger.view(read), { monthlyBudget: 4n, balance: 1n })));
    time.now = Date.UTC(2026, 11, 1);
    expect(await here.ledger.present(key.id)).toMatchObject({ month: '2026-12', monthQuota: 4n, balance: 1n });
  });

  it('written by the ledger is what the view said it would be', async () => {
    const time = { now: Date.UTC(2026, 9, 31) };
    const here = createParts(createMemoryStore(), time);
    const { key } = await here.makeKey({ monthlyBudget: 10n, balance: 9n, lifetimeBudget: 100n });
    for (const now of [Date.UTC(2026, 10, 1), Date.UTC(2026, 11, 1), Date.UTC(2027, 3, 1)]) {
      await here.call(key.id, 12n);
      time.now = now;
      const seen = here.ledger.view((await here.keys.read(key.id))!);
      expect(here.ledger.view((await here.ledger.present(key.id))!)).toEqual({ ...seen, version: seen.version + 1n });
    }
  });
});

describe('a refusal', () => {
  it.each<[string, Partial<Limits>, { kind: string; left: bigint; resetsAt: number | null }]>([
    ['of a budget resets with the month', { monthlyBudget: 5n }, { kind: 'month', left: 1n, resetsAt: Date.UTC(2026, 11, 1) }],
    ['of a balance alone does not reset', { balance: 5n }, { kind: 'month', left: 1n, resetsAt: null }],
    ['of a lifetime does not reset', { lifetimeBudget: 5n }, { kind: 'lifetime', left: 1n, resetsAt: null }],
    ['names the tighter limit', { monthlyBudget: 9n, lifetimeBudget: 5n }, { kind: 'lifetime', left: 1n, resetsAt: null }],
    ['never leaves less than nothing', { monthlyBudget: 2n }, { kind: 'month', left: 0n, resetsAt: Date.UTC(2026, 11, 1) }],
  ])('%s', (_what, limits, expected) => {
    const account = accountWith(limits, { committed: 4n, spent: 4n });
    expect(moneyRefusal(account, 3n)).toEqual({ limit: 'money', needed: 3n, ...expected });
  });

  it.each([
    [{ limit: 'parallel', maxParallel: 2 }, 'too_many_parallel_calls', 'This key may run 2 calls at a time'],
    [{ limit: 'revoked', reason: 'lost' }, 'key_revoked', 'The key has been revoked: lost.'],
    [{ limit: 'expired', at: 0 }, 'key_expired', 'The key expired on 1970-01-01T00:00:00.000Z'],
    [{ limit: 'price', model: 'm' }, 'model_not_priced', 'm has no price'],
    [{ limit: 'gone' }, 'invalid_api_key', 'The key has been deleted.'],
    [
      { limit: 'money', kind: 'lifetime', left: 0n, needed: 1n, resetsAt: null },
      'insufficient_quota',
      'The lifetime budget is used up. Please recharge.',
    ],
  ] as const)('%o has its code and words', (refusal, code, words) => {
    const error = refusalError(refusal, 0);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

describe('an engine that looks only after the condition has failed', () => {
  /** What the database does between a failed condition and the look at the item. */
  function lookingLate(meanwhile: () => Promise<unknown>) {
    const memory = createMemoryStore();
    let isFirst = true;
    const update: typeof memory.update = async (key, change) => {
      const written = await memory.update(key, change);
      const isAccount = key.sk === 'ACCOUNT';
      if (written.applied || !isFirst || !isAccount) return written;
      isFirst = false;
      await meanwhile();
      return { applied: false, item: await memory.get(key) };
    };
    return { memory, late: { ...memory, update } };
  }

  it.each<[string, Partial<Limits>]>([
    ['money', { monthlyBudget: 1n }],
    ['parallel calls', { maxParallel: 1 }],
  ])('does not refuse for %s that came free meanwhile', async (_what, limits) => {
    const time = { now: NOVEMBER };
    let free = async () => {};
    const { memory, late } = lookingLate(() => free());
    const [here, there] = [createParts(late, time, 'a'), createParts(memory, time, 'b')];
    const { key } = await here.makeKey(limits);
    const { hold } = await there.admit(key.id, 1n);
    free = () => there.ledger.settle(hold!, outcomeOf(0n, time.now));
    expect(await here.admit(key.id, 1n)).toHaveProperty('hold');
    expect(await memory.get(accountKey(key.id))).toMatchObject({ open: 1n, spent: 0n });
  });
});
