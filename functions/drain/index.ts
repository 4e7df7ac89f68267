// Composition root of the drain Lambda, which the queue of deferred calls feeds.
import { randomBytes } from 'node:crypto';
import { createDrain } from '../core/ledger/drain.ts';
import { createJournal } from '../core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../core/ledger/ledger.ts';
import { DRAIN_VARIABLES, readEnvironment } from '../core/platform/environment.ts';
import { createLog } from '../core/platform/log.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createBookMessages } from './book-messages.ts';

const environment = readEnvironment(process.env, DRAIN_VARIABLES);
const clock = Date.now;
const log = createLog((line) => process.stdout.write(`${line}\n`));

const store = createStore(createDynamoClient(), { accounts: environment.ACCOUNTS_TABLE, journal: environment.JOURNAL_TABLE });
const accounting = {
  store,
  journal: createJournal(store),
  copies: createCopies(clock, COPY_LIFE_MS),
  clock,
  processId: randomBytes(6).toString('hex'),
  holdMs: HOLD_MS,
};
const drain = createDrain({ ...accounting, ledger: createLedger(accounting), log });

export const handler = createBookMessages({ drain, log });
