// Composition root of the rollup Lambda, which the journal's stream feeds.
import { DEFAULT_RETENTION_DAYS } from '../core/conversations/retention.ts';
import { DEFAULT_LOGGING } from '../core/conversations/thread.ts';
import { createRebuild } from '../core/ledger/rebuild.ts';
import { createRollup } from '../core/ledger/rollup.ts';
import { createThresholds } from '../core/ledger/thresholds.ts';
import { readEnvironment, UPKEEP_VARIABLES } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createTopicEvents } from '../core/platform/topic-events.ts';
import { createSettingsStore } from '../core/settings/settings-store.ts';
import { createStore } from '../core/store/client.ts';
import { createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createBringRecords } from './bring-records.ts';

const environment = readEnvironment(process.env, UPKEEP_VARIABLES);
const clock = Date.now;
const log = createLog((line) => process.stdout.write(`${line}\n`));

const dynamo = createDynamoClient();
const store = createStore(dynamo, { accounts: environment.ACCOUNTS_TABLE, journal: environment.JOURNAL_TABLE });
const rebuild = createRebuild({ store, rollup: createRollup({ store }), clock, ids: createIds(clock) });

const events = createTopicEvents(dynamo.config, {
  topicArn: environment.ALERTS_TOPIC_ARN,
  endpoint: process.env.AWS_ENDPOINT_URL_SNS,
});
// It admits nothing, so it has no use for copies of accounts.
const settings = createSettingsStore({ store, clock, defaults: { logging: DEFAULT_LOGGING, retentionDays: DEFAULT_RETENTION_DAYS } });
const thresholds = createThresholds({ store, copies: createCopies(clock, 0), events, warnings: settings.warnings, clock });

export const handler = createBringRecords({ rebuild, thresholds, log });
