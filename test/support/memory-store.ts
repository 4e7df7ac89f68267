// The Store port in memory, exact in what the ledger uses of DynamoDB: conditions, SET with one + or −, REMOVE, key ranges. Each verb takes
// effect at the moment it is called. What it cannot evaluate it throws at. `store-port.test.ts` holds it against the real engines.
import type { Attribute, Change, Item, Store } from '../../functions/core/store/client.ts';
import type { ItemKey } from '../../functions/core/store/keys.ts';
import { TABLES, type TableName } from '../../functions/core/store/schema.ts';

export type MemoryStore = Store & {
  /** What is in a table, in the order of keys. */
  all(table: TableName): Item[];
  /** The whole content as one string: equal for equal contents. */
  fingerprint(): string;
};

type Evaluate = (item: Item | undefined, change: Pick<Change, 'names' | 'values'>) => boolean;
type Apply = (before: Item, after: Item, change: Change) => void;

export function createMemoryStore(): MemoryStore {
  const tables: Record<TableName, Map<string, Item>> = { accounts: new Map(), journal: new Map(), conversations: new Map() };
  const place = ({ pk, sk }: { pk: string; sk: string }) => `${pk} ${sk}`;
  const find = (key: ItemKey) => tables[key.table].get(place(key));

  return {
    async get(key) {
      return find(key);
    },

    async getMany(keys) {
      return keys.map(find).filter((item) => item !== undefined);
    },

    async putNew(key, item) {
      const there = find(key);
      if (there) return { applied: false, item: there };
      tables[key.table].set(place(key), normalised({ ...item, pk: key.pk, sk: key.sk }));
      return { applied: true };
    },

    async putMany(items) {
      for (const { key, item } of items) tables[key.table].set(place(key), normalised({ ...item, pk: key.pk, sk: key.sk }));
    },

    async update(key, change) {
      const before = find(key);
      if (!compiledCondition(change.condition)(before, change)) return { applied: false, item: before };
      const after: Item = { ...(before ?? { pk: key.pk, sk: key.sk }) };
      compiledUpdate(change.update)(before ?? {}, after, change);
      tables[key.table].set(place(key), after);
      if (!change.returnsUpdated) return { applied: true };
      const targets = [...change.update.matchAll(/(#\w+) = /g)].map(([, name]) => nameOf(name!, change));
      return { applied: true, updated: Object.fromEntries(targets.map((name) => [name, after[name]!])) };
    },

    async remove(key) {
      tables[key.table].delete(place(key));
    },

    async removeMany(keys) {
      for (const key of keys) tables[key.table].delete(place(key));
    },

    async query({ table, index, partition, from, to, after, limit, newestFirst }) {
      const schema = index ? TABLES[table].indexes.find(({ name }) => name === index)! : TABLES[table];
      const sortOf = (item: Item) => `${item[schema.sortKey]} ${item.pk} ${item.sk}`;
      const direction = newestFirst ? -1 : 1;
      const isInRange = (item: Item) => {
        const sort = String(item[schema.sortKey]);
        const isBounded = from !== undefined && to !== undefined;
        return !isBounded || (sort >= from && sort <= to);
      };
      return [...tables[table].values()]
        .filter((item) => item[schema.partitionKey] === partition && isInRange(item))
        .sort((a, b) => (sortOf(a) < sortOf(b) ? -direction : direction))
        .filter((item) => after === undefined || (newestFirst ? sortOf(item) < sortOf(after) : sortOf(item) > sortOf(after)))
        .slice(0, limit);
    },

    all(table) {
      return [...tables[table].keys()].sort().map((key) => tables[table].get(key)!);
    },

    fingerprint() {
      return `${this.all('accounts').map(textOf).join('\n')}\n\n${this.all('journal').map(textOf).join('\n')}`;
    },
  };
}

const texts = new WeakMap<Item, string>();

/** An item as text, its attributes in order; items are never changed, so each is written once. */
function textOf(item: Item): string {
  let text = texts.get(item);
  if (text === undefined) {
    text = JSON.stringify(
      Object.keys(item)
        .sort()
        .map((name) => [name, item[name]]),
      (_name, value) => (typeof value === 'bigint' ? `${value}n` : value),
    );
    texts.set(item, text);
  }
  return text;
}

/** Numbers come back as bigint, whatever they were written as; what is undefined is not written. */
function normalised<Value extends Attribute>(value: Value): Value {
  if (typeof value === 'number') return BigInt(value) as Value;
  if (Array.isArray(value)) return value.map(normalised) as Value;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([name, part]) => [name, normalised(part)])) as Value;
}

const conditions = new Map<string, Evaluate>();
const updates = new Map<string, Apply>();

function compiledCondition(text: string): Evaluate {
  let compiled = conditions.get(text);
  if (!compiled) {
    const parts = text.split(' AND ').map(conditionPart);
    compiled = (item, change) => parts.every((part) => part(item, change));
    conditions.set(text, compiled);
  }
  return compiled;
}

function conditionPart(text: string): Evaluate {
  const exists = /^attribute_(not_)?exists\((#?\w+)\)$/.exec(text);
  if (exists) {
    const [, not, name] = exists;
    return (item, change) => (operandOf(name!, item ?? {}, change) === undefined) === (not !== undefined);
  }
  const comparison = /^(\S+) (=|<|<=|>|>=) (\S+)$/.exec(text);
  if (!comparison) throw new Error(`The memory store does not know the condition ${text}.`);
  const [, left, operator, right] = comparison as unknown as [string, string, string, string];
  return (item, change) => {
    const a = operandOf(left, item ?? {}, change);
    const b = operandOf(right, item ?? {}, change);
    if (a === undefined || b === undefined || a === null || b === null) return operator === '=' && a === null && b === null;
    if (typeof a !== typeof b) return false;
    switch (operator) {
      case '=':
        return a === b;
      case '<':
        return a < b;
      case '<=':
        return a <= b;
      case '>':
        return a > b;
      default:
        return a >= b;
    }
  };
}

function compiledUpdate(text: string): Apply {
  let compiled = updates.get(text);
  if (!compiled) {
    const form = /^(?:SET (.+?))?(?: ?REMOVE (.+))?$/.exec(text);
    if (!form) throw new Error(`The memory store does not know the update ${text}.`);
    const sets = (form[1]?.split(', ') ?? []).map(assignment);
    const removed = form[2]?.split(', ') ?? [];
    compiled = (before, after, change) => {
      for (const set of sets) set(before, after, change);
      for (const name of removed) delete after[nameOf(name, change)];
    };
    updates.set(text, compiled);
  }
  return compiled;
}

function assignment(text: string): Apply {
  const form = /^(#\w+) = ([#:]\w+)(?: ([+-]) ([#:]\w+))?$/.exec(text);
  if (!form) throw new Error(`The memory store does not know the assignment ${text}.`);
  const [, target, left, operator, right] = form as unknown as [string, string, string, string | undefined, string];
  return (before, after, change) => {
    const a = operandOf(left, before, change);
    if (a === undefined) throw new Error(`${text}: there is no ${left}.`);
    if (operator === undefined) {
      after[nameOf(target, change)] = a;
      return;
    }
    const b = operandOf(right, before, change);
    if (typeof a !== 'bigint' || typeof b !== 'bigint') throw new Error(`${text}: both sides must be numbers.`);
    after[nameOf(target, change)] = operator === '+' ? a + b : a - b;
  };
}

function nameOf(text: string, { names }: Pick<Change, 'names'>): string {
  if (!text.startsWith('#')) return text;
  const name = names[text];
  if (name === undefined) throw new Error(`The name ${text} is not given.`);
  return name;
}

function operandOf(text: string, item: Item, change: Pick<Change, 'names' | 'values'>): Attribute | undefined {
  if (!text.startsWith(':')) return item[nameOf(text, change)];
  const value = change.values[text];
  if (value === undefined) throw new Error(`The value ${text} is not given.`);
  return normalised(value);
}
