// Lists of keys, filtered and in order, page by page. Law: a page looks at a bounded number of rows, however many keys there are; what no
// index answers is looked for on the way, and the next page goes on where this one stopped.
import type { Item, Store } from '../store/client.ts';
import { accountKey, findingKey } from '../store/keys.ts';
import { END_OF_NAME, fold, foldedName, readRow } from './finding-rows.ts';
import { createNarrowKeys, type Search } from './narrow-keys.ts';
import type { ItemPage } from './owners.ts';

export type KeySort = 'createdAt' | '-createdAt' | 'name' | '-name';

export type KeysQuestion = {
  email?: string | undefined;
  tag?: string | undefined;
  groupId?: string | undefined;
  userId?: string | undefined;
  role?: string | undefined;
  /** Where rows can find it they lead the way; whether a key holds it, `wants` decides. */
  search?: Search | undefined;
  sort: KeySort;
  limit: number;
  /** The `next` of the page before. */
  after?: string | undefined;
  /** What is asked besides. */
  wants?: ((item: Item) => boolean) | undefined;
};

export type ListKeys = (question: KeysQuestion) => Promise<ItemPage>;

/** A row of an index: where it stands, and the key it names. `mark` where it has to be the key's own. */
type Row = { place: string; id: string; mark?: string };
type Read = (after: string | undefined, limit: number) => Promise<Row[]>;

const CHUNK = 100;
const MOST_LOOKED_AT = 1_000;
const PLACE = /(?:^key_[0-9A-Za-z]{22}|key_[0-9A-Za-z]{22}~\w{1,40})$/;
const KEY_ID = /key_[0-9A-Za-z]{22}/;

/** Whether a text could be the `next` of a page. */
export function isPlace(text: string): boolean {
  return text.length <= 1_000 && text.isWellFormed() && PLACE.test(text);
}

export function createListKeys(store: Store): ListKeys {
  const { searched } = createNarrowKeys(store);
  return async (question) => {
    const { limit, wants, email, tag, groupId, userId, role, search } = question;
    const found = search && (await searched(search));
    const read = found ? await ofFound(store, found, question) : sourceOf(store, question);
    const isWanted = (row: Row, item: Item) =>
      (row.mark === undefined || item.finding === row.mark) &&
      (email === undefined || (item.email !== null && fold(String(item.email)) === fold(email))) &&
      (tag === undefined || (item.tags as string[]).includes(tag)) &&
      (groupId === undefined || item.groupId === groupId) &&
      (userId === undefined || item.userId === userId) &&
      (role === undefined || item.role === role) &&
      (wants === undefined || wants(item));
    const isPlain = [wants, email, tag, groupId, userId, role].every((filter) => filter === undefined);
    // One more than the page tells whether there is a next one.
    const chunk = isPlain ? limit + 1 : Math.max(limit + 1, CHUNK);
    const items: Item[] = [];
    let place = question.after;
    for (let seen = 0; seen < MOST_LOOKED_AT; seen += chunk) {
      const rows = await read(place, Math.min(chunk, MOST_LOOKED_AT - seen));
      const there = await itemsOf(store, rows);
      for (const row of rows) {
        if (items.length === limit) return { items, next: place };
        place = row.place;
        const item = there.get(row.id);
        if (item && isWanted(row, item)) items.push(item);
      }
      if (rows.length < chunk) return { items, next: seen + rows.length >= MOST_LOOKED_AT ? place : undefined };
    }
    return { items, next: place };
  };
}

async function itemsOf(store: Store, rows: Row[]): Promise<Map<string, Item>> {
  const ids = [...new Set(rows.map(({ id }) => id))];
  const items = await store.getMany(ids.map(accountKey));
  return new Map(items.map((item) => [String(item.id), item]));
}

/** The narrowest way to what is asked for, in the order that is asked for. */
function sourceOf(store: Store, { sort, email, tag, groupId, userId, role }: KeysQuestion): Read {
  const newestFirst = sort.startsWith('-');
  if (sort.endsWith('name')) return ofRows(store, 'name', '', newestFirst);
  if (email !== undefined) return ofRows(store, 'email', fold(email), newestFirst);
  if (userId !== undefined) return ofIndex(store, 'byUser', { userId }, newestFirst);
  if (groupId !== undefined) return ofIndex(store, 'byGroup', { groupId }, newestFirst);
  if (tag !== undefined) return ofRows(store, 'tag', tag, newestFirst);
  if (role !== undefined) return ofRows(store, 'role', role, newestFirst);
  return ofIndex(store, 'byKind', { kind: 'key' }, newestFirst);
}

/** Keys that a search has found, all of them known: by name they have to be read once to be put in order. */
async function ofFound(store: Store, ids: string[], { sort }: KeysQuestion): Promise<Read> {
  const rows: Row[] = sort.endsWith('name') ? await byName(store, ids) : ids.map((id) => ({ place: id, id }));
  rows.sort((a, b) => Buffer.compare(Buffer.from(a.place), Buffer.from(b.place)) * (sort.startsWith('-') ? -1 : 1));
  return async (after, limit) => {
    const start = after === undefined ? 0 : rows.findIndex(({ place }) => isBehind(place, after, sort));
    return start < 0 ? [] : rows.slice(start, start + limit);
  };
}

async function byName(store: Store, ids: string[]): Promise<Row[]> {
  const items = [
    ...(
      await itemsOf(
        store,
        ids.map((id) => ({ place: id, id })),
      )
    ).values(),
  ];
  return items.map(({ id, name, finding }) => ({
    ...{ id: String(id), mark: String(finding) },
    place: `${foldedName(String(name))}${END_OF_NAME}${id}~${finding}`,
  }));
}

/** Whether a row comes after the place that the page before ended at. A page of another way may have ended at the row of an index. */
function isBehind(place: string, after: string, sort: KeySort): boolean {
  const [one, other] = sort.endsWith('name') ? [place, after] : [place, KEY_ID.exec(after)![0]];
  const order = Buffer.compare(Buffer.from(one), Buffer.from(other));
  return sort.startsWith('-') ? order < 0 : order > 0;
}

function ofRows(store: Store, facet: 'name' | 'email' | 'role' | 'tag', value: string, newestFirst: boolean): Read {
  return async (after, limit) => {
    const { table, pk: partition } = findingKey(facet, value, '');
    const start = after === undefined ? undefined : { pk: partition, sk: after };
    const rows = await store.query({ table, partition, after: start, limit, newestFirst });
    return rows.map((row) => ({ place: String(row.sk), ...readRow(row) }));
  };
}

function ofIndex(store: Store, index: string, partition: Record<string, string>, newestFirst: boolean): Read {
  return async (after, limit) => {
    const start = after === undefined ? undefined : startOf(KEY_ID.exec(after)![0], partition);
    const [value] = Object.values(partition);
    const rows = await store.query({ table: 'accounts', index, partition: value!, after: start, limit, newestFirst });
    return rows.map(({ id }) => ({ place: String(id), id: String(id) }));
  };
}

function startOf(id: string, partition: Record<string, string>): Item {
  const { pk, sk } = accountKey(id);
  return { pk, sk, ...partition, id };
}
