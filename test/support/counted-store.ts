// A memory store that counts what is asked of it and what it hands over, and stays fast with many items: partitions are sorted once, and
// again after a write.
import type { Item, Query, Store } from '../../functions/core/store/client.ts';
import { TABLES, type TableName } from '../../functions/core/store/schema.ts';
import { createMemoryStore } from './memory-store.ts';

/** `operations`: how often each verb, with the index it used. `items`: read in all. */
export type Counted = { operations: Record<string, number>; items: number };
export type CountedStore = { store: Store; counted(work: () => Promise<unknown>): Promise<Counted> };

/** What one BatchGetItem takes. */
const BATCH = 100;

export function createCountedStore(): CountedStore {
  const memory = createMemoryStore();
  let counts: Counted = { operations: {}, items: 0 };
  const sorted = new Map<string, Map<string, Item[]>>();
  const tell = (operation: string, items: number, times = 1) => {
    counts.operations[operation] = (counts.operations[operation] ?? 0) + times;
    counts.items += items;
  };
  const write = <Result>(verb: string, table: TableName, work: () => Promise<Result>): Promise<Result> => {
    for (const name of sorted.keys()) if (name.startsWith(`${table} `)) sorted.delete(name);
    tell(verb, 0);
    return work();
  };

  function partitionOf({ table, index, partition }: Query): Item[] {
    const name = `${table} ${index}`;
    let partitions = sorted.get(name);
    if (!partitions) {
      partitions = new Map();
      const schema = schemaOf(table, index);
      for (const item of memory.all(table)) {
        const value = item[schema.partitionKey];
        if (value === undefined || item[schema.sortKey] === undefined) continue;
        const items = partitions.get(String(value));
        if (items) items.push(item);
        else partitions.set(String(value), [item]);
      }
      for (const items of partitions.values()) items.sort((a, b) => (placeOf(a, schema.sortKey) < placeOf(b, schema.sortKey) ? -1 : 1));
      sorted.set(name, partitions);
    }
    return partitions.get(partition) ?? [];
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
    putNew: (key, item) => write('putNew', key.table, () => memory.putNew(key, item)),
    putMany: (items) => (items.length === 0 ? memory.putMany(items) : write('putMany', items[0]!.key.table, () => memory.putMany(items))),
    update: (key, change) => write('update', key.table, () => memory.update(key, change)),
    remove: (key) => write('remove', key.table, () => memory.remove(key)),
    removeMany: (keys) =>
      keys.length === 0 ? memory.removeMany(keys) : write('removeMany', keys[0]!.table, () => memory.removeMany(keys)),
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
