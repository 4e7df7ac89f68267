// The database the functions find: the embedded engine with its tables, and keys put there by the code that puts them everywhere.
import { createKeyStore, type NewKey } from '../../functions/core/access/key-store.ts';
import { createConversations } from '../../functions/core/conversations/conversations.ts';
import { accountOf, newAccount } from '../../functions/core/ledger/account.ts';
import { createJournal } from '../../functions/core/ledger/journal.ts';
import { monthOf } from '../../functions/core/platform/clock.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createStore } from '../../functions/core/store/client.ts';
import { createCopies } from '../../functions/core/store/copies.ts';
import { createDynamoClient } from '../../functions/core/store/dynamo.ts';
import { TABLE_VARIABLE } from '../../functions/core/store/schema.ts';
import { startEngine } from '../../local/engine.ts';
import { createTables, TABLE_NAMES } from '../../local/tables.ts';
import { createMemoryBodies } from '../support/memory-bodies.ts';

export type Database = Awaited<ReturnType<typeof startDatabase>>;

const NEW_KEY: NewKey = { name: 'test', email: null, role: 'user', tags: [], models: [], expiresAt: null };
const NO_LIMITS = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };
const TEN_DOLLARS = 10n ** 13n;

export async function startDatabase() {
  const engine = await startEngine();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = createDynamoClient({ region: 'us-east-1', endpoint: engine.url, credentials });
  await createTables(client, TABLE_NAMES);
  const store = createStore(client, TABLE_NAMES);
  const keys = createKeyStore({ store, copies: createCopies(Date.now, 0), clock: Date.now, ids: createIds(Date.now) });
  const journal = createJournal(store);
  const { threads } = createConversations({ store, bodies: createMemoryBodies(), clock: Date.now });

  return {
    /** What a function must be told to use it. */
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: engine.url,
      ...Object.fromEntries(
        Object.entries(TABLE_VARIABLE).map(([table, variable]) => [variable, TABLE_NAMES[table as keyof typeof TABLE_NAMES]]),
      ),
    },
    async makeKey(fields: Partial<NewKey> = {}, monthlyBudget: bigint | null = TEN_DOLLARS) {
      const account = newAccount({ ...NO_LIMITS, monthlyBudget }, monthOf(Date.now()));
      const { key, secret } = await keys.create({ ...NEW_KEY, ...fields }, account);
      return { id: key.id, secret };
    },
    async spentBy(keyId: string) {
      const { open, current } = accountOf(await keys.read(keyId));
      return { open, spent: current.spent };
    },
    entriesOf: async (keyId: string) => (await journal.ofAccount(keyId, 0, Date.now() + 1, 100)).entries,
    threadsOf: async (keyId: string) => (await threads.ofOwner(keyId, { from: 0, to: Date.now() + 1, limit: 100 })).items,
    async stop() {
      client.destroy();
      await engine.close();
    },
  };
}
