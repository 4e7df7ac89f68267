// The bundles of the rollup and the sweeper as Lambda runs them: the stream's records become statements, once; a run ends what was left open.
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../functions/core/ledger/journal.ts';
import { createRebuild } from '../../functions/core/ledger/rebuild.ts';
import { createRollup } from '../../functions/core/ledger/rollup.ts';
import { createStatements } from '../../functions/core/ledger/statements.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createStore, type Store } from '../../functions/core/store/client.ts';
import { createDynamoClient } from '../../functions/core/store/dynamo.ts';
import { entryKey } from '../../functions/core/store/keys.ts';
import { TABLE_NAMES } from '../../local/tables.ts';
import { entryAt } from '../support/entries.ts';
import { type Database, startDatabase } from './database.ts';
import type { Emulator } from './runtime/emulator.ts';
import { start } from './shipped.ts';

let database: Database;
let store: Store;
let close: () => void;

beforeAll(async () => {
  database = await startDatabase();
  const endpoint = database.environment.AWS_ENDPOINT_URL_DYNAMODB;
  const client = createDynamoClient({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  store = createStore(client, TABLE_NAMES);
  close = () => client.destroy();
});
afterAll(async () => {
  close();
  await database.stop();
});

async function totalOfToday() {
  const rebuild = createRebuild({ store, rollup: createRollup({ store }), clock: Date.now, ids: createIds(Date.now) });
  const month = new Date().toISOString().slice(0, 7);
  const { series } = await createStatements({ store, rebuild, clock: Date.now }).query({ from: month, to: month, grain: 'month' }, 1);
  return series[0]!.total;
}

describe('the rollup', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await start('functions/rollup/index.ts', database.environment);
  });
  afterAll(() => emulator.stop());

  test('brings records into the statements once, however often they come, and passes by what is no entry', async () => {
    const entries = [entryAt(Date.now(), { cost: 5n }), entryAt(Date.now(), { cost: 6n, status: 'failed' })];
    const journal = createJournal(store);
    for (const entry of entries) await journal.write(entry);
    const records = await Promise.all(
      entries.map(async (entry, number) => recordOf((await store.get(entryKey(entry.accountId, entry.requestId)))!, number)),
    );
    const payment = recordOf({ pk: 'key_a', sk: 'pay#0000000001', amount: 5n }, 2);
    expect(await emulator.invoke({ Records: [...records, payment] })).toEqual({ batchItemFailures: [] });
    expect(await emulator.invoke({ Records: records })).toEqual({ batchItemFailures: [] });
    expect(await totalOfToday()).toMatchObject({ requests: 2n, errors: 1n, cost: 11n });
  });

  test('names the record it cannot read, and has brought those before it', async () => {
    const before = await totalOfToday();
    const entry = entryAt(Date.now(), { cost: 1n });
    await createJournal(store).write(entry);
    const good = recordOf((await store.get(entryKey(entry.accountId, entry.requestId)))!, 7);
    const bad = recordOf({ pk: 'key_a', sk: 'req_x' }, 8);
    expect(await emulator.invoke({ Records: [good, bad] })).toEqual({ batchItemFailures: [{ itemIdentifier: '8' }] });
    expect((await totalOfToday()).cost).toBe(before.cost + 1n);
  });
});

test('the sweeper looks at the accounts, and revokes the key whose time is over', async () => {
  const emulator = await start('functions/sweeper/index.ts', database.environment);
  try {
    const { id } = await database.makeKey({ expiresAt: Date.now() - 1 });
    expect(await emulator.invoke({})).toMatchObject({ expired: 1, accounts: 1, steps: 0 });
    expect(await store.get({ table: 'accounts', pk: `KEY#${id}`, sk: 'ACCOUNT' })).toMatchObject({ revokedReason: 'expired' });
  } finally {
    await emulator.stop();
  }
});

function recordOf(item: Record<string, unknown>, number: number) {
  const { pk, sk } = item;
  return {
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: String(number), Keys: marshall({ pk, sk }), NewImage: marshall(item, { removeUndefinedValues: true }) },
  };
}
