// One run of the sweeper: some accounts, and as much of a rebuild of the statements as there is time for.
import type { Rebuild } from '../core/ledger/rebuild.ts';
import type { Sweep, Swept } from '../core/ledger/sweep.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Log } from '../core/platform/log.ts';

/** A run every five minutes with this many is 10,000 accounts in four hours, for 60,000 reads a day. */
const ACCOUNTS_PER_RUN = 200;

export function createRunSweep({
  sweep,
  rebuild,
  clock,
  log,
  rebuildMs,
}: {
  sweep: Sweep;
  rebuild: Rebuild;
  clock: Clock;
  log: Log;
  rebuildMs: number;
}) {
  return async (): Promise<Swept & { steps: number }> => {
    const started = clock();
    const swept = await sweep.run(ACCOUNTS_PER_RUN);
    let steps = 0;
    while (clock() - started < rebuildMs && (await rebuild.step())) steps += 1;
    const { finished, rolled, expired, payments } = swept;
    if (finished + rolled + expired + payments + steps > 0) log.info('Swept.', { ...swept, steps });
    return { ...swept, steps };
  };
}
