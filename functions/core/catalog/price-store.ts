// The prices administrators set, in the database: added and ended, never edited and never removed.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Store } from '../store/client.ts';
import { catalogKey } from '../store/keys.ts';
import { bodyOf, PRICE, PRICE_END, raiseRevision } from './live-rows.ts';
import type { PriceVersion } from './price-version.ts';

export type NewPrice = Pick<PriceVersion, 'model' | 'scope' | 'tier' | 'digits' | 'note' | 'author'> & { from: number | null };

export type PriceStore = ReturnType<typeof createPriceStore>;

export function createPriceStore({ store, clock, ids }: { store: Store; clock: Clock; ids: Ids }) {
  async function read(id: string): Promise<PriceVersion> {
    const [item, end] = await Promise.all([store.get(catalogKey(PRICE + id)), store.get(catalogKey(PRICE_END + id))]);
    if (!item) throw new GatewayError('not_found', `There is no price with the id ${id}.`, { param: 'id' });
    return { ...bodyOf<PriceVersion>(item), endedAt: end ? Number(end.at) : null };
  }

  return {
    read,

    /** A new version, from a moment that is not over, or from now. It takes the place of the one before from then on. With an `id` that was used: that one. */
    async add({ from, ...input }: NewPrice, id = ids('price')): Promise<PriceVersion> {
      const now = clock();
      if (from !== null && from < now) {
        const message = `from must not be over; ${new Date(from).toISOString()} was given, and it is ${new Date(now).toISOString()}. What has been charged stays as it is.`;
        throw new GatewayError('invalid_value', message, { param: 'from' });
      }
      const version: PriceVersion = { ...input, id, from: from ?? now, createdAt: now, endedAt: null };
      const { endedAt: _, ...row } = version;
      const written = await store.putNew(catalogKey(PRICE + id), { body: JSON.stringify(row) });
      await raiseRevision(store);
      return written.applied ? version : read(id);
    },

    /** Ends a version now; one that has not begun will never begin. Ending it again changes nothing. */
    async end(id: string, author: string, check: (before: PriceVersion) => void = () => undefined): Promise<PriceVersion> {
      check(await read(id));
      const written = await store.putNew(catalogKey(PRICE_END + id), { at: BigInt(clock()), author });
      const ended = await read(id);
      // Somebody else has ended it since it was looked at.
      if (!written.applied) check(ended);
      await raiseRevision(store);
      return ended;
    },
  };
}
