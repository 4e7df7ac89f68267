// What administrators set comes back from every engine as it was written.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRevision, readRows } from '../../../functions/core/catalog/live-rows.ts';
import { ENGINES, startEngine, type TestEngine } from '../../support/engine.ts';
import { createLiveWorld, NOON, UNCHANGED } from '../../support/live-world.ts';

describe.each(ENGINES)('on $kind', ({ kind, missing }) => {
  let engine: TestEngine;
  beforeAll(async () => {
    if (!missing) engine = await startEngine(kind);
  });
  afterAll(() => engine?.close());

  it.skipIf(missing)('rows are read whole, each change raises the revision, and what is removed is gone', async () => {
    const { store, models, mappings, prices, setPrice, time } = createLiveWorld(engine.store);
    expect([await readRevision(store), await readRows(store)]).toEqual([0n, { models: [], mappings: [], prices: [] }]);

    const { row: model } = await models.put('team', () => ({ ...UNCHANGED, base: 'nova-pro', limits: { defaultMaxTokens: 5 } }));
    await mappings.put('a/b:c', () => ({ to: 'nova-pro' }));
    time.now += 1;
    const { row: mapping, isNew } = await mappings.put('a/b:c', (before) => ({ to: `${before!.to}!` }));
    const price = await setPrice('nova-pro', '0.000001');
    const { endedAt } = await prices.end(price.id, 'master');
    expect(isNew).toBe(false);
    expect(await readRows(store)).toEqual({
      models: [model],
      mappings: [{ name: 'a/b:c', to: 'nova-pro!', createdAt: NOON, updatedAt: NOON + 1 }],
      prices: [{ ...price, endedAt }],
    });
    expect(mapping.to).toBe('nova-pro!');
    expect(await readRevision(store)).toBe(5n);

    expect([await models.remove('team'), await models.remove('team'), await mappings.remove('a/b:c')]).toEqual([true, false, true]);
    expect(await readRows(store)).toMatchObject({ models: [], mappings: [], prices: [{ id: price.id }] });
    expect(await readRevision(store)).toBe(7n);
  });
});
