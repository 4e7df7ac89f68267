// What an administrator switches off, as other processes see it: within seconds, without a read of a warm call, and never unknown.
import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import type { Feature, Features } from '../../../functions/core/platform/features.ts';
import { ALL_FEATURES, createSettingsStore } from '../../../functions/core/settings/settings-store.ts';
import type { Store } from '../../../functions/core/store/client.ts';
import { withFeatures } from '../../../functions/core/turn/with-features.ts';
import { createLiveWorld, type LiveWorld } from '../../support/live-world.ts';

const MODEL = 'claude-sonnet-4-5';
const AWAY = new GatewayError('ledger_unavailable', 'away');

let world: LiveWorld;
beforeEach(() => {
  world = createLiveWorld();
});

/** A process of its own. `reads`: what it asked of the settings' item; `isAway`: the database does not answer it. */
function open(features: Features = ALL_FEATURES) {
  const here = { reads: 0, isAway: false };
  const store: Store = {
    ...world.store,
    async get(key) {
      if (here.isAway) throw AWAY;
      if (key.pk === 'SETTINGS') here.reads += 1;
      return world.store.get(key);
    },
  };
  const settings = createSettingsStore({ store, clock: world.clock, defaults: { logging: 'off', retentionDays: 30, features } });
  const catalog = withFeatures(world.openCatalog(store), settings);
  const off = async (name = MODEL) => {
    await catalog.ready();
    return catalog.resolve(name)!.model.switchedOff;
  };
  return { here, settings, catalog, off };
}

describe('a feature that is switched off', () => {
  test('is off for other processes within ten seconds, and on again as soon', async () => {
    const [admin, proxy] = [open(), open()];
    expect(await proxy.off()).toBeUndefined();
    await admin.settings.change({ features: { vision: false, thinking: false } });
    world.time.now += 10_001;
    expect(await proxy.off()).toEqual(['vision', 'thinking']);
    const { abilities } = proxy.catalog.resolve(MODEL)!.model;
    expect(abilities).toMatchObject({ vision: false, video: false, reasoning: false, tools: true });
    await admin.settings.change({ features: { vision: true, thinking: true } });
    world.time.now += 10_001;
    expect(await proxy.off()).toBeUndefined();
  });

  test('is known to a process in use after five seconds already, without a call that waits', async () => {
    const [admin, proxy] = [open(), open()];
    await proxy.off();
    await admin.settings.change({ features: { tools: false } });
    world.time.now += 5_001;
    await proxy.off();
    expect(await proxy.off()).toEqual(['tools']);
  });

  test('is off for a process that was frozen at its next call, not at the one after', async () => {
    const [admin, proxy] = [open(), open()];
    await proxy.off();
    await admin.settings.change({ features: { documents: false } });
    world.time.now += 3_600_000;
    expect(await proxy.off()).toEqual(['documents']);
  });

  test.each<[Feature, object]>([
    ['vision', { vision: false }],
    ['documents', { documents: false }],
    ['tools', { tools: false, toolChoice: 'none' }],
    ['thinking', { reasoning: false }],
    ['promptCaching', { promptCaching: false }],
  ])('%s is off by default where the environment says so, until an administrator says otherwise', async (feature, without) => {
    const proxy = open({ ...ALL_FEATURES, [feature]: false });
    expect(await proxy.off()).toEqual([feature]);
    expect(proxy.catalog.resolve(MODEL)!.model.abilities).toMatchObject(without);
    expect(proxy.catalog.models().find(({ name }) => name === MODEL)!.abilities).toMatchObject(without);
    await proxy.settings.change({ features: { [feature]: true } });
    expect(await proxy.off()).toBeUndefined();
  });
});

test('a warm call reads no settings, and finds the very same model each time', async () => {
  const proxy = open({ ...ALL_FEATURES, vision: false });
  await proxy.off();
  const { model } = proxy.catalog.resolve(MODEL)!;
  for (let call = 0; call < 5; call += 1) {
    world.time.now += 900;
    await proxy.off();
    expect(proxy.catalog.resolve(MODEL)!.model).toBe(model);
  }
  expect(proxy.here.reads).toBe(1);
  world.time.now += 1_000;
  await proxy.off();
  await proxy.off();
  expect(proxy.here.reads).toBe(2);
  expect(proxy.catalog.resolve(MODEL)!.model).toBe(model);
});

test('while the database is away the last settings count, and without any nothing is served', async () => {
  const [cold, warm] = [open(), open()];
  await warm.settings.change({ features: { tools: false } });
  expect(await warm.off()).toEqual(['tools']);
  for (const { here } of [cold, warm]) here.isAway = true;
  world.time.now += 60_000;
  expect(await warm.off()).toEqual(['tools']);
  await expect(cold.off()).rejects.toMatchObject({ code: 'ledger_unavailable' });
});
