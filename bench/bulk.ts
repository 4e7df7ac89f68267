// A store that only takes: what is put into it goes straight into the files of the embedded engine, in large batches, for a benchmark that needs
// millions of items. It knows the engine's file format; what it has written is read through the engine alone.
import { createRequire } from 'node:module';
import type { Attribute, Item, Store } from '../functions/core/store/client.ts';
import { TABLES, type TableName } from '../functions/core/store/schema.ts';
import { TABLE_NAMES } from '../local/tables.ts';

type Values = Record<string, unknown>;
type Operation = { type: 'put'; key: string; value: Values };
type ItemDb = { batch(operations: Operation[], done: (failure?: Error) => void): void };
type EngineFiles = {
  getItemDb(table: string): ItemDb;
  getIndexDb(kind: string, table: string, index: string): ItemDb;
  db: { close(done: (failure?: Error) => void): void };
};
type EngineFormat = {
  create(options: { path: string }): EngineFiles;
  createKey(item: Values, table: object, keys?: object): string;
  createIndexKey(item: Values, table: object, keys: object): string;
};

const AT_ONCE = 10_000;

export function createBulk(folder: string) {
  const format = createRequire(import.meta.url)('dynalite/db') as EngineFormat;
  const files = format.create({ path: folder });
  const waiting = new Map<ItemDb, Operation[]>();
  let count = 0;
  let items = 0;

  const add = (db: ItemDb, key: string, value: Values) => {
    const operations = waiting.get(db) ?? [];
    operations.push({ type: 'put', key, value });
    waiting.set(db, operations);
    count += 1;
  };

  async function flush(): Promise<void> {
    for (const [db, operations] of waiting)
      await new Promise<void>((resolve, reject) => db.batch(operations, (failure) => (failure ? reject(failure) : resolve())));
    waiting.clear();
    count = 0;
  }

  async function put(table: TableName, item: Item): Promise<void> {
    const values = Object.fromEntries(
      Object.entries(item).flatMap(([name, value]) => (value === undefined ? [] : [[name, attributeOf(value)]])),
    );
    const { name, schema } = TABLES_OF[table];
    add(files.getItemDb(name), format.createKey(values, schema), values);
    for (const index of TABLES[table].indexes) {
      if (item[index.partitionKey] === undefined || item[index.sortKey] === undefined) continue;
      const names = new Set([index.partitionKey, index.sortKey, 'pk', 'sk']);
      const shown = index.projection === 'ALL' ? values : Object.fromEntries(Object.entries(values).filter(([one]) => names.has(one)));
      add(files.getIndexDb('Global', name, index.name), format.createIndexKey(shown, schema, keysOf(index)), shown);
    }
    items += 1;
    if (count >= AT_ONCE) await flush();
  }

  const none = () => Promise.reject(new Error('Nothing is read while much is written.'));
  const store: Store = {
    get: none,
    getMany: none,
    query: none,
    remove: none,
    removeMany: none,
    update: async () => ({ applied: false, item: undefined }),
    async putNew({ table, pk, sk }, item) {
      await put(table, { ...item, pk, sk });
      return { applied: true };
    },
    async putMany(given) {
      for (const { key, item } of given) await put(key.table, { ...item, pk: key.pk, sk: key.sk });
    },
  };
  return {
    store,
    /** Items that were put. */
    items: () => items,
    async close(): Promise<void> {
      await flush();
      await new Promise<void>((resolve, reject) => files.db.close((failure) => (failure ? reject(failure) : resolve())));
    },
  };
}

const keysOf = ({ partitionKey, sortKey }: { partitionKey: string; sortKey: string }) => [
  { AttributeName: partitionKey },
  { AttributeName: sortKey },
];

const TABLES_OF = Object.fromEntries(
  Object.entries(TABLES).map(([table, schema]) => {
    const names = new Set(['pk', 'sk', ...schema.indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey])]);
    const definitions = [...names].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }));
    return [table, { name: TABLE_NAMES[table as TableName], schema: { KeySchema: keysOf(schema), AttributeDefinitions: definitions } }];
  }),
) as Record<TableName, { name: string; schema: object }>;

/** As the engine keeps it. */
function attributeOf(value: Attribute): unknown {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return { M: Object.fromEntries(parts.map(([name, part]) => [name, attributeOf(part)])) };
}
