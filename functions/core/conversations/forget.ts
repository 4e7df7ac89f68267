// Deletes what is past its second, where the database does not do that itself: on one machine. Law: only what is expired goes.
import type { Clock } from '../platform/clock.ts';
import { firstIdAt } from '../platform/ids.ts';
import type { Item, Store } from '../store/client.ts';
import { type ItemKey, sessionShard, threadShards } from '../store/keys.ts';
import { RETENTION_DAYS } from '../store/schema.ts';
import { isLive } from './thread-item.ts';
import type { ThreadStore } from './thread-store.ts';
import { monthsBack } from './walk.ts';

const DAY_MS = 86_400_000;
const PAGE = 100;
/** A machine may have been off for as long again as anything is kept. */
const LOOKED_BACK_MS = 2 * RETENTION_DAYS.at(-1)! * DAY_MS;

/** Answers how many threads and sessions went. */
export async function forgetExpired(dependencies: { store: Store; threads: ThreadStore; clock: Clock }): Promise<number> {
  const { store, threads, clock } = dependencies;
  // Nothing is kept for less than the least that can be chosen.
  const newest = clock() - RETENTION_DAYS[0] * DAY_MS;
  let forgotten = 0;

  async function forget(item: Item): Promise<void> {
    const isSession = item.sk === 'SESSION';
    if (isSession) await store.remove(keyOf(item));
    else await threads.remove({ ownerId: String(item.pk), id: String(item.sk) });
    forgotten += 1;
  }

  for (const month of monthsBack(newest, newest - LOOKED_BACK_MS)) {
    for (const partition of [sessionShard(month), ...threadShards(month)]) {
      const question = { table: 'conversations', index: 'byMonth', partition, to: firstIdAt('req', clock()), limit: PAGE } as const;
      for (let from = firstIdAt('req', 0), isMore = true; isMore; ) {
        const keys = await store.query({ ...question, from });
        const items = await store.getMany(keys.map(keyOf));
        for (const item of items) if (!isLive(item, clock())) await forget(item);
        isMore = keys.length === PAGE;
        // The last row is seen twice, which does no harm: it is gone or it stays.
        from = String(keys.at(-1)?.at);
      }
    }
  }
  return forgotten;
}

function keyOf({ pk, sk }: Item): ItemKey {
  return { table: 'conversations', pk: String(pk), sk: String(sk) };
}
