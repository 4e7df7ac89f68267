// What schedules and streams do when deployed, as timers of one process: the very same code.
import type { KeepKeys } from '../functions/core/access/keep-keys.ts';
import type { Erasures } from '../functions/core/conversations/erasures.ts';
import type { Books } from '../functions/core/ledger/books.ts';
import type { Clock } from '../functions/core/platform/clock.ts';
import type { Log } from '../functions/core/platform/log.ts';
import { createRunSweep } from '../functions/sweeper/run-sweep.ts';
import type { Feed } from './feed.ts';

const DRAIN_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 60_000;
/** A rebuild takes no more of each second than this, so that calls go on beside it. */
const REBUILD_MS = 300;
const KEYS_AT_ONCE = 200;

export type Upkeep = { stop(): Promise<void> };

export function startUpkeep({
  feed,
  rebuild,
  sweep,
  keepKeys,
  erasures,
  bookDeferred,
  after,
  clock,
  log,
}: Pick<Books, 'rebuild' | 'sweep'> & {
  erasures: Pick<Erasures, 'run'>;
  feed: Feed;
  keepKeys: KeepKeys;
  /** Books calls that were made while the database was away; first called when `after` is over. */
  bookDeferred: () => Promise<number>;
  after: Promise<unknown>;
  clock: Clock;
  log: Log;
}): Upkeep {
  const underWay = new Set<Promise<unknown>>();
  const runSweep = createRunSweep({ sweep, keepKeys, rebuild, erasures, clock, log, rebuildMs: 0 });

  const every = (ms: number, name: string, work: () => Promise<unknown>) => {
    let isBusy = false;
    const run = () => {
      if (isBusy) return;
      isBusy = true;
      const done = work()
        .catch((cause) => log.error(`${name} failed; it is tried again.`, { cause }))
        .finally(() => {
          isBusy = false;
          underWay.delete(done);
        });
      underWay.add(done);
    };
    return setInterval(run, ms).unref();
  };

  const catchingUp = feed.catchUp(rebuild).catch((cause) => log.error('Statements of an earlier start could not be caught up.', { cause }));
  let isHurried = true;
  const timers = [
    every(DRAIN_EVERY_MS, 'Keeping statements', () => feed.drain(rebuild)),
    every(DRAIN_EVERY_MS, 'Booking deferred calls', async () => {
      await after;
      await bookDeferred();
    }),
    every(SWEEP_EVERY_MS, 'Sweeping', runSweep),
    every(DRAIN_EVERY_MS, 'The rebuild of statements', async () => {
      for (const started = clock(); clock() - started < REBUILD_MS && (await rebuild.step()); );
    }),
    // Keys of before there were rows to search by are not found until they have some.
    every(DRAIN_EVERY_MS, 'The upkeep of what keys are found by', async () => {
      if (isHurried) isHurried = await keepKeys.step(KEYS_AT_ONCE);
    }),
  ];

  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await catchingUp;
      await Promise.all(underWay);
      await feed.drain(rebuild);
    },
  };
}
