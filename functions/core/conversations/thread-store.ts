// Threads in the database: written once, read by their owner's id or by all, forgotten at their second. Law: a thread is only ever found
// under its owner, or by those who may see everybody's.
import { type Clock, monthOf } from '../platform/clock.ts';
import { timeOfId } from '../platform/ids.ts';
import type { Item, Store } from '../store/client.ts';
import { textsKey, threadKey, threadShard, threadShards } from '../store/keys.ts';
import { readMerged } from '../store/merged.ts';
import { type Bodies, bodyName } from './bodies.ts';
import type { Texts, Thread } from './thread.ts';
import { fromItem, isLive, toItem } from './thread-item.ts';
import { monthsBack, type Page, type Range, rowsOf, walk } from './walk.ts';

export type ThreadStore = ReturnType<typeof createThreadStore>;

type Filter = (thread: Thread) => boolean;

/** Above this, texts go to the store for large ones: an item may have 400 KB, and costs by its size. */
export const LARGE_BYTES = 100_000;

export function createThreadStore({ store, bodies, clock }: { store: Store; bodies: Bodies; clock: Clock }) {
  const live = (items: Item[]) => items.filter((item) => isLive(item, clock())).map(fromItem);

  /** The threads an index has named, as they are. */
  const readAll = async (keys: Item[]): Promise<Thread[]> =>
    live(await store.getMany(keys.map(({ pk, sk }) => threadKey(String(pk), String(sk)))));

  const named = (keys: Item[]) => rowsOf(keys, readAll, ({ sk }, { id }) => sk === id);

  return {
    /**
     * Writes a thread and its texts; in one call of the database when they are not large. `prefix` is that of its retention. When large texts
     * cannot be written the thread is kept without them, and then this fails.
     */
    async write(thread: Thread, texts: Texts | undefined, prefix: string): Promise<void> {
      const json = texts && JSON.stringify(texts);
      const isLarge = json !== undefined && Buffer.byteLength(json) > LARGE_BYTES;
      const blob = isLarge ? bodyName(prefix, thread.ownerId, thread.id) : null;
      let failure: { thrown: unknown } | undefined;
      if (blob) await bodies.put(blob, Buffer.from(json!)).catch((thrown) => (failure = { thrown }));
      const textsIn = failure || json === undefined ? null : isLarge ? 'blob' : 'item';
      const own: Item = {
        ...toItem({ ...thread, textsIn }),
        blob: textsIn === 'blob' ? blob : null,
        shard: threadShard(monthOf(timeOfId(thread.id)), thread.id),
      };
      const items = [{ key: threadKey(thread.ownerId, thread.id), item: own }];
      if (textsIn === 'item') {
        items.push({ key: textsKey(thread.ownerId, thread.id), item: { json: json!, expiresAt: own.expiresAt! } });
      }
      await store.putMany(items);
      if (failure) throw failure.thrown;
    },

    /** A thread of this owner; `undefined` for any other's. */
    async findOf(ownerId: string, id: string): Promise<Thread | undefined> {
      const item = await store.get(threadKey(ownerId, id));
      return item && live([item])[0];
    },

    /** A thread of whomever, for those who may see everybody's. */
    async findAny(id: string): Promise<Thread | undefined> {
      const partition = threadShard(monthOf(timeOfId(id)), id);
      const keys = await store.query({ table: 'conversations', index: 'byMonth', partition, from: id, to: id, limit: 1 });
      return (await readAll(keys))[0];
    },

    /** `undefined` where none were kept. */
    async textsOf({ ownerId, id, textsIn }: Thread): Promise<Texts | undefined> {
      if (textsIn === 'item') {
        const item = await store.get(textsKey(ownerId, id));
        return item && JSON.parse(String(item.json));
      }
      const item = textsIn === 'blob' ? await store.get(threadKey(ownerId, id)) : undefined;
      const bytes = item?.blob && (await bodies.get(String(item.blob)));
      return bytes ? JSON.parse(Buffer.from(bytes).toString()) : undefined;
    },

    /** Threads of one owner, newest first. */
    ofOwner(ownerId: string, range: Range, wants?: Filter): Promise<Page<Thread>> {
      return walk(
        range,
        async (from, to, limit) => {
          const items = await store.query({ table: 'conversations', partition: ownerId, from, to, limit, newestFirst: true });
          return items.map((item) => ({ at: String(item.sk), value: live([item])[0] }));
        },
        wants,
      );
    },

    /** Threads of one session, in the order they began. Whose session it is, the caller has made sure of. */
    ofSession(sessionId: string, range: Range, wants?: Filter): Promise<Page<Thread>> {
      return walk(
        range,
        async (from, to, limit) => {
          const question = { table: 'conversations', index: 'byParent', partition: sessionId } as const;
          return named(await store.query({ ...question, from, to, limit, newestFirst: !range.isOldestFirst }));
        },
        wants,
      );
    },

    /** Threads of all owners, newest first: the shards of a month are merged, months go back one by one. */
    ofAll(range: Range, wants?: Filter): Promise<Page<Thread>> {
      return walk(
        range,
        async (from, to, limit) => {
          const found: Item[] = [];
          for (const month of monthsBack(timeOfId(to), timeOfId(from))) {
            const question = { table: 'conversations', index: 'byMonth', from, to, newestFirst: true } as const;
            const placeOf = ({ at }: Item) => String(at);
            const items = await readMerged(threadShards(month), limit - found.length, placeOf, (partition, last, most) => {
              const after = last && { pk: last.pk!, sk: last.sk!, shard: partition, at: last.at! };
              return store.query({ ...question, partition, after, limit: most });
            });
            found.push(...items);
            if (found.length >= limit) break;
          }
          return named(found);
        },
        wants,
      );
    },

    /** Erases a thread and its texts, the texts first, so that none are left behind that nothing leads to. */
    async remove({ ownerId, id }: Pick<Thread, 'ownerId' | 'id'>): Promise<void> {
      const item = await store.get(threadKey(ownerId, id));
      if (item?.blob) await bodies.remove(String(item.blob));
      await store.remove(textsKey(ownerId, id));
      await store.remove(threadKey(ownerId, id));
    },
  };
}
