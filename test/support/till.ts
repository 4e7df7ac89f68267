// A ledger on the embedded engine, with keys to spend from and the journal to look into: for tests of what pays for calls.
import { createKeyStore } from '../../functions/core/access/key-store.ts';
import type { Key } from '../../functions/core/access/principal.ts';
import { accountOf, type Limits, newAccount } from '../../functions/core/ledger/account.ts';
import { createJournal } from '../../functions/core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../../functions/core/ledger/ledger.ts';
import { monthOf } from '../../functions/core/platform/clock.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { createStore } from '../../functions/core/store/client.ts';
import { createCopies } from '../../functions/core/store/copies.ts';
import { createDynamoClient } from '../../functions/core/store/dynamo.ts';
import { accountKey } from '../../functions/core/store/keys.ts';
import { startEngine } from '../../local/engine.ts';
import { createTables, TABLE_NAMES } from '../../local/tables.ts';

const NO_LIMITS: Limits = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };

export async function openTill() {
  const clock = Date.now;
  const ids = createIds(clock);
  const engine = await startEngine();
  const client = createDynamoClient({
    region: 'us-east-1',
    endpoint: engine.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await createTables(client, TABLE_NAMES);
  const store = createStore(client, TABLE_NAMES);
  const copies = createCopies(clock, 1_000);
  const keys = createKeyStore({ store, copies, clock, ids });
  const journal = createJournal(store);
  const ledger = createLedger({ store, journal, copies, clock, processId: 'test', holdMs: HOLD_MS });

  return {
    ledger,
    clock,
    ids,
    keys,
    log: createLog(() => undefined),

    /** A key and its secret. */
    async makeKey(limits: Partial<Limits> = {}, models: string[] = []): Promise<{ key: Key; secret: string }> {
      const identity = { name: 'test', email: null, role: 'user' as const, tags: [], models, expiresAt: null };
      return keys.create(identity, newAccount({ ...NO_LIMITS, ...limits }, monthOf(clock())));
    },

    /** What the account has spent and holds. */
    async readAccount({ id }: Key): Promise<{ spent: bigint; held: bigint; open: number }> {
      const { current, open } = accountOf((await store.get(accountKey(id)))!);
      return { spent: current.spent, held: current.committed - current.spent, open };
    },

    entriesOf: async ({ id }: Key) => (await journal.ofAccount(id, 0, clock() + 60_000, 100)).entries,

    async close() {
      client.destroy();
      await engine.close();
    },
  };
}
