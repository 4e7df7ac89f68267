// Everything on one machine: the very apps that Lambda runs, an embedded database, and Bedrock or its stand-in, on one port.
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createAttempts } from '../functions/core/access/attempts.ts';
import { createAuthorize, secretOf } from '../functions/core/access/authorize.ts';
import { createGroupStore } from '../functions/core/access/group-store.ts';
import { createKeepKeys } from '../functions/core/access/keep-keys.ts';
import { createKeyStore } from '../functions/core/access/key-store.ts';
import { createOnce } from '../functions/core/access/once.ts';
import { createSecret } from '../functions/core/access/secret.ts';
import { sourceAddressOf } from '../functions/core/access/source-address.ts';
import { createUserStore } from '../functions/core/access/user-store.ts';
import { createConverse } from '../functions/core/bedrock/converse.ts';
import { createCountTokens } from '../functions/core/bedrock/count-tokens.ts';
import { createFetchProfile } from '../functions/core/bedrock/inference-profile.ts';
import { createInvoke } from '../functions/core/bedrock/invoke.ts';
import { createRetrieve } from '../functions/core/bedrock/retrieve.ts';
import { createProfiles } from '../functions/core/catalog/inference-profiles.ts';
import { createLiveCatalog } from '../functions/core/catalog/live-catalog.ts';
import { createShippedCatalog } from '../functions/core/catalog/shipped.ts';
import { createChangeLog } from '../functions/core/changes/change-log.ts';
import { createConversations } from '../functions/core/conversations/conversations.ts';
import { DEFAULT_RETENTION_DAYS } from '../functions/core/conversations/retention.ts';
import { createBooks } from '../functions/core/ledger/books.ts';
import { createDrain } from '../functions/core/ledger/drain.ts';
import { createJournal } from '../functions/core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../functions/core/ledger/ledger.ts';
import { createThresholds } from '../functions/core/ledger/thresholds.ts';
import { createFetchMedia } from '../functions/core/media/fetch-media.ts';
import { createLogEvents } from '../functions/core/platform/events.ts';
import { createIds } from '../functions/core/platform/ids.ts';
import { createLog } from '../functions/core/platform/log.ts';
import { createUnderWay } from '../functions/core/platform/under-way.ts';
import { PATIENCE } from '../functions/core/platform/watch-silence.ts';
import { createRelay } from '../functions/core/relay/relay.ts';
import { createSettingsStore } from '../functions/core/settings/settings-store.ts';
import { createStore } from '../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../functions/core/store/copies.ts';
import { createLessons } from '../functions/core/turn/lessons.ts';
import { createRecorder } from '../functions/core/turn/recorder.ts';
import { withFeatures } from '../functions/core/turn/with-features.ts';
import { createProxyApp } from '../functions/proxy/app.ts';
import { createFolderBodies } from './bodies.ts';
import { type ChosenBedrock, chooseBedrock } from './choose-bedrock.ts';
import { claimFolder } from './claim.ts';
import { openDatabase } from './database.ts';
import { createDeferredFolder } from './deferred-folder.ts';
import { createFeed } from './feed.ts';
import { finishPredecessors } from './finish-predecessors.ts';
import { keepFirstKey } from './first-key.ts';
import { keep, nameProcess, openFolder } from './folder.ts';
import { forgetExpired } from './forget-expired.ts';
import { openDoors } from './older-doors.ts';
import { type Settings, StartError } from './settings.ts';
import { startUpkeep } from './upkeep.ts';
import { readUpstreamKey } from './upstream-key.ts';

export type Served = {
  url: string;
  bedrock: ChosenBedrock;
  /** Where the master key and the first key are kept; `undefined` when the environment brought the master key. */
  masterKeyPath: string | undefined;
  firstKeyPath: string | undefined;
  /** What stands open, for whoever starts it. */
  warnings: string[];
  /** Everything that goes on beside the answers has ended, such as writing what is logged. */
  settled(): Promise<void>;
  /** Lets calls under way finish, ends those that do not within `graceMs`, settles all of them. */
  stop(graceMs: number): Promise<void>;
};

const JSON_APIS = ['/admin/', '/me/', '/user/', '/api/'];
/** Other names of the model API. */
const MODEL_APIS = ['/api/v1/', '/api/providers/openai/v1/'];

export async function serve(settings: Settings, writeLog: (line: string) => void): Promise<Served> {
  openFolder(settings.folder);
  const release = await claimFolder(settings.folder);
  const kept = settings.masterKey === undefined ? keep(settings.folder, 'master-key', createSecret) : undefined;
  const masterKey = settings.masterKey ?? kept!.text;
  const processId = nameProcess(settings.folder);
  const [database, bedrock] = await Promise.all([openDatabase(settings, join(settings.folder, 'database')), chooseBedrock(settings)]);

  const clock = Date.now;
  const ids = createIds(clock);
  const log = createLog(writeLog);
  const copies = createCopies(clock, COPY_LIFE_MS, { graceMs: settings.graceMs });
  const store = createStore(database.client, database.names);
  const keys = createKeyStore({ store, copies, clock, ids });
  const groups = createGroupStore({ store, copies, clock, ids, keys });
  const users = createUserStore({ store, copies, clock, ids, keys });
  const feed = createFeed({ store, journal: createJournal(store), clock, log });
  const { journal } = feed;
  const attempts = createAttempts(clock);
  const authorize = createAuthorize({ keys, masterKey: async () => masterKey, clock, attempts });
  // Before those keys, for it is made where there are none.
  const firstKeyPath = kept && (await keepFirstKey(settings.folder, keys, clock()));
  const doors = await openDoors(settings.older, settings.folder, keys, clock());
  const stopping = new AbortController();
  const fetchProfile = createFetchProfile(bedrock.client, settings.controlPlane);
  const { upstreams, models: relayModels } = settings.relays;
  const profiles = createProfiles(fetchProfile, clock);
  const { allowsRawIds: allowRawIds, older } = settings;
  const shipped = createShippedCatalog({ allowStandin: !bedrock.isAws, allowRawIds, relayModels, profiles });
  const catalog = createLiveCatalog(shipped, { store, clock, region: settings.region });
  const liveDefaults = { logging: settings.logging, retentionDays: DEFAULT_RETENTION_DAYS, ...(older && { features: older.features }) };
  const liveSettings = createSettingsStore({ store, clock, defaults: liveDefaults });
  const served = withFeatures(catalog, liveSettings);
  const relay = { upstreams, readKey: readUpstreamKey, signing: bedrock.client.config, clock, stop: stopping.signal };
  const converse = createConverse(bedrock.client, PATIENCE, stopping.signal);

  const { track, ended } = createUnderWay();
  const thresholds = createThresholds({ store, copies, events: createLogEvents(log), warnings: liveSettings.warnings, clock });
  const settled = (accountIds: string[]) => {
    for (const id of accountIds) {
      track(thresholds.check(id).catch((cause) => log.error('A threshold could not be told of; the next call tries again.', { cause })));
    }
  };
  const deferred = createDeferredFolder(join(settings.folder, 'deferred'));
  const accounting = { store, journal, copies, clock, processId, holdMs: HOLD_MS };
  const ledger = createLedger({ ...accounting, settled, deferred: settings.graceMs > 0 ? deferred : undefined });
  const drain = createDrain({ ...accounting, ledger, log });
  const bookDeferred = () => deferred.drain(drain, log);
  const books = createBooks({ store, journal, ledger, copies, clock, ids, log, lookForThresholds: thresholds.look });
  const bodies = createFolderBodies(join(settings.folder, 'bodies'));
  const conversations = createConversations({ store, bodies, clock });
  const record = createRecorder({ conversations, settings: liveSettings, clock, log, track });
  const checkReady = async () => void (await keys.list(1, undefined));
  const turn = {
    catalog: served,
    ledger,
    converse,
    countTokens: createCountTokens(bedrock.client),
    retrieve: createRetrieve(bedrock.client, { endpoint: settings.agentEndpoint, stop: stopping.signal }),
    lessons: createLessons(clock),
    clock,
    log,
  };
  const invoke = createInvoke(bedrock.client, stopping.signal);
  // Loaded on first use: its schemas are a sixth of the memory of a start.
  let admin: Promise<{ fetch(request: Request, environment?: object): Response | Promise<Response> }> | undefined;
  const loadAdmin = async () => {
    const [{ createAdminApp }, { createAdministration }] = await Promise.all([
      import('../functions/admin/app.ts'),
      import('./administration.ts'),
    ]);
    const verifyToken = settings.oidc && (await import('../functions/core/access/oidc.ts')).createVerifyToken(settings.oidc, clock);
    const authorizeAll = doors.json(createAuthorize({ keys, masterKey: async () => masterKey, clock, attempts, verifyToken }));
    return createAdminApp({
      ...createAdministration({ ...turn, catalog, invoke, keys, store, ids }),
      principalOf: (c) => {
        const header = (name: string) => c.req.header(name);
        return authorizeAll(secretOf(header), sourceAddressOf(c.env, header));
      },
      keys,
      groups,
      users,
      ledger,
      journal,
      ...books,
      conversations,
      settings: liveSettings,
      convertorRateLimit: older?.rateLimit,
      oidc: settings.oidc,
      isOpenToAll: older?.skipsAuth,
      clock,
      ids,
      log,
    });
  };
  const askAdmin = async (request: Request, environment: object) => {
    admin ??= loadAdmin();
    return (await admin).fetch(request, environment);
  };
  const fetchMedia = settings.chat.fetchesMedia ? createFetchMedia() : undefined;
  const forward = relayModels.length > 0 ? createRelay(relay) : undefined;
  const calls = { ...turn, invoke, forward, record };
  const proxy = createProxyApp({
    ...calls,
    fetchMedia,
    translation: settings.chat,
    authorize: doors.models(authorize),
    ids,
    checkReady,
    track,
  });
  const isJsonApi = ({ url }: Request) => {
    const start = url.indexOf('/', 'https://'.length);
    const isBelow = (prefix: string) => url.startsWith(prefix, start);
    return (JSON_APIS.some(isBelow) && !MODEL_APIS.some(isBelow)) || /^\/me($|\?)/.test(url.slice(start));
  };

  const server = createAdaptorServer({
    fetch: (request, environment) =>
      doors.refuse(request) ?? (isJsonApi(request) ? askAdmin(request, environment) : proxy.fetch(request, environment)),
  });
  const port = await listen(server, settings);
  // What was kept of calls comes first: it knows what they cost, where a hold says what they may cost at the most.
  const finishing = bookDeferred()
    .then(() => finishPredecessors([keys, groups, users], ledger))
    .catch((cause) => log.error('Calls of an earlier start could not be finished.', { cause }));
  const upkeep = startUpkeep({
    feed,
    ...books,
    keepKeys: createKeepKeys({ store, clock, ids }),
    erasures: conversations.erasures,
    bookDeferred,
    after: finishing,
    clock,
    log,
  });
  const forgetting = forgetExpired([conversations, createChangeLog({ store, clock, ids }), createOnce({ store, clock, ids })], log);

  return {
    url: `http://${settings.host === '127.0.0.1' ? 'localhost' : settings.host}:${port}`,
    bedrock,
    masterKeyPath: kept?.path,
    firstKeyPath,
    warnings: doors.warnings,
    settled: ended,
    async stop(graceMs) {
      server.close();
      const timer = setTimeout(() => stopping.abort(), graceMs);
      await ended();
      clearTimeout(timer);
      await finishing;
      await upkeep.stop();
      await forgetting.stop();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await Promise.all([database.close(), bedrock.close()]);
      release();
    },
  };
}

function listen(server: ReturnType<typeof createAdaptorServer>, { port, host }: Settings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      const told: Record<string, string> = {
        EADDRINUSE: `Port ${port} on ${host} is in use. Set PORT to another one.`,
        EACCES: `Port ${port} may not be used by this user. Set PORT to one above 1023.`,
        EADDRNOTAVAIL: `HOST is "${host}", which is no address of this machine.`,
        ENOTFOUND: `HOST is "${host}", which cannot be resolved.`,
      };
      reject(new StartError(told[code ?? ''] ?? `Cannot listen on ${host}:${port} (${code}).`));
    });
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}
