// What was made under an idempotency key: the same asking again finds the same id. Law: the id is decided before anything is made, so that an
// asking that broke off goes on with it, and one that was done is not done again.
import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Item, Store } from '../store/client.ts';
import { onceKey } from '../store/keys.ts';

/** `isDone`: it was made under this id before, whether or not it is there still. */
export type Placed = { id: string; isDone: boolean; finish(): Promise<void> };
export type Once = ReturnType<typeof createOnce>;

/** What is made once, by the prefix of its id. */
const PREFIXES = ['key', 'bulk', 'grp', 'usr', 'price'] as const;
export type OncePrefix = (typeof PREFIXES)[number];

const LIFE_MS = 7 * 86_400_000;
const PAGE = 100;

export function createOnce({ store, clock, ids }: { store: Store; clock: Clock; ids: Ids }) {
  return {
    /** `prefix` of the id to be; keys of one author are none of another's. Without a key every asking is a new one. */
    async place(prefix: OncePrefix, { key, author, body }: { key: string | undefined; author: string; body: unknown }): Promise<Placed> {
      const id = ids(prefix);
      if (key === undefined) return { id, isDone: false, finish: async () => undefined };
      const place = onceKey(prefix, hashOf(`${author}\n${key}`));
      const asked = hashOf(JSON.stringify(body));
      const forgetAt = BigInt(Math.ceil((clock() + LIFE_MS) / 1000));
      let written = await store.putNew(place, { id, asked, forgetAt });
      if (!written.applied && isExpired(written.item!)) {
        await store.remove(place);
        written = await store.putNew(place, { id, asked, forgetAt });
      }
      const there = written.applied ? { id, asked, done: undefined } : written.item!;
      if (there.asked !== asked) {
        throw new GatewayError('conflict', 'That Idempotency-Key was used with another body. Use a new key for something new.');
      }
      return { id: String(there.id), isDone: there.done === true, finish: () => finish(place) };
    },

    /** Deletes what is expired, where the database does not by itself; answers how many rows went. */
    async forgetExpired(): Promise<number> {
      let forgotten = 0;
      for (const prefix of PREFIXES) {
        const { table, pk: partition } = onceKey(prefix, '');
        for (let after: Item | undefined, isMore = true; isMore; ) {
          const rows = await store.query({ table, partition, after, limit: PAGE });
          for (const { pk, sk } of rows.filter(isExpired)) {
            const key = { table, pk: String(pk), sk: String(sk) };
            // It may have been used anew since.
            const row = await store.get(key);
            if (!row || !isExpired(row)) continue;
            await store.remove(key);
            forgotten += 1;
          }
          isMore = rows.length === PAGE;
          after = rows.at(-1) && { pk: partition, sk: rows.at(-1)!.sk! };
        }
      }
      return forgotten;
    },
  };

  function isExpired({ forgetAt }: Item): boolean {
    return Number(forgetAt) * 1000 <= clock();
  }

  async function finish(place: ReturnType<typeof onceKey>): Promise<void> {
    await store.update(place, {
      update: 'SET #done = :done',
      condition: 'attribute_exists(#asked)',
      names: { '#done': 'done', '#asked': 'asked' },
      values: { ':done': true },
    });
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
