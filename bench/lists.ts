// What a page of every kind of list costs at each size, on the embedded engine with its data on disk: operations, items read and the median time.
// `node bench/lists.ts [most keys, 100000 unless said] [entries of a key, 10 unless said] [least keys, 100 unless said]`. Operations and items are what to read.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminApp } from '../functions/admin/app.ts';
import { createKeepKeys } from '../functions/core/access/keep-keys.ts';
import type { Store } from '../functions/core/store/client.ts';
import { createStore } from '../functions/core/store/client.ts';
import { createDynamoClient } from '../functions/core/store/dynamo.ts';
import { startEngine } from '../local/engine.ts';
import { createTables, TABLE_NAMES } from '../local/tables.ts';
import { createBulk } from './bulk.ts';
import { median } from './child.ts';
import { createListsGateway, MASTER_KEY } from './lists-gateway.ts';
import { pagesOf } from './lists-pages.ts';
import { type Seeded, seed } from './lists-seed.ts';

const MOST_KEYS = Number(process.argv[2] ?? 100_000);
const ENTRIES_OF_A_KEY = Number(process.argv[3] ?? 10);
const LEAST_KEYS = Number(process.argv[4] ?? 100);
const SIZES = [100, 1_000, 10_000, 100_000].filter((keys) => keys >= LEAST_KEYS && keys <= MOST_KEYS);
const WARM_UPS = 2;
const TIMES = 11;
const LONGEST_MS = 4_000;

type Measured = { operations: number; items: number; ms: number };

const found = new Map<string, Measured[]>();
for (const keys of SIZES) {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-lists-'));
  try {
    await measureSize(keys, folder);
    printTable(SIZES.slice(0, SIZES.indexOf(keys) + 1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
async function measureSize(keys: number, folder: string): Promise<void> {
  const connect = async () => {
    const engine = await startEngine(folder);
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const client = createDynamoClient({ region: 'us-east-1', endpoint: engine.url, credentials });
    await createTables(client, TABLE_NAMES);
    const close = async () => {
      client.destroy();
      await engine.close();
    };
    return { client, close };
  };
  await (await connect()).close();
  const startedAt = performance.now();
  const bulk = createBulk(folder);
  const seeded = await seed(bulk.store, { keys, entriesOfAKey: ENTRIES_OF_A_KEY });
  await bulk.close();
  console.info(`${keys} keys: ${bulk.items()} items in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s.`);
  const { client, close } = await connect();
  try {
    await measurePages(createStore(client, TABLE_NAMES), seeded);
  } finally {
    await close();
  }
}

async function measurePages(plain: Store, seeded: Seeded): Promise<void> {
  const counts = { operations: 0, items: 0 };
  const gateway = createListsGateway(counted(plain, counts));
  const keep = createKeepKeys({ store: plain, clock: gateway.clock, ids: gateway.ids });
  while (await keep.step(500));
  const app = createAdminApp(gateway);
  for (const { name, method, path, body } of pagesOf(seeded)) {
    const ask = async () => {
      const headers = { authorization: `Bearer ${MASTER_KEY}`, 'content-type': 'application/json' };
      const answer = await app.request(`http://localhost${path}`, { method, headers, body: body && JSON.stringify(body) });
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    };
    for (let time = 0; time < WARM_UPS; time += 1) await ask();
    const times: number[] = [];
    const began = performance.now();
    while (times.length < TIMES && performance.now() - began < LONGEST_MS) {
      Object.assign(counts, { operations: 0, items: 0 });
      const startedAt = performance.now();
      await ask();
      times.push(performance.now() - startedAt);
    }
    found.set(name, [...(found.get(name) ?? []), { ...counts, ms: median(times) }]);
  }
}

function counted(store: Store, counts: { operations: number; items: number }): Store {
  const tell = <Result>(items: (result: Result) => number, times = 1) => {
    counts.operations += times;
    return (result: Result): Result => {
      counts.items += items(result);
      return result;
    };
  };
  return {
    ...store,
    get: (key) => store.get(key).then(tell((item) => (item ? 1 : 0))),
    getMany: (keys) => store.getMany(keys).then(tell((items) => items.length, Math.ceil(keys.length / 100))),
    query: (query) => store.query(query).then(tell((items) => items.length)),
  };
}

/** After every size, for the last one takes long. */
function printTable(sizes: number[]): void {
  console.table(
    Object.fromEntries(
      [...found].map(([page, all]) => [
        page,
        {
          operations: all.map(({ operations }) => operations).join(' · '),
          items: all.map(({ items }) => items).join(' · '),
          'ms a page': all.map(({ ms }) => ms.toFixed(0)).join(' · '),
          ratio: (all.at(-1)!.ms / all[0]!.ms).toFixed(1),
        },
      ]),
    ),
  );
  console.info(`Keys: ${sizes.join(' · ')}; entries of the journal: ${sizes.map((keys) => keys * ENTRIES_OF_A_KEY).join(' · ')}.`);
}
