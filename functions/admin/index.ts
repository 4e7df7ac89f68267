// Composition root of the admin Lambda, behind the HTTP API: builds what is built once, and hands the app to the runtime.
import { randomBytes } from 'node:crypto';
import { handle } from 'hono/aws-lambda';
import { createGroupStore } from '../core/access/group-store.ts';
import { createKeyStore } from '../core/access/key-store.ts';
import { createNumbers } from '../core/access/numbers.ts';
import { createOnce } from '../core/access/once.ts';
import { createUserStore } from '../core/access/user-store.ts';
import { createBedrockClient } from '../core/bedrock/client.ts';
import { createConverse } from '../core/bedrock/converse.ts';
import { createCountTokens } from '../core/bedrock/count-tokens.ts';
import { createInvoke } from '../core/bedrock/invoke.ts';
import { createRetrieve } from '../core/bedrock/retrieve.ts';
import { createLiveCatalog } from '../core/catalog/live-catalog.ts';
import { createMappingStore, createModelStore } from '../core/catalog/model-store.ts';
import { createPriceStore } from '../core/catalog/price-store.ts';
import { createShippedCatalog } from '../core/catalog/shipped.ts';
import { createChangeLog } from '../core/changes/change-log.ts';
import { createConversations } from '../core/conversations/conversations.ts';
import { DEFAULT_RETENTION_DAYS } from '../core/conversations/retention.ts';
import { createS3Bodies } from '../core/conversations/s3-bodies.ts';
import { DEFAULT_LOGGING, LOGGING } from '../core/conversations/thread.ts';
import { createBooks } from '../core/ledger/books.ts';
import { createJournal } from '../core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../core/ledger/ledger.ts';
import { ADMIN_VARIABLES, readChoice, readEnvironment, readFeatures, readOidc } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createSettingsStore } from '../core/settings/settings-store.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createLessons } from '../core/turn/lessons.ts';
import { createAdminApp } from './app.ts';
import { createPrincipalOf } from './authorized.ts';
import { readRateLimit } from './convertor/rate-limit.ts';
import { createTestCall, RETRIEVE_PATIENCE_MS, TEST_PATIENCE } from './native/test-call.ts';

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
const groups = createGroupStore({ store, copies, clock, ids, keys });
const users = createUserStore({ store, copies, clock, ids, keys });
const journal = createJournal(store);
// Its only holds are those of test calls; they, and those of others, are finished at their deadline.
const processId = randomBytes(6).toString('hex');
const ledger = createLedger({ store, journal, copies, clock, processId, holdMs: HOLD_MS });

const books = createBooks({ store, journal, ledger, copies, clock, ids, log });

const catalog = createLiveCatalog(createShippedCatalog(), { store, clock, region: process.env.AWS_REGION });
const models = createModelStore({ store, clock });
const mappings = createMappingStore({ store, clock });
const prices = createPriceStore({ store, clock, ids });
const bedrock = createBedrockClient();
const testCall = createTestCall({
  ...{ catalog, ledger, keys, store, ids, clock, log },
  converse: createConverse(bedrock, TEST_PATIENCE),
  countTokens: createCountTokens(bedrock),
  retrieve: createRetrieve(bedrock, {
    endpoint: process.env.AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME,
    patienceMs: RETRIEVE_PATIENCE_MS,
  }),
  lessons: createLessons(clock),
  invoke: createInvoke(bedrock),
});

const bodies = createS3Bodies(dynamo.config, environment.BODIES_BUCKET, process.env.AWS_ENDPOINT_URL_S3);
const conversations = createConversations({ store, bodies, clock });
const logging = readChoice(process.env, 'LOGGING', LOGGING, DEFAULT_LOGGING);
const defaults = { logging, retentionDays: DEFAULT_RETENTION_DAYS, features: readFeatures(process.env) };
const settings = createSettingsStore({ store, clock, defaults });

const principalOf = createPrincipalOf({ keys, clock });
const oidc = readOidc(process.env);
const numbers = createNumbers({ store });
const changes = createChangeLog({ store, clock, ids });
const administration = {
  oidc,
  numbers,
  once: createOnce({ store, clock, ids }),
  changes,
  catalog,
  models,
  mappings,
  prices,
  testCall,
  conversations,
  settings,
  convertorRateLimit: readRateLimit(process.env),
};
export const handler = handle(
  createAdminApp({ ...administration, ...books, principalOf, keys, groups, users, ledger, journal, clock, ids, log }),
);
