// The upkeep of what keys are found and counted by: rows for keys that were made before there were such rows, and the tally counted anew. Law: a
// step looks at a bounded number of keys and goes on where the step before ended, whoever did it; done twice, it changes nothing.
//
//   PLACE  the last key of the round that was looked at, and what was counted up to it; a key that is changed behind it is counted there too
import { type Clock, monthOf } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Item, Store } from '../store/client.ts';
import { accountKey } from '../store/keys.ts';
import { facetsOf, MARK_PREFIX, putRows, removeRows } from './finding-rows.ts';
import { countsOf, dayKey, dayOf, PLACE, TOTALS } from './tally.ts';

export type KeepKeys = ReturnType<typeof createKeepKeys>;

const DAY_MS = 86_400_000;
/** Keys made so long ago at the most are counted by the day. */
const DAYS_MS = 8 * DAY_MS;
const ATTEMPTS = 5;
/** Sorts before every id. */
const START = '-';
const NOTHING = { keys: 0n, revoked: 0n, budget: 0n, spenders: 0n, monthSpenders: 0n, renewed: 0n };
type Counts = Record<keyof typeof NOTHING, bigint>;

export function createKeepKeys({ store, clock, ids }: { store: Store; clock: Clock; ids: Ids }) {
  /** New rows under a new mark; the key itself stays as it is, its version too. */
  async function renewRows(item: Item): Promise<boolean> {
    const id = String(item.id);
    const mark = ids(MARK_PREFIX);
    await putRows(store, facetsOf(item), id, mark);
    const isAsRead = item.finding === undefined ? 'attribute_not_exists(#finding)' : '#finding = :before';
    const { applied } = await store.update(accountKey(id), {
      update: 'SET #finding = :mark',
      condition: `#version = :version AND ${isAsRead}`,
      names: { '#finding': 'finding', '#version': 'version' },
      values: { ':mark': mark, ':version': item.version!, ...(item.finding !== undefined && { ':before': item.finding }) },
    });
    // Whoever has changed it meanwhile has given it rows of his own.
    await removeRows(store, facetsOf(item), id, applied ? String(item.finding) : mark);
    return applied;
  }

  async function readPlace(): Promise<Item> {
    const place = await store.get(PLACE);
    if (place) return place;
    const begun: Item = { ...NOTHING, after: START, month: monthOf(clock()), days: {} };
    const written = await store.putNew(PLACE, begun);
    return written.applied ? begun : written.item!;
  }

  /** Puts what was counted behind the new place, if nobody else has moved it. */
  async function move(place: Item, after: string, counts: Counts, days: Record<string, bigint>): Promise<boolean> {
    const names: Record<string, string> = { '#after': 'after', '#days': 'days' };
    const values: Item = { ':before': place.after!, ':after': after, ':days': days };
    const sets = Object.entries(counts).map(([name, amount]) => {
      names[`#${name}`] = name;
      values[`:${name}`] = amount;
      return `#${name} = #${name} + :${name}`;
    });
    const update = `SET #after = :after, #days = :days, ${sets.join(', ')}`;
    return (await store.update(PLACE, { update, condition: '#after = :before', names, values })).applied;
  }

  /** What the round counted is the tally from now on; what is changed in this moment is counted before it or after it, by trying again. */
  async function endRound(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { pk: _, sk: __, after, days, renewed: ___, ...totals } = await readPlace();
      const made = Object.entries(days as Record<string, bigint>).map(([day, count]) => ({ key: dayKey(day), item: { made: count } }));
      await store.putMany([{ key: TOTALS, item: { ...totals, countedAt: BigInt(clock()) } }, ...made]);
      const { keys, revoked, budget } = totals as Counts;
      const { applied } = await store.update(PLACE, {
        update: `SET ${[...Object.keys(NOTHING), 'after', 'month', 'days'].map((name) => `#${name} = :new_${name}`).join(', ')}`,
        condition: '#after = :after AND #keys = :keys AND #revoked = :revoked AND #budget = :budget',
        names: Object.fromEntries([...Object.keys(NOTHING), 'after', 'month', 'days'].map((name) => [`#${name}`, name])),
        values: {
          ...Object.fromEntries(Object.entries(NOTHING).map(([name, nothing]) => [`:new_${name}`, nothing])),
          ...{ ':new_after': START, ':new_month': monthOf(clock()), ':new_days': {} },
          ...{ ':after': after!, ':keys': keys, ':revoked': revoked, ':budget': budget },
        },
      });
      if (applied) return;
    }
  }

  return {
    /** Looks at the next `most` keys. Answers whether there is something to hurry for: keys that are not found yet, or no tally at all. */
    async step(most: number): Promise<boolean> {
      const place = await readPlace();
      const last = String(place.after);
      const after = last === START ? undefined : { pk: accountKey(last).pk, sk: accountKey(last).sk, kind: 'key', id: last };
      const listed = await store.query({ table: 'accounts', index: 'byKind', partition: 'key', after, limit: most });
      const items = await store.getMany(listed.map(({ id }) => accountKey(String(id))));
      const counts: Counts = { ...NOTHING };
      const days = { ...(place.days as Record<string, bigint>) };
      for (const item of items) {
        const isFound = String(item.finding).startsWith(`${MARK_PREFIX}_`);
        if (!isFound && (await renewRows(item))) counts.renewed += 1n;
        addCounts(counts, item, String(place.month));
        const createdAt = Number(item.createdAt);
        if (createdAt > clock() - DAYS_MS) days[dayOf(createdAt)] = (days[dayOf(createdAt)] ?? 0n) + 1n;
      }
      const isMoved = await move(place, listed.length > 0 ? String(listed.at(-1)!.id) : last, counts, days);
      const isRoundOver = listed.length < most;
      if (isMoved && isRoundOver) await endRound();
      return !isRoundOver && ((place.renewed as bigint) + counts.renewed > 0n || (await store.get(TOTALS)) === undefined);
    },
  };
}

/** The ledger's counters are in the same item: what was spent this month, in the one before, and earlier. */
function addCounts(counts: Counts, item: Item, month: string): void {
  const { keys, revoked, budget } = countsOf(item);
  const { spent = 0n, previousSpent = 0n, earlier = 0n } = item as Record<string, bigint | undefined>;
  counts.keys += keys;
  counts.revoked += revoked;
  counts.budget += budget;
  counts.spenders += spent + previousSpent + earlier > 0n ? 1n : 0n;
  counts.monthSpenders += item.month === month && spent > 0n ? 1n : 0n;
}
