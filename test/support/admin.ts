// The admin app in this process on a real engine, with the clock in the test's hand.
import { createAdminApp } from '../../functions/admin/app.ts';
import { createAttempts } from '../../functions/core/access/attempts.ts';
import { createAuthorize, secretOf, type VerifyToken } from '../../functions/core/access/authorize.ts';
import { createGroupStore } from '../../functions/core/access/group-store.ts';
import { createKeyStore } from '../../functions/core/access/key-store.ts';
import { createUserStore } from '../../functions/core/access/user-store.ts';
import { createLiveCatalog } from '../../functions/core/catalog/live-catalog.ts';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import type { Bodies } from '../../functions/core/conversations/bodies.ts';
import { createConversations } from '../../functions/core/conversations/conversations.ts';
import { createBooks } from '../../functions/core/ledger/books.ts';
import { createJournal } from '../../functions/core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../../functions/core/ledger/ledger.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { createSettingsStore } from '../../functions/core/settings/settings-store.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../../functions/core/store/copies.ts';
import { createLessons } from '../../functions/core/turn/lessons.ts';
import { createAdministration } from '../../local/administration.ts';
import { createMemoryBodies } from './memory-bodies.ts';

export const MASTER_KEY = 'a-master-key-for-tests';
/** The middle of a month, so that a test decides when a month ends. */
export const NOON = Date.UTC(2026, 10, 15, 12);

/** The properties tests look at by name; whether they are there, the tests say. */
type Json = {
  id: string;
  secret: string;
  code: string;
  detail: string;
  items: { id: string; requestId: string }[];
  nextCursor: string | null;
} & Record<string, unknown>;
type Answer = { status: number; headers: Headers; text: string; json: Json };
export type AdminGateway = ReturnType<typeof createAdmin>;

/** For tests that call no model. */
const NO_BEDROCK: Bedrock = {
  converse: { stream: noBedrock, whole: noBedrock },
  countTokens: async () => undefined,
  invoke: noBedrock,
};

function noBedrock(): never {
  throw new Error('This test has no Bedrock.');
}

type Bedrock = Pick<Parameters<typeof createAdministration>[0], 'converse' | 'countTokens' | 'invoke'>;

type Parts = Pick<Parameters<typeof createAdministration>[0], 'keys' | 'ledger' | 'store' | 'ids' | 'clock' | 'log'>;

/** What the app needs beside keys and their accounts. */
export function administrationOf(parts: Parts, bedrock = NO_BEDROCK, bodies: Bodies = createMemoryBodies()) {
  const { store, clock } = parts;
  const catalog = createLiveCatalog(createShippedCatalog({ allowStandin: true }), { store, clock, region: 'us-east-1' });
  return {
    ...createAdministration({ ...parts, ...bedrock, lessons: createLessons(clock), catalog }),
    conversations: createConversations({ store, bodies, clock }),
    settings: createSettingsStore({ store, clock, defaults: { logging: 'metadata', retentionDays: 30 } }),
  };
}

export function createAdmin(store: Store, { bedrock, verifyToken }: { bedrock?: Bedrock; verifyToken?: VerifyToken } = {}) {
  const time = { now: NOON };
  const clock = () => time.now;
  const ids = createIds(clock);
  const logs: string[] = [];
  const log = createLog((line) => logs.push(line));
  const copies = createCopies(clock, COPY_LIFE_MS);
  const keys = createKeyStore({ store, copies, clock, ids });
  const groups = createGroupStore({ store, copies, clock, ids, keys });
  const users = createUserStore({ store, copies, clock, ids, keys });
  const journal = createJournal(store);
  const ledger = createLedger({ store, journal, copies, clock, processId: 'test', holdMs: HOLD_MS });
  // Tests of what is refused ask more often than people do; the limit has tests of its own.
  const attempts = createAttempts(clock, { most: Number.POSITIVE_INFINITY });
  const authorize = createAuthorize({ keys, masterKey: async () => MASTER_KEY, clock, verifyToken, attempts });
  const principalOf = (c: { req: { header(name: string): string | undefined } }) => authorize(secretOf((name) => c.req.header(name)));
  const books = createBooks({ store, journal, ledger, copies, clock, ids, log });
  const blobs = createMemoryBodies();
  const administration = administrationOf({ keys, ledger, store, ids, clock, log }, bedrock, blobs);
  const { conversations, settings } = administration;
  const app = createAdminApp({ ...administration, ...books, principalOf, keys, groups, users, ledger, journal, clock, ids, log });

  /** A request with the master key unless `headers` say otherwise; a body that is not a text is sent as JSON. */
  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await app.request(`http://localhost${path}`, {
      method,
      headers: { authorization: `Bearer ${MASTER_KEY}`, 'content-type': 'application/json', ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, headers: answer.headers, text, json: isJson && text !== '' ? JSON.parse(text) : ({} as Json) };
  }

  return {
    ...administration,
    app,
    time,
    clock,
    ids,
    logs,
    keys,
    groups,
    users,
    journal,
    ledger,
    books,
    blobs,
    conversations,
    settings,
    log,
    ask,
    makeKey: async (fields: Record<string, unknown> = {}): Promise<Json> => {
      const { status, json, text } = await ask('POST', '/admin/v1/keys', { name: 'test', ...fields });
      if (status !== 201) throw new Error(text);
      return json;
    },
    readKey: async (id: string) => (await ask('GET', `/admin/v1/keys/${id}`)).json,
  };
}
