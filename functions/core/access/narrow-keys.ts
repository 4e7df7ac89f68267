// Ids of the keys that a question is about, by the narrowest way to them. Law: so many rows are looked at and no more, however many keys there
// are; who asks for more than a way holds is told that it is not all.
import type { Item, Store } from '../store/client.ts';
import { accountKey, findingKey } from '../store/keys.ts';
import { END_OF_NAME, foldedName, type Part, readRow, searchRange } from './finding-rows.ts';

/** `in`: which texts count. */
export type Search = { text: string; in: readonly Part[] };

/** `name`: the whole name. */
export type KeysWanted = {
  search?: Search | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  groupId?: string | undefined;
  role?: string | undefined;
};

/** `isAll`: there are no others. */
export type Narrowed = { ids: string[]; isAll: boolean };

/** Keys that a question is answered from. */
export const MOST_NARROWED = 1_000;
/** Rows of a search: a text may hold it in several places. */
const MOST_SEARCH_ROWS = 1_000;
/** After every id, as keys of an index are sorted. */
const BEHIND_IDS = '~';

export function createNarrowKeys(store: Store) {
  /** The newest first. `undefined` where there are more than a search may look at. */
  async function searched({ text, in: parts }: Search): Promise<string[] | undefined> {
    const range = searchRange(text);
    if (!range) return undefined;
    const rows = await store.query({ table: 'accounts', ...range, limit: MOST_SEARCH_ROWS + 1 });
    if (rows.length > MOST_SEARCH_ROWS) return undefined;
    const found = rows.filter(({ of }) => (of as Part[]).some((part) => parts.includes(part)));
    return newestFirst(new Set(found.map((row) => readRow(row).id)));
  }

  async function ofRows(facet: 'name' | 'role' | 'tag', value: string, range: { from?: string; to?: string } = {}): Promise<Item[]> {
    const { table, pk: partition } = findingKey(facet, value, '');
    return store.query({ table, partition, ...range, limit: MOST_NARROWED + 1, newestFirst: true });
  }

  async function ofIndex(index: string, partition: string, limit: number, isNewestFirst = true): Promise<string[]> {
    const rows = await store.query({ table: 'accounts', index, partition, limit, newestFirst: isNewestFirst });
    return rows.map(({ id }) => String(id));
  }

  /** The narrowest way first. A search that finds too many is none. */
  async function wayTo({ search, name, tag, groupId, role }: KeysWanted): Promise<string[]> {
    const found = search && (await searched(search));
    if (found) return found;
    const idsOf = (rows: Item[]) => newestFirst(new Set(rows.map((row) => readRow(row).id)));
    if (name !== undefined) {
      const start = `${foldedName(name)}${END_OF_NAME}`;
      return idsOf(await ofRows('name', '', { from: start, to: `${start}${BEHIND_IDS}` }));
    }
    if (tag !== undefined) return idsOf(await ofRows('tag', tag));
    if (groupId !== undefined) return ofIndex('byGroup', groupId, MOST_NARROWED + 1);
    if (role !== undefined) return idsOf(await ofRows('role', role));
    return ofIndex('byKind', 'key', MOST_NARROWED + 1);
  }

  return {
    /**
     * Ids among which all the keys are that are wanted, the newest first: no key is left out unless `isAll` is false, and others may be among
     * them, for only one of the wishes leads the way.
     */
    async narrowed(wanted: KeysWanted): Promise<Narrowed> {
      const ids = await wayTo(wanted);
      return { ids: ids.slice(0, MOST_NARROWED), isAll: ids.length <= MOST_NARROWED };
    },

    /** The same where a search alone leads the way; `undefined` where it finds too many. */
    searched,

    /** Those that are still there, in the order of the ids. */
    async readMany(ids: readonly string[]): Promise<Item[]> {
      const items = await store.getMany([...new Set(ids)].map(accountKey));
      const found = new Map(items.map((item) => [String(item.id), item]));
      return ids.map((id) => found.get(id)).filter((item) => item !== undefined);
    },

    /** So many ids of all keys, in the order they were made. */
    idsInOrder: (limit: number, isNewestFirst: boolean): Promise<string[]> => ofIndex('byKind', 'key', limit, isNewestFirst),

    /** So many ids of all keys, by name. */
    async idsByName(limit: number, isDescending: boolean): Promise<string[]> {
      const { table, pk: partition } = findingKey('name', '', '');
      const rows = await store.query({ table, partition, limit, newestFirst: isDescending });
      return [...new Set(rows.map((row) => readRow(row).id))];
    },
  };
}

/** Ids sort by the time they were made. */
function newestFirst(ids: Set<string>): string[] {
  return [...ids].sort().reverse();
}
