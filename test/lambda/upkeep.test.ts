// The bundles of the rollup and the sweeper as Lambda runs them: the stream's records become statements, once; a run ends what was left open.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../functions/core/ledger/journal.ts';
import { createRebuild } from '../../functions/core/ledger/rebuild.ts';
import { createRollup } from '../../functions/core/ledger/rollup.ts';
import { createStatements } from '../../functions/core/ledger/statements.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createStore, type Store } from '../../functions/core/store/client.ts';
import { createDynamoClient } from '../../functions/core/store/dynamo.ts';
import { accountKey, entryKey } from '../../functions/core/store/keys.ts';
import { TABLE_NAMES } from '../../local/tables.ts';
import { entryAt } from '../support/entries.ts';
import { type Database, startDatabase } from './database.ts';
import type { Emulator } from './runtime/emulator.ts';
import { start } from './shipped.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alerts';

let database: Database;
let environment: Record<string, string>;
let told: Record<string, unknown>[];
const sns = createServer(async (request, response) => {
  told.push(JSON.parse(new URLSearchParams(await text(request)).get('Message')!));
  response.end();
});
let store: Store;
let close: () => void;

beforeAll(async () => {
  database = await startDatabase();
  told = [];
  await new Promise<void>((resolve) => sns.listen(0, '127.0.0.1', resolve));
  const { port } = sns.address() as AddressInfo;
  environment = {
    ...database.environment,
    BODIES_BUCKET: 'bodies',
    ALERTS_TOPIC_ARN: TOPIC,
    AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${port}/`,
  };
  const endpoint = database.environment.AWS_ENDPOINT_URL_DYNAMODB;
  const client = createDynamoClient({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  store = createStore(client, TABLE_NAMES);
  close = () => client.destroy();
});
afterAll(async () => {
  close();
  sns.close();
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
    emulator = await start('functions/rollup/index.ts', environment);
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

  test('tells the topic of a threshold that was reached, once', async () => {
    const { id } = await database.makeKey();
    await store.update(accountKey(id), {
      update: 'SET #spent = :spent, #alerts = :alerts',
      condition: 'attribute_exists(#spent)',
      names: { '#spent': 'spent', '#alerts': 'alerts' },
      values: { ':spent': 8n * 10n ** 12n, ':alerts': [50n, 80n] },
    });
    const entry = entryAt(Date.now(), { accountId: id });
    await createJournal(store).write(entry);
    const record = recordOf((await store.get(entryKey(id, entry.requestId)))!, 3);
    for (let time = 0; time < 2; time += 1) expect(await emulator.invoke({ Records: [record] })).toEqual({ batchItemFailures: [] });
    expect(told).toMatchObject([{ type: 'budget_threshold_reached', accountId: id, percent: 80, spentUsd: '8' }]);
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
  const emulator = await start('functions/sweeper/index.ts', environment);
  try {
    const { id } = await database.makeKey({ expiresAt: Date.now() - 1 });
    expect(await emulator.invoke({})).toMatchObject({ expired: 1, accounts: 2, steps: 0 });
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
