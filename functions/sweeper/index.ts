// Composition root of the sweeper Lambda, which a schedule starts.
import { randomBytes } from 'node:crypto';
import { createKeepKeys } from '../core/access/keep-keys.ts';
import { createConversations } from '../core/conversations/conversations.ts';
import { DEFAULT_RETENTION_DAYS } from '../core/conversations/retention.ts';
import { createS3Bodies } from '../core/conversations/s3-bodies.ts';
import { DEFAULT_LOGGING } from '../core/conversations/thread.ts';
import { createBooks } from '../core/ledger/books.ts';
import { createJournal } from '../core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../core/ledger/ledger.ts';
import { createThresholds } from '../core/ledger/thresholds.ts';
import { readEnvironment, SWEEPER_VARIABLES } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createTopicEvents } from '../core/platform/topic-events.ts';
import { createSettingsStore } from '../core/settings/settings-store.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createRunSweep } from './run-sweep.ts';

const environment = readEnvironment(process.env, SWEEPER_VARIABLES);
const clock = Date.now;
const ids = createIds(clock);
const log = createLog((line) => process.stdout.write(`${line}\n`));

const copies = createCopies(clock, COPY_LIFE_MS);
const dynamo = createDynamoClient();
const store = createStore(dynamo, {
  accounts: environment.ACCOUNTS_TABLE,
  journal: environment.JOURNAL_TABLE,
  conversations: environment.CONVERSATIONS_TABLE,
});
const journal = createJournal(store);
// It makes no holds of its own and finishes those of others at their deadline.
const ledger = createLedger({ store, journal, copies, clock, processId: randomBytes(6).toString('hex'), holdMs: HOLD_MS });
const events = createTopicEvents(dynamo.config, {
  topicArn: environment.ALERTS_TOPIC_ARN,
  endpoint: process.env.AWS_ENDPOINT_URL_SNS,
});
const settings = createSettingsStore({ store, clock, defaults: { logging: DEFAULT_LOGGING, retentionDays: DEFAULT_RETENTION_DAYS } });
const thresholds = createThresholds({ store, copies: createCopies(clock, 0), events, warnings: settings.warnings, clock });
const books = createBooks({ store, journal, ledger, copies, clock, ids, log, lookForThresholds: thresholds.look });

const bodies = createS3Bodies(dynamo.config, environment.BODIES_BUCKET, process.env.AWS_ENDPOINT_URL_S3);
const { erasures } = createConversations({ store, bodies, clock });

/** Well inside the function's five minutes. */
const REBUILD_MS = 200_000;

export const handler = createRunSweep({
  ...books,
  keepKeys: createKeepKeys({ store, clock, ids }),
  erasures,
  clock,
  log,
  rebuildMs: REBUILD_MS,
});
