// How many keys there are, counted as they are made, changed and removed. Law: nothing is decided by it. A process that vanishes between a key
// and its count leaves a difference, which the next round of the upkeep sets right; where it has never come round, nothing is known.
import type { Clock } from '../platform/clock.ts';
import type { Item, Store } from '../store/client.ts';
import { type ItemKey, tallyKey } from '../store/keys.ts';

/** `spenders`: keys that ever cost something; `monthSpenders`: in `month`. Both are as of the round's end, `countedAt`. */
export type Tally = {
  keys: number;
  revoked: number;
  /** The sum of monthly budgets, in picodollars. */
  budget: bigint;
  spenders: number;
  monthSpenders: number;
  month: string;
  countedAt: number;
};

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
export const TOTALS = tallyKey('ALL');
export const PLACE = tallyKey('PLACE');
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
export const dayKey = (day: string): ItemKey => tallyKey(`DAY#${day}`);

/** What one key is counted as, at every moment that it is changed. */
export function countsOf(item: Item | undefined): Record<'keys' | 'revoked' | 'budget', bigint> {
  if (!item) return { keys: 0n, revoked: 0n, budget: 0n };
  return { keys: 1n, revoked: item.revokedAt == null ? 0n : 1n, budget: (item.monthlyBudget as bigint | null | undefined) ?? 0n };
}

export function createTally({ store, clock }: { store: Store; clock: Clock }) {
  /** Adds to counters that are there; where `passed` is given, only if the round has passed that key. Answers whether it did. */
  async function add(key: ItemKey, amounts: Record<string, bigint>, passed?: string): Promise<boolean> {
    const names: Record<string, string> = {};
    const values: Record<string, bigint | string> = {};
    const conditions: string[] = [];
    for (const [name, amount] of Object.entries(amounts)) {
      names[`#${name}`] = name;
      values[`:${name}`] = amount;
      conditions.push(`attribute_exists(#${name})`);
    }
    if (passed !== undefined) {
      conditions.push('#after >= :id');
      names['#after'] = 'after';
      values[':id'] = passed;
    }
    const sets = Object.keys(amounts).map((name) => `#${name} = #${name} + :${name}`);
    return (await store.update(key, { update: `SET ${sets.join(', ')}`, condition: conditions.join(' AND '), names, values })).applied;
  }

  async function addToDay(createdAt: number, amount: bigint): Promise<void> {
    const key = dayKey(dayOf(createdAt));
    if (await add(key, { made: amount })) return;
    if (amount > 0n && !(await store.putNew(key, { made: amount })).applied) await add(key, { made: amount });
  }

  return {
    /** Tells what became of a key; `undefined` where there was or is none. What cannot be counted now, the next round counts. */
    async count(before: Item | undefined, after: Item | undefined): Promise<void> {
      const [was, is] = [countsOf(before), countsOf(after)];
      const amounts = { keys: is.keys - was.keys, revoked: is.revoked - was.revoked, budget: is.budget - was.budget };
      if (Object.values(amounts).every((amount) => amount === 0n)) return;
      const { id, createdAt } = (after ?? before)!;
      // A round that is past the key has counted it as it was.
      const counting: Promise<unknown>[] = [add(TOTALS, amounts), add(PLACE, amounts, String(id))];
      if (amounts.keys !== 0n) counting.push(addToDay(Number(createdAt), amounts.keys));
      await Promise.allSettled(counting);
    },

    /** `undefined`: they have never been counted. */
    async read(): Promise<Tally | undefined> {
      const item = await store.get(TOTALS);
      if (!item) return undefined;
      const number = (name: string) => Number(item[name]);
      return {
        ...{ keys: number('keys'), revoked: number('revoked'), budget: item.budget as bigint, spenders: number('spenders') },
        ...{ monthSpenders: number('monthSpenders'), month: String(item.month), countedAt: number('countedAt') },
      };
    },

    /** Keys made today and in the six days before it, UTC. */
    async madeThisWeek(): Promise<number> {
      const { table, pk: partition } = TOTALS;
      const [from, to] = [dayKey(dayOf(clock() - (WEEK_DAYS - 1) * DAY_MS)).sk, dayKey(dayOf(clock())).sk];
      const rows = await store.query({ table, partition, from, to, limit: WEEK_DAYS });
      return rows.reduce((sum, { made }) => sum + Number(made), 0);
    },
  };
}
