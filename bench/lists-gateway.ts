// The admin app's parts on a store, for whoever measures its lists. Nothing is called.
import { createAttempts } from '../functions/core/access/attempts.ts';
import { createAuthorize, secretOf } from '../functions/core/access/authorize.ts';
import { createGroupStore } from '../functions/core/access/group-store.ts';
import { createKeyStore } from '../functions/core/access/key-store.ts';
import { createUserStore } from '../functions/core/access/user-store.ts';
import { createLiveCatalog } from '../functions/core/catalog/live-catalog.ts';
import { createShippedCatalog } from '../functions/core/catalog/shipped.ts';
import { createConversations } from '../functions/core/conversations/conversations.ts';
import { createBooks } from '../functions/core/ledger/books.ts';
import { createJournal } from '../functions/core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../functions/core/ledger/ledger.ts';
import { createIds } from '../functions/core/platform/ids.ts';
import { createLog } from '../functions/core/platform/log.ts';
import { createSettingsStore } from '../functions/core/settings/settings-store.ts';
import type { Store } from '../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../functions/core/store/copies.ts';
import { createLessons } from '../functions/core/turn/lessons.ts';
import { createAdministration } from '../local/administration.ts';

export const MASTER_KEY = 'a-master-key-for-benchmarks';
/** Everything was made before it. */
export const NOW = Date.UTC(2026, 10, 21, 12);

export function createListsGateway(store: Store) {
  const clock = () => NOW;
  const ids = createIds(clock);
  const log = createLog((line) => process.stderr.write(`${line}\n`));
  const copies = createCopies(clock, COPY_LIFE_MS);
  const keys = createKeyStore({ store, copies, clock, ids });
  const journal = createJournal(store);
  const ledger = createLedger({ store, journal, copies, clock, processId: 'bench', holdMs: HOLD_MS });
  const attempts = createAttempts(clock, { most: Number.POSITIVE_INFINITY });
  const authorize = createAuthorize({ keys, masterKey: async () => MASTER_KEY, clock, attempts });
  const catalog = createLiveCatalog(createShippedCatalog({ allowStandin: true }), { store, clock, region: 'us-east-1' });
  const bedrock = { converse: { stream: nobody, whole: nobody }, countTokens: async () => undefined, invoke: nobody };
  const bodies = { put: async () => undefined, get: async () => undefined, remove: async () => undefined };
  return {
    ...createAdministration({ keys, ledger, store, ids, clock, log, ...bedrock, lessons: createLessons(clock), catalog }),
    ...createBooks({ store, journal, ledger, copies, clock, ids, log }),
    conversations: createConversations({ store, bodies, clock }),
    settings: createSettingsStore({ store, clock, defaults: { logging: 'metadata', retentionDays: 30 } }),
    principalOf: (c: { req: { header(name: string): string | undefined } }) => authorize(secretOf((name) => c.req.header(name))),
    groups: createGroupStore({ store, copies, clock, ids, keys }),
    users: createUserStore({ store, copies, clock, ids, keys }),
    ...{ keys, ledger, journal, clock, ids, log },
  };
}

function nobody(): never {
  throw new Error('No model is called here.');
}
