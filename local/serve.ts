// Everything on one machine: the very apps that Lambda runs, an embedded database, and Bedrock or its stand-in, on one port.
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createAuthorize, secretOf } from '../functions/core/access/authorize.ts';
import { createGroupStore } from '../functions/core/access/group-store.ts';
import { createKeyStore } from '../functions/core/access/key-store.ts';
import { createSecret } from '../functions/core/access/secret.ts';
import { createUserStore } from '../functions/core/access/user-store.ts';
import { createConverse, PATIENCE } from '../functions/core/bedrock/converse.ts';
import { createCountTokens } from '../functions/core/bedrock/count-tokens.ts';
import { createFetchProfile } from '../functions/core/bedrock/inference-profile.ts';
import { createInvoke } from '../functions/core/bedrock/invoke.ts';
import { createProfiles } from '../functions/core/catalog/inference-profiles.ts';
import { createLiveCatalog } from '../functions/core/catalog/live-catalog.ts';
import { createShippedCatalog } from '../functions/core/catalog/shipped.ts';
import { createBooks } from '../functions/core/ledger/books.ts';
import { createDrain } from '../functions/core/ledger/drain.ts';
import { createJournal } from '../functions/core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../functions/core/ledger/ledger.ts';
import { createThresholds } from '../functions/core/ledger/thresholds.ts';
import { createFetchMedia } from '../functions/core/media/fetch-media.ts';
import { createLogEvents } from '../functions/core/platform/events.ts';
import { createIds } from '../functions/core/platform/ids.ts';
import { createLog } from '../functions/core/platform/log.ts';
import { createRelay } from '../functions/core/relay/relay.ts';
import { createStore } from '../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../functions/core/store/copies.ts';
import { createLessons } from '../functions/core/turn/lessons.ts';
import { createProxyApp } from '../functions/proxy/app.ts';
import { type ChosenBedrock, chooseBedrock } from './choose-bedrock.ts';
import { claimFolder } from './claim.ts';
import { openDatabase } from './database.ts';
import { createDeferredFolder } from './deferred-folder.ts';
import { createFeed } from './feed.ts';
import { finishPredecessors } from './finish-predecessors.ts';
import { keepFirstKey } from './first-key.ts';
import { keep, nameProcess, openFolder } from './folder.ts';
import { type Settings, StartError } from './settings.ts';
import { startUpkeep } from './upkeep.ts';
import { readUpstreamKey } from './upstream-key.ts';

export type Served = {
  url: string;
  bedrock: ChosenBedrock;
  /** Where the master key and the first key are kept; `undefined` when the environment brought the master key. */
  masterKeyPath: string | undefined;
  firstKeyPath: string | undefined;
  /** Lets calls under way finish, ends those that do not within `graceMs`, settles all of them. */
  stop(graceMs: number): Promise<void>;
};

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
  const stopping = new AbortController();
  const fetchProfile = createFetchProfile(bedrock.client, settings.controlPlane);
  const { upstreams, models: relayModels } = settings.relays;
  const profiles = createProfiles(fetchProfile, clock);
  const shipped = createShippedCatalog({ allowStandin: !bedrock.isAws, allowRawIds: settings.allowsRawIds, relayModels, profiles });
  const catalog = createLiveCatalog(shipped, { store, clock, region: settings.region });
  const relay = { upstreams, readKey: readUpstreamKey, signing: bedrock.client.config, clock, stop: stopping.signal };
  const converse = createConverse(bedrock.client, PATIENCE, stopping.signal);

  const underWay = new Set<Promise<unknown>>();
  const track = (work: Promise<unknown>) => {
    const settled = work.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  const thresholds = createThresholds({ store, copies, events: createLogEvents(log), clock });
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
  const books = createBooks({ store, journal, ledger, copies, clock, ids, log });
  const authorize = createAuthorize({ keys, masterKey: async () => masterKey, clock });
  const checkReady = async () => void (await keys.list(1, undefined));
  const turn = { catalog, ledger, converse, countTokens: createCountTokens(bedrock.client), lessons: createLessons(clock), clock, log };
  const invoke = createInvoke(bedrock.client, stopping.signal);
  // Loaded on first use: its schemas are a sixth of the memory of a start.
  let admin: Promise<{ fetch(request: Request): Response | Promise<Response> }> | undefined;
  const loadAdmin = async () => {
    const [{ createAdminApp }, { createAdministration }] = await Promise.all([
      import('../functions/admin/app.ts'),
      import('./administration.ts'),
    ]);
    return createAdminApp({
      ...createAdministration({ ...turn, catalog, invoke, keys, store, ids }),
      principalOf: (c) => authorize(secretOf((name) => c.req.header(name))),
      keys,
      groups,
      users,
      ledger,
      journal,
      ...books,
      clock,
      ids,
      log,
    });
  };
  const askAdmin = async (request: Request) => {
    admin ??= loadAdmin();
    return (await admin).fetch(request);
  };
  const fetchMedia = settings.chat.fetchesMedia ? createFetchMedia() : undefined;
  const forward = relayModels.length > 0 ? createRelay(relay) : undefined;
  const proxy = createProxyApp({ ...turn, invoke, forward, fetchMedia, translation: settings.chat, authorize, ids, checkReady, track });
  const isAdmin = (request: Request) => request.url.startsWith('/admin/', request.url.indexOf('/', 'https://'.length));

  const server = createAdaptorServer({ fetch: (request) => (isAdmin(request) ? askAdmin(request) : proxy.fetch(request)) });
  const port = await listen(server, settings);
  // What was kept of calls comes first: it knows what they cost, where a hold says what they may cost at the most.
  const finishing = bookDeferred()
    .then(() => finishPredecessors([keys, groups, users], ledger))
    .catch((cause) => log.error('Calls of an earlier start could not be finished.', { cause }));
  const upkeep = startUpkeep({ feed, ...books, bookDeferred, after: finishing, clock, log });
  const firstKeyPath = kept && (await keepFirstKey(settings.folder, keys, clock()));

  return {
    url: `http://${settings.host === '127.0.0.1' ? 'localhost' : settings.host}:${port}`,
    bedrock,
    masterKeyPath: kept?.path,
    firstKeyPath,
    async stop(graceMs) {
      server.close();
      const timer = setTimeout(() => stopping.abort(), graceMs);
      while (underWay.size > 0) await Promise.all(underWay);
      clearTimeout(timer);
      await finishing;
      await upkeep.stop();
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
