// How many keys there are, and the sums over all of them. Law: as many keys as one page may look at are counted as they are at this moment;
// more than that are told from the tally and the statements, so that no answer costs what all keys cost.
import type { KeyStore } from '../core/access/key-store.ts';
import { MOST_NARROWED } from '../core/access/narrow-keys.ts';
import type { Account } from '../core/ledger/account.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import { type Measures, periodOf } from '../core/ledger/statement.ts';
import type { Statements } from '../core/ledger/statements.ts';
import { type Clock, monthOf } from '../core/platform/clock.ts';
import type { Picodollars } from '../core/platform/money.ts';
import type { Item } from '../core/store/client.ts';
import { lifetimeOf } from './spent.ts';

/** Where nothing has been tallied yet, as many are counted as an answer of the database holds. */
const MOST_COUNTED = 10_000;
/** There are no entries from before. */
const FIRST_MONTH = '2026-01';

type Keys = Pick<KeyStore, 'idsInOrder' | 'tally' | 'readMany'>;

/** `known`: so many ids were asked for, and so many came. */
export async function countKeys(keys: Keys, known: { asked: number; came: number }): Promise<number> {
  if (known.came < known.asked) return known.came;
  const tally = await keys.tally.read();
  const counted = tally ? tally.keys : (await keys.idsInOrder(MOST_COUNTED, true)).length;
  return Math.max(counted, known.came);
}

export type KeySums = {
  keys: number;
  active: number;
  budget: Picodollars;
  madeThisWeek: number;
  spenders: number;
  monthSpenders: number;
  spent: Picodollars;
  spentThisMonth: Picodollars;
};

type Dependencies = { keys: Keys; ledger: Ledger; statements: Statements; clock: Clock };

/** `isActive` and `monthFee`: what the interface that asks means by them, where each key is looked at. */
export async function sumKeys(
  dependencies: Dependencies,
  { isActive, monthFee }: { isActive: (item: Item, account: Account) => boolean; monthFee: (account: Account) => Picodollars },
): Promise<KeySums> {
  const { keys, ledger, clock } = dependencies;
  const ids = await keys.idsInOrder(MOST_NARROWED + 1, true);
  if (ids.length > MOST_NARROWED) return sumsOfMany(dependencies, ids.length);
  const weekAgo = clock() - 7 * 86_400_000;
  const sums = { keys: 0, active: 0, budget: 0n, madeThisWeek: 0, spenders: 0, monthSpenders: 0, spent: 0n, spentThisMonth: 0n };
  for (const item of await keys.readMany(ids)) {
    const account = ledger.view(item);
    const spent = lifetimeOf(account);
    sums.keys += 1;
    sums.active += isActive(item, account) ? 1 : 0;
    sums.budget += account.limits.monthlyBudget ?? 0n;
    sums.madeThisWeek += Number(item.createdAt) > weekAgo ? 1 : 0;
    sums.spenders += spent > 0n ? 1 : 0;
    sums.monthSpenders += account.current.spent > 0n ? 1 : 0;
    sums.spent += spent;
    sums.spentThisMonth += monthFee(account);
  }
  return sums;
}

async function sumsOfMany({ keys, statements, clock }: Dependencies, came: number): Promise<KeySums> {
  const month = monthOf(clock());
  const [tally, madeThisWeek, all, present] = await Promise.all([
    keys.tally.read(),
    keys.tally.madeThisWeek(),
    everything(statements, clock),
    statements.query({ from: month, to: month, grain: 'month' }, 1),
  ]);
  const counted = tally?.keys ?? (await keys.idsInOrder(MOST_COUNTED, true)).length;
  return {
    keys: Math.max(counted, came),
    active: Math.max(counted, came) - (tally?.revoked ?? 0),
    budget: tally?.budget ?? 0n,
    madeThisWeek,
    spenders: tally?.spenders ?? 0,
    monthSpenders: tally?.month === month ? tally.monthSpenders : 0,
    spent: all.cost,
    spentThisMonth: present.series[0]!.total.cost,
  };
}

/** All that was ever called: a row of each month and model. */
export async function everything(statements: Statements, clock: Clock): Promise<Measures> {
  const question = { from: FIRST_MONTH, to: periodOf(clock(), 'month'), grain: 'month' } as const;
  return (await statements.query(question, 1)).series[0]!.total;
}
