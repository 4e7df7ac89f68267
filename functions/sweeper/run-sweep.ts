// One run of the sweeper: some accounts, some of the rows that keys are found by, some of what deleted keys left, and as much of a rebuild of
// the statements as there is time for.
import type { KeepKeys } from '../core/access/keep-keys.ts';
import type { Erasures } from '../core/conversations/erasures.ts';
import type { Rebuild } from '../core/ledger/rebuild.ts';
import type { Sweep, Swept } from '../core/ledger/sweep.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Log } from '../core/platform/log.ts';

/** A run every five minutes with this many is 10,000 accounts in four hours, for 60,000 reads a day. */
const ACCOUNTS_PER_RUN = 200;
/** Three deletions each, eight at a time: some seconds. */
const ERASED_PER_RUN = 2_000;

/** Keys are only read, where all is as it should be: 100,000 in two days. */
const KEYS_PER_RUN = 200;

export function createRunSweep({
  sweep,
  keepKeys,
  rebuild,
  erasures,
  clock,
  log,
  rebuildMs,
}: {
  sweep: Sweep;
  keepKeys: KeepKeys;
  rebuild: Rebuild;
  erasures: Pick<Erasures, 'run'>;
  clock: Clock;
  log: Log;
  rebuildMs: number;
}) {
  return async (): Promise<Swept & { steps: number; erased: number }> => {
    const started = clock();
    const swept = await sweep.run(ACCOUNTS_PER_RUN);
    // Half of the time is the rebuild's.
    while ((await keepKeys.step(KEYS_PER_RUN)) && clock() - started < rebuildMs / 2);
    // Its failure is not that of the books.
    const erased = await erasures.run(ERASED_PER_RUN).catch((cause) => {
      log.error('Conversations of deleted keys could not be erased; the next run tries again.', { cause });
      return 0;
    });
    let steps = 0;
    while (clock() - started < rebuildMs && (await rebuild.step())) steps += 1;
    const { finished, rolled, expired, payments } = swept;
    if (finished + rolled + expired + payments + steps + erased > 0) log.info('Swept.', { ...swept, steps, erased });
    return { ...swept, steps, erased };
  };
}
