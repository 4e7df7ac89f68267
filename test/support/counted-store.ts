// A memory store that counts what is asked of it and what it hands over, and stays fast with many items: it keeps each partition by itself, in
// order until something is written there.
import type { Item, Query, Store } from '../../functions/core/store/client.ts';
import type { ItemKey } from '../../functions/core/store/keys.ts';
import { TABLES, type TableName } from '../../functions/core/store/schema.ts';
import { createMemoryStore } from './memory-store.ts';

/** `operations`: how often each verb, with the index it used. `items`: read in all. */
export type Counted = { operations: Record<string, number>; items: number };
export type CountedStore = { store: Store; counted(work: () => Promise<unknown>): Promise<Counted> };

type Partition = { items: Map<string, Item>; sorted?: Item[] | undefined };

/** What one BatchGetItem takes. */
const BATCH = 100;

export function createCountedStore(): CountedStore {
  const memory = createMemoryStore();
  let counts: Counted = { operations: {}, items: 0 };
  const partitions = new Map<string, Partition>();
  const tell = (operation: string, items: number, times = 1) => {
    counts.operations[operation] = (counts.operations[operation] ?? 0) + times;
    counts.items += items;
  };

  const note = (table: TableName, name: string, item: Item | undefined, isThere: boolean) => {
    if (!item) return;
    for (const index of [undefined, ...TABLES[table].indexes.map((one) => one.name)]) {
      const { partitionKey, sortKey } = schemaOf(table, index);
      if (item[partitionKey] === undefined || item[sortKey] === undefined) continue;
      const where = `${table} ${index} ${item[partitionKey]}`;
      const partition: Partition = partitions.get(where) ?? { items: new Map() };
      partitions.set(where, partition);
      if (isThere) partition.items.set(name, item);
      else partition.items.delete(name);
      partition.sorted = undefined;
    }
  };

  async function write<Result>(verb: string, keys: readonly ItemKey[], work: () => Promise<Result>): Promise<Result> {
    tell(verb, 0);
    const before = await memory.getMany([...keys]);
    const result = await work();
    const after = await memory.getMany([...keys]);
    const table = keys[0]!.table;
    for (const item of before) note(table, `${item.pk} ${item.sk}`, item, false);
    for (const item of after) note(table, `${item.pk} ${item.sk}`, item, true);
    return result;
  }

  function partitionOf({ table, index, partition }: Query): Item[] {
    const found = partitions.get(`${table} ${index} ${partition}`);
    if (!found) return [];
    const { sortKey } = schemaOf(table, index);
    found.sorted ??= [...found.items.values()]
      .map((item): [string, Item] => [placeOf(item, sortKey), item])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);
    return found.sorted;
  }

  function answer(query: Query): Item[] {
    const { table, index, from, to, after, limit, newestFirst } = query;
    const { sortKey } = schemaOf(table, index);
    const isBounded = from !== undefined && to !== undefined;
    const items = partitionOf(query);
    const found: Item[] = [];
    for (let number = 0; number < items.length && found.length < limit; number += 1) {
      const item = items[newestFirst ? items.length - 1 - number : number]!;
      const sort = String(item[sortKey]);
      if (isBounded && (sort < from || sort > to)) continue;
      const place = placeOf(item, sortKey);
      if (after && (newestFirst ? place >= placeOf(after, sortKey) : place <= placeOf(after, sortKey))) continue;
      found.push(item);
    }
    return found;
  }

  const store: Store = {
    async get(key) {
      const item = await memory.get(key);
      tell('get', item ? 1 : 0);
      return item;
    },
    async getMany(keys) {
      const items = await memory.getMany(keys);
      tell('getMany', items.length, Math.ceil(keys.length / BATCH));
      return items;
    },
    async query(query) {
      const items = answer(query);
      tell(`query ${query.table} ${query.index ?? 'table'}`, items.length);
      return items;
    },
    putNew: (key, item) => write('putNew', [key], () => memory.putNew(key, item)),
    update: (key, change) => write('update', [key], () => memory.update(key, change)),
    remove: (key) => write('remove', [key], () => memory.remove(key)),
    putMany: async (items) => {
      const keys = items.map(({ key }) => key);
      if (keys.length > 0) await write('putMany', keys, () => memory.putMany(items));
    },
    removeMany: async (keys) => {
      if (keys.length > 0) await write('removeMany', keys, () => memory.removeMany(keys));
    },
  };

  return {
    store,
    async counted(work) {
      counts = { operations: {}, items: 0 };
      await work();
      return counts;
    },
  };
}

function schemaOf(table: TableName, index: string | undefined): { partitionKey: string; sortKey: string } {
  return index ? TABLES[table].indexes.find(({ name }) => name === index)! : TABLES[table];
}

function placeOf(item: Item, sortKey: string): string {
  return `${item[sortKey]} ${item.pk} ${item.sk}`;
}
