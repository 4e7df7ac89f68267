// Composition root of the admin Lambda, behind the HTTP API: builds what is built once, and hands the app to the runtime.
import { randomBytes } from 'node:crypto';
import { handle } from 'hono/aws-lambda';
import { createKeyStore } from '../core/access/key-store.ts';
import { createBooks } from '../core/ledger/books.ts';
import { createJournal } from '../core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../core/ledger/ledger.ts';
import { ADMIN_VARIABLES, readEnvironment } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createAdminApp } from './app.ts';
import { createPrincipalOf } from './authorized.ts';

const environment = readEnvironment(process.env, ADMIN_VARIABLES);
const clock = Date.now;
const ids = createIds(clock);
const log = createLog((line) => process.stdout.write(`${line}\n`));

const copies = createCopies(clock, COPY_LIFE_MS);
const store = createStore(createDynamoClient(), { accounts: environment.ACCOUNTS_TABLE, journal: environment.JOURNAL_TABLE });
const keys = createKeyStore({ store, copies, clock, ids });
const journal = createJournal(store);
// It makes no holds of its own; months that it rolls finish those of others at their deadline.
const processId = randomBytes(6).toString('hex');
const ledger = createLedger({ store, journal, copies, clock, processId, holdMs: HOLD_MS });

const books = createBooks({ store, journal, ledger, copies, clock, ids, log });

export const handler = handle(
  createAdminApp({ principalOf: createPrincipalOf({ keys, clock }), keys, ledger, journal, ...books, clock, ids, log }),
);
