// Composition root of the proxy Lambda: builds what is built once, and hands the streamed handler to the runtime.
import { randomBytes } from 'node:crypto';
import { createAuthorize } from '../core/access/authorize.ts';
import { createFindKey } from '../core/access/find-key.ts';
import { createBedrockClient } from '../core/bedrock/client.ts';
import { createConverse } from '../core/bedrock/converse.ts';
import { createCountTokens } from '../core/bedrock/count-tokens.ts';
import { createFetchProfile } from '../core/bedrock/inference-profile.ts';
import { createInvoke } from '../core/bedrock/invoke.ts';
import { createRetrieve } from '../core/bedrock/retrieve.ts';
import { createProfiles } from '../core/catalog/inference-profiles.ts';
import { createLiveCatalog } from '../core/catalog/live-catalog.ts';
import { createShippedCatalog } from '../core/catalog/shipped.ts';
import { createConversations } from '../core/conversations/conversations.ts';
import { DEFAULT_RETENTION_DAYS } from '../core/conversations/retention.ts';
import { createS3Bodies } from '../core/conversations/s3-bodies.ts';
import { DEFAULT_LOGGING, LOGGING } from '../core/conversations/thread.ts';
import { createDeferredQueue } from '../core/ledger/deferred-queue.ts';
import { createJournal } from '../core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../core/ledger/ledger.ts';
import { createFetchMedia } from '../core/media/fetch-media.ts';
import { PROXY_VARIABLES, readChatSettings, readChoice, readEnvironment, readFeatures, readGraceMs } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createReadSecret } from '../core/platform/secrets.ts';
import { createUnderWay } from '../core/platform/under-way.ts';
import { createRelay } from '../core/relay/relay.ts';
import { createSettingsStore } from '../core/settings/settings-store.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createQueue } from '../core/store/queue.ts';
import { createLessons } from '../core/turn/lessons.ts';
import { createRecorder } from '../core/turn/recorder.ts';
import { parseRelaySettings } from '../core/turn/relay-settings.ts';
import { withFeatures } from '../core/turn/with-features.ts';
import { createProxyApp } from './app.ts';
import { createOriginSecrets } from './origin.ts';
import { createStreamedHandler } from './streamed-handler.ts';

const environment = readEnvironment(process.env, PROXY_VARIABLES);
const chat = readChatSettings(environment);
const clock = Date.now;
const ids = createIds(clock);
const log = createLog((line) => process.stdout.write(`${line}\n`));

const graceMs = readGraceMs(environment);
const dynamo = createDynamoClient();
const copies = createCopies(clock, COPY_LIFE_MS, { graceMs });
const store = createStore(dynamo, {
  accounts: environment.ACCOUNTS_TABLE,
  journal: environment.JOURNAL_TABLE,
  conversations: environment.CONVERSATIONS_TABLE,
});
const keys = createFindKey({ store, copies, clock });
const journal = createJournal(store);
// A function's process has no successor that could know its fate: its holds are finished at their deadline.
const processId = randomBytes(6).toString('hex');
const deferred = graceMs > 0 ? createDeferredQueue(createQueue(environment.DEFERRED_QUEUE_URL, dynamo)) : undefined;
const ledger = createLedger({ store, journal, copies, clock, processId, holdMs: HOLD_MS, deferred });

const readSecret = createReadSecret(dynamo.config, process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER);
const originSecrets = createOriginSecrets((stage) => readSecret(environment.ORIGIN_SECRET_ARN, stage), clock);

const bodies = createS3Bodies(dynamo.config, environment.BODIES_BUCKET, process.env.AWS_ENDPOINT_URL_S3);
const logging = readChoice(process.env, 'LOGGING', LOGGING, DEFAULT_LOGGING);
const defaults = { logging, retentionDays: DEFAULT_RETENTION_DAYS, features: readFeatures(process.env) };
const settings = createSettingsStore({ store, clock, defaults });
const underWay = createUnderWay();
const record = createRecorder({
  conversations: createConversations({ store, bodies, clock }),
  settings,
  clock,
  log,
  track: underWay.track,
});

const bedrock = createBedrockClient();
const fetchProfile = createFetchProfile(bedrock, {
  endpoint: process.env.AWS_ENDPOINT_URL_BEDROCK,
  bearer: process.env.AWS_BEARER_TOKEN_BEDROCK,
});

const relays = parseRelaySettings(environment.OUTCROP_RELAYS);
const readKey = async (place: string) => {
  if (!place.startsWith('arn:')) throw new Error('A deployed gateway reads keys from Secrets Manager only.');
  return readSecret(place);
};
const shipped = createShippedCatalog({
  allowRawIds: environment.OUTCROP_RAW_IDS !== 'off',
  relayModels: relays.models,
  profiles: createProfiles(fetchProfile, clock),
});
const catalog = withFeatures(createLiveCatalog(shipped, { store, clock, region: process.env.AWS_REGION }), settings);

export const handler = createStreamedHandler(
  createProxyApp({
    catalog,
    ledger,
    converse: createConverse(bedrock),
    countTokens: createCountTokens(bedrock),
    retrieve: createRetrieve(bedrock, { endpoint: process.env.AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME }),
    lessons: createLessons(clock),
    invoke: createInvoke(bedrock),
    forward: relays.models.length > 0 ? createRelay({ upstreams: relays.upstreams, readKey, signing: bedrock.config, clock }) : undefined,
    // The master key administers only; it never reaches this function.
    authorize: createAuthorize({ keys, masterKey: async () => undefined, clock }),
    checkReady: async () => void (await store.get({ table: 'accounts', pk: 'READY', sk: 'READY' })),
    originSecrets,
    fetchMedia: chat.fetchesMedia ? createFetchMedia() : undefined,
    translation: chat,
    clock,
    ids,
    log,
    record,
    track: underWay.track,
  }),
  underWay.ended,
);
