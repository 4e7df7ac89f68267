// How old a copy of the catalog may be, and what it costs to keep it fresh.
import { beforeEach, describe, expect, it } from 'vitest';
import { GRACE_MS, LIFE_MS, REFRESH_MS, REREAD_MS } from '../../../functions/core/catalog/live-catalog.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import type { Store } from '../../../functions/core/store/client.ts';
import { createLiveWorld, type LiveWorld } from '../../support/live-world.ts';

/** A process with a copy of its own, its reads counted; `isAway`: the database cannot be reached. */
function openProcess(world: LiveWorld) {
  const state = { isAway: false, reads: [] as string[], sleeping: undefined as Promise<void> | undefined, wakeUp: (): void => undefined };
  const read =
    <Given, Answer>(verb: string, ask: (given: Given) => Promise<Answer>) =>
    async (given: Given) => {
      state.reads.push(verb);
      if (state.isAway) throw new GatewayError('ledger_unavailable', 'away');
      const answer = await ask(given);
      await state.sleeping;
      return answer;
    };
  const store: Store = { ...world.store, get: read('get', world.store.get), query: read('query', world.store.query) };
  const catalog = world.openCatalog(store);
  return {
    state,
    catalog,
    /** A call: what it is priced by, and what was read for it. */
    async call() {
      state.reads.length = 0;
      await catalog.ready();
      const price = catalog.resolve('claude-sonnet-4-5')!.price!.input;
      await new Promise(setImmediate);
      return { usd: Number(price) / 1e6, reads: state.reads.join(' ') };
    },
  };
}

let world: LiveWorld;
let process: ReturnType<typeof openProcess>;
beforeEach(() => {
  world = createLiveWorld();
  process = openProcess(world);
});

describe('a process', () => {
  it('reads one small item at its first call where nothing was ever set, and nothing while the copy is young', async () => {
    expect(await process.call()).toEqual({ usd: 3, reads: 'get' });
    expect(await process.call()).toEqual({ usd: 3, reads: '' });
    world.time.now += REFRESH_MS;
    expect(await process.call()).toEqual({ usd: 3, reads: '' });
  });

  it('reads the rows once when they have changed, and only the head while they have not', async () => {
    await world.setPrice('claude-sonnet-4-5', '4');
    expect(await process.call()).toEqual({ usd: 4, reads: 'get query' });
    world.time.now += LIFE_MS + 1;
    expect(await process.call()).toEqual({ usd: 4, reads: 'get' });
  });

  it('looks in the background once the copy is older, and the call does not wait', async () => {
    await process.call();
    await world.setPrice('claude-sonnet-4-5', '4');
    world.time.now += REFRESH_MS + 1;
    expect(await process.call()).toEqual({ usd: 3, reads: 'get query' });
    expect(await process.call()).toEqual({ usd: 4, reads: '' });
  });

  it('never decides by a copy older than its life, however long it slept', async () => {
    await process.call();
    await world.setPrice('claude-sonnet-4-5', '4');
    world.time.now += LIFE_MS + 1;
    expect(await process.call()).toEqual({ usd: 4, reads: 'get query' });
  });

  it('finds a row that was written and never told of, because its author died, in time', async () => {
    await world.mappings.put('gpt-4o', () => ({ to: 'nova-pro' }));
    await process.call();
    const dying = createLiveWorld({ ...world.store, update: () => Promise.reject(new Error('killed')) }, world.time);
    await expect(dying.setPrice('claude-sonnet-4-5', '4')).rejects.toThrow('killed');
    world.time.now += LIFE_MS + 1;
    expect(await process.call()).toEqual({ usd: 3, reads: 'get' });
    world.time.now += REREAD_MS;
    expect(await process.call()).toEqual({ usd: 4, reads: 'get query' });
  });

  it('that fell asleep over a look in the background looks again when it wakes up', async () => {
    await process.call();
    world.time.now += REFRESH_MS + 1;
    process.state.sleeping = new Promise((wakeUp) => {
      process.state.wakeUp = wakeUp;
    });
    await process.catalog.ready();
    await world.setPrice('claude-sonnet-4-5', '4');
    world.time.now += 3_600_000;
    const call = process.call();
    process.state.wakeUp();
    expect((await call).usd).toBe(4);
  });

  it('asks once for many calls at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => process.catalog.ready()));
    expect(process.state.reads).toEqual(['get']);
  });
});

describe('without the database', () => {
  it('a process without a copy refuses, and serves as soon as it can', async () => {
    process.state.isAway = true;
    await expect(process.call()).rejects.toMatchObject({ code: 'ledger_unavailable', details: { retryAfterSeconds: 2 } });
    process.state.isAway = false;
    expect((await process.call()).usd).toBe(3);
  });

  it('a process serves by its copy for the grace, and not a millisecond longer', async () => {
    await process.call();
    process.state.isAway = true;
    world.time.now += GRACE_MS;
    expect((await process.call()).usd).toBe(3);
    world.time.now += 1;
    await expect(process.call()).rejects.toMatchObject({ code: 'ledger_unavailable' });
  });

  it('a refresh in the background that fails is no trouble to the call', async () => {
    await process.call();
    process.state.isAway = true;
    world.time.now += REFRESH_MS + 1;
    expect((await process.call()).usd).toBe(3);
  });
});

describe('changes by several at the same time', () => {
  it('are all kept and all seen', async () => {
    const names = Array.from({ length: 8 }, (_, number) => `name-${number}`);
    await Promise.all(names.map((name) => world.mappings.put(name, () => ({ to: 'nova-lite' }))));
    await world.catalog.refresh();
    expect(names.map((name) => world.catalog.resolve(name)?.model.name)).toEqual(names.map(() => 'nova-lite'));
  });

  it('of one row lose none: what each makes of the row is made of the one before', async () => {
    await Promise.all(Array.from({ length: 8 }, () => world.mappings.put('n', (before) => ({ to: `${before?.to ?? ''}x` }))));
    expect((await world.mappings.find('n'))!.to).toBe('xxxxxxxx');
  });
});
