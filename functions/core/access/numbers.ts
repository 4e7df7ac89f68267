// Serial numbers of keys and groups, and lists of them by offset, for clients that know no ids and no cursors. Law: an item has one number for ever, and no number is ever
// another's. It is given when somebody first asks, so that who never asks writes nothing.
import { GatewayError } from '../platform/errors.ts';
import type { Item, Store } from '../store/client.ts';
import { accountKey, lastNumberKey, numberKey } from '../store/keys.ts';

/** What a column of 32 bits holds. */
const MOST = 2_147_483_647n;
const ATTEMPTS = 20;

export type Numbers = ReturnType<typeof createNumbers>;

type NumberedKind = 'key' | 'group';

export function createNumbers({ store }: { store: Store }) {
  /** One that nobody has had. A process that dies with it leaves a gap. */
  async function next(kind: string): Promise<bigint> {
    const key = lastNumberKey(kind);
    const change = {
      update: 'SET #last = #last + :one',
      condition: '#last < :most',
      names: { '#last': 'last' },
      values: { ':one': 1n, ':most': MOST },
      returnsUpdated: true,
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const raised = await store.update(key, change);
      if (raised.applied) return raised.updated!.last as bigint;
      if (raised.item === undefined && (await store.putNew(key, { last: 1n })).applied) return 1n;
    }
    throw new GatewayError('conflict', `No number can be given to the ${kind} at this moment. Please try again.`, { retryAfterSeconds: 1 });
  }

  return {
    /** The number of an item, the next one where it has none yet; 0 where it has gone. */
    async numberOf(item: Item): Promise<number> {
      if (item.number !== undefined) return Number(item.number);
      const id = String(item.id);
      const kind = String(item.kind);
      const number = await next(kind);
      // The way to the item first, so that no number is seen that leads nowhere.
      await store.putNew(numberKey(kind, number), { owner: id });
      const written = await store.update(accountKey(id), {
        update: 'SET #number = :number',
        condition: 'attribute_exists(#id) AND attribute_not_exists(#number)',
        names: { '#id': 'id', '#number': 'number' },
        values: { ':number': number },
      });
      const given = written.applied ? number : (written.item?.number as bigint | undefined);
      if (given !== number) await store.remove(numberKey(kind, number));
      return Number(given ?? 0n);
    },

    /** Ids alone, newest first: cheap, for who counts or skips. */
    async newestIds(kind: NumberedKind, limit: number): Promise<string[]> {
      const listed = await store.query({ table: 'accounts', index: 'byKind', partition: kind, limit, newestFirst: true });
      return listed.map(({ id }) => String(id));
    },

    /** Those that are still there, in the order of the ids. */
    async readMany(ids: readonly string[]): Promise<Item[]> {
      const found = new Map((await store.getMany([...new Set(ids)].map(accountKey))).map((item) => [String(item.id), item]));
      return ids.map((id) => found.get(id)).filter((item) => item !== undefined);
    },

    /** The id of the item that has the number, or had it before it was deleted. */
    async idOf(kind: NumberedKind, number: number): Promise<string | undefined> {
      if (!Number.isSafeInteger(number) || number < 1) return undefined;
      const row = await store.get(numberKey(kind, BigInt(number)));
      return row && String(row.owner);
    },
  };
}
