// One run of the sweeper: some accounts, some of the rows that keys are found by, and as much of a rebuild of the statements as there is time
// for.
import type { KeepKeys } from '../core/access/keep-keys.ts';
import type { Rebuild } from '../core/ledger/rebuild.ts';
import type { Sweep, Swept } from '../core/ledger/sweep.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Log } from '../core/platform/log.ts';

/** A run every five minutes with this many is 10,000 accounts in four hours, for 60,000 reads a day. */
const ACCOUNTS_PER_RUN = 200;

/** Keys are only read, where all is as it should be: 100,000 in two days. */
const KEYS_PER_RUN = 200;

export function createRunSweep({
  sweep,
  keepKeys,
  rebuild,
  clock,
  log,
  rebuildMs,
}: {
  sweep: Sweep;
  keepKeys: KeepKeys;
  rebuild: Rebuild;
  clock: Clock;
  log: Log;
  rebuildMs: number;
}) {
  return async (): Promise<Swept & { steps: number }> => {
    const started = clock();
    const swept = await sweep.run(ACCOUNTS_PER_RUN);
    // Half of the time is the rebuild's.
    while ((await keepKeys.step(KEYS_PER_RUN)) && clock() - started < rebuildMs / 2);
    let steps = 0;
    while (clock() - started < rebuildMs && (await rebuild.step())) steps += 1;
    const { finished, rolled, expired, payments } = swept;
    if (finished + rolled + expired + payments + steps > 0) log.info('Swept.', { ...swept, steps });
    return { ...swept, steps };
  };
}
