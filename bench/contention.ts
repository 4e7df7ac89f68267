// What one hot account costs: 64 callers on one account against 64 on an account each, on the same engine in another process.
// `node bench/contention.ts`. A call is the ledger's three writes and no more; the ratio of medians is what to read.
import { createKeyStore } from '../functions/core/access/key-store.ts';
import { newAccount } from '../functions/core/ledger/account.ts';
import { createJournal } from '../functions/core/ledger/journal.ts';
import { createLedger, HOLD_MS } from '../functions/core/ledger/ledger.ts';
import { NO_USAGE } from '../functions/core/ledger/usage.ts';
import { monthOf } from '../functions/core/platform/clock.ts';
import { createIds } from '../functions/core/platform/ids.ts';
import { createStore } from '../functions/core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../functions/core/store/copies.ts';
import { createDynamoClient } from '../functions/core/store/dynamo.ts';
import { createTables, TABLE_NAMES } from '../local/tables.ts';
import { median, start } from './child.ts';

const CALLERS = 64;
const CALLS = 1_280;
const ROUNDS = 5;
const DOLLAR = 1_000_000_000_000n;
const LIMITS = { monthlyBudget: 1_000_000n * DOLLAR, balance: null, lifetimeBudget: null, maxParallel: null };

const { child, line } = await start('bench/engine.ts', [], {}, (text) => text.startsWith('{'));
try {
  await main(JSON.parse(line).url);
} finally {
  child.kill('SIGTERM');
}

async function main(endpoint: string): Promise<void> {
  const client = createDynamoClient({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
  await createTables(client, TABLE_NAMES);
  const clock = Date.now;
  const ids = createIds(clock);
  const store = createStore(client, TABLE_NAMES);
  const copies = createCopies(clock, COPY_LIFE_MS);
  const keys = createKeyStore({ store, copies, clock, ids });
  const ledger = createLedger({ store, journal: createJournal(store), copies, clock, processId: 'bench', holdMs: HOLD_MS });

  const makeKey = async (): Promise<string> => {
    const fields = { name: 'bench', email: null, role: 'user' as const, tags: [], models: [], expiresAt: null };
    return (await keys.create(fields, newAccount(LIMITS, monthOf(clock())))).key.id;
  };

  /** One call that costs half of what it set aside. False: it was refused. */
  const call = async (accountId: string): Promise<boolean> => {
    const asked = { accountId, requestId: ids('req'), amount: 2_000_000n, tokens: 0, smallestAmount: 1n, model: 'bench', target: 'bench' };
    const { hold } = await ledger.admit(asked);
    if (!hold) return false;
    const told = { usage: NO_USAGE, cost: 1_000_000n, status: 'succeeded' as const, error: null, isEstimated: false, isStream: false };
    await ledger.settle(hold, { ...told, priceVersion: null, latencyMs: null, firstTokenMs: null, at: clock() });
    return true;
  };

  /** Calls a second, over all callers. */
  const measure = async (accountIds: string[]): Promise<number> => {
    const startedAt = performance.now();
    let left = CALLS;
    const caller = async (number: number) => {
      const id = accountIds[number % accountIds.length]!;
      while (left-- > 0) if (!(await call(id))) throw new Error('A call was refused.');
    };
    await Promise.all(Array.from({ length: CALLERS }, (_, number) => caller(number)));
    return (CALLS * 1_000) / (performance.now() - startedAt);
  };

  const one = [await makeKey()];
  const many = await Promise.all(Array.from({ length: CALLERS }, makeKey));
  const figures: { one: number[]; many: number[] } = { one: [], many: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const told = { one: await measure(one), many: await measure(many) };
    // The first round warms both up.
    if (round === 0) continue;
    figures.one.push(told.one);
    figures.many.push(told.many);
  }
  const [hot, cold] = [median(figures.one), median(figures.many)];
  const row = (accounts: string, perSecond: number) => ({ callers: CALLERS, accounts, 'calls/s': perSecond.toFixed(0) });
  console.table([row('one', hot), row('one each', cold)]);
  console.info(`Ratio, one account to ${CALLERS}: ${(hot / cold).toFixed(2)}`);
  client.destroy();
}
