// A gateway's catalog and what administrators do to it, on the memory store, with the clock in the test's hand.
import { createLiveCatalog } from '../../functions/core/catalog/live-catalog.ts';
import { createMappingStore, createModelStore } from '../../functions/core/catalog/model-store.ts';
import { createPriceStore, type NewPrice } from '../../functions/core/catalog/price-store.ts';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { createMemoryStore } from './memory-store.ts';

export const NOON = Date.UTC(2026, 10, 15, 12);

export const UNCHANGED = {
  ...{ base: null, target: null, transport: null, displayName: null, isEnabled: true },
  ...{ limits: {}, abilities: {} },
};

export type LiveWorld = ReturnType<typeof createLiveWorld>;

export function createLiveWorld(store: Store = createMemoryStore(), time = { now: NOON }) {
  const clock = () => time.now;
  const ids = createIds(clock);
  const prices = createPriceStore({ store, clock, ids });
  const models = createModelStore({ store, clock });
  const mappings = createMappingStore({ store, clock });
  const shipped = createShippedCatalog();
  /** Another process: a copy of its own over the same rows. */
  const openCatalog = (through: Store = store) => createLiveCatalog(shipped, { store: through, clock, region: 'eu-west-1' });
  const catalog = openCatalog();
  return {
    ...{ store, time, clock, ids, prices, models, mappings, shipped, openCatalog, catalog },

    /** A price in whole USD per million tokens of input; output costs the same. */
    setPrice: (model: string, usd: string, more: Partial<NewPrice> = {}) =>
      prices.add({
        ...{ model, scope: '*', tier: 'default' as const, from: null, note: null, author: 'master' },
        digits: { input: usd, output: usd, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null },
        ...more,
      }),

    /** What input costs by a name, in USD per million, at this moment. */
    async inputOf(name: string, tier?: 'priority' | 'flex') {
      await catalog.refresh();
      const price = catalog.resolve(name)?.price;
      const rate = (tier ? price?.tiers?.[tier] : price)?.input;
      return rate === undefined ? undefined : Number(rate) / 1e6;
    },
  };
}
