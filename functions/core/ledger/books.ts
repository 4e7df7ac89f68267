// The parts of the ledger that are beside the calls, put together in one place for everybody who needs several of them.
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import type { Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { createAudit } from './audit.ts';
import type { Journal } from './journal.ts';
import { createLabelled } from './labelled.ts';
import type { Ledger } from './ledger.ts';
import { createPayments } from './payments.ts';
import { createRebuild } from './rebuild.ts';
import { createRollup } from './rollup.ts';
import { createStatements } from './statements.ts';
import { createSweep } from './sweep.ts';

export type Books = ReturnType<typeof createBooks>;

export function createBooks(dependencies: {
  store: Store;
  journal: Journal;
  ledger: Ledger;
  copies: Copies;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** For the sweeper; without it, nobody is told by it. */
  lookForThresholds?: (item: Item) => Promise<void>;
}) {
  const { store, clock, ids, lookForThresholds = async () => undefined } = dependencies;
  const rebuild = createRebuild({ store, rollup: createRollup({ store }), clock, ids });
  const payments = createPayments(dependencies);
  return {
    payments,
    rebuild,
    labelled: createLabelled({ store }),
    statements: createStatements({ store, rebuild, clock }),
    audit: createAudit({ ...dependencies, payments }),
    sweep: createSweep({ ...dependencies, payments, rebuild, lookForThresholds }),
  };
}
