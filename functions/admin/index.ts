// Composition root of the admin Lambda, behind the HTTP API: builds what is built once, and hands the app to the runtime.
import { randomBytes } from 'node:crypto';
import { handle } from 'hono/aws-lambda';
import { createKeyStore } from '../core/access/key-store.ts';
import { createConversations } from '../core/conversations/conversations.ts';
import { DEFAULT_RETENTION_DAYS } from '../core/conversations/retention.ts';
import { createS3Bodies } from '../core/conversations/s3-bodies.ts';
import { DEFAULT_LOGGING, LOGGING } from '../core/conversations/thread.ts';
import { createJournal } from '../core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../core/ledger/ledger.ts';
import { ADMIN_VARIABLES, readChoice, readEnvironment } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createSettingsStore } from '../core/settings/settings-store.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createAdminApp } from './app.ts';
import { createPrincipalOf } from './authorized.ts';

const environment = readEnvironment(process.env, ADMIN_VARIABLES);
const clock = Date.now;
const ids = createIds(clock);
const log = createLog((line) => process.stdout.write(`${line}\n`));

const dynamo = createDynamoClient();
const copies = createCopies(clock, COPY_LIFE_MS);
const store = createStore(dynamo, {
  accounts: environment.ACCOUNTS_TABLE,
  journal: environment.JOURNAL_TABLE,
  conversations: environment.CONVERSATIONS_TABLE,
});
const keys = createKeyStore({ store, copies, clock, ids });
const journal = createJournal(store);
// It makes no holds of its own; months that it rolls finish those of others at their deadline.
const processId = randomBytes(6).toString('hex');
const ledger = createLedger({ store, journal, copies, clock, processId, holdMs: HOLD_MS });

const bodies = createS3Bodies(dynamo.config, environment.BODIES_BUCKET, process.env.AWS_ENDPOINT_URL_S3);
const conversations = createConversations({ store, bodies, clock });
const logging = readChoice(process.env, 'LOGGING', LOGGING, DEFAULT_LOGGING);
const settings = createSettingsStore({ store, clock, defaults: { logging, retentionDays: DEFAULT_RETENTION_DAYS } });

const principalOf = createPrincipalOf({ keys, clock });
export const handler = handle(createAdminApp({ principalOf, keys, ledger, journal, conversations, settings, clock, ids, log }));
