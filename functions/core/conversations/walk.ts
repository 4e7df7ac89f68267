// Lists of conversations page by page, filtered on the way: a page ends when it is full, or when enough was looked at for one request.
import { monthOf } from '../platform/clock.ts';
import { firstIdAt } from '../platform/ids.ts';
import type { Item } from '../store/client.ts';

/** `from` and `to` in ms, `to` excluded; `after` is the `next` of the page before. */
export type Range = { from: number; to: number; limit: number; after?: string; isOldestFirst?: boolean };

/** `next` is there when there may be more, however few this page has. */
export type Page<Value> = { items: Value[]; next: string | undefined };

/** One row of a list: its place, and what stands there if it still does. */
export type Row<Value> = { at: string; value: Value | undefined };

/** Reads rows between two places, both included. */
type Read<Value> = (from: string, to: string, limit: number) => Promise<Row<Value>[]>;

const CHUNK = 100;
const MOST_LOOKED_AT = 1_000;

export async function walk<Value>(range: Range, read: Read<Value>, wants?: (value: Value) => boolean): Promise<Page<Value>> {
  const items: Value[] = [];
  // One more than the page tells whether there is a next one; one more than that is the last row of the page before.
  const chunk = Math.max(range.limit + 2, wants ? CHUNK : 0);
  let after = range.after;
  for (let seen = 0; seen < MOST_LOOKED_AT; seen += chunk) {
    const [low, high] = boundsOf(range, after);
    if (low > high) return { items, next: undefined };
    const rows = await read(low, high, chunk);
    for (const { at, value } of rows) {
      if (at === after) continue;
      if (items.length === range.limit) return { items, next: after };
      after = at;
      if (value !== undefined && (!wants || wants(value))) items.push(value);
    }
    if (rows.length < chunk) return { items, next: undefined };
  }
  return { items, next: after };
}

function boundsOf({ from, to, isOldestFirst }: Range, after: string | undefined): [low: string, high: string] {
  const [low, high] = [firstIdAt('req', from), firstIdAt('req', to)];
  if (after === undefined) return [low, high];
  return isOldestFirst ? [after > low ? after : low, high] : [low, after < high ? after : high];
}

/** Rows that an index has named, with the values as they are now. */
export async function rowsOf<Value>(
  keys: Item[],
  readAll: (keys: Item[]) => Promise<Value[]>,
  isAt: (key: Item, value: Value) => boolean,
): Promise<Row<Value>[]> {
  const values = await readAll(keys);
  return keys.map((key) => ({ at: String(key.at), value: values.find((value) => isAt(key, value)) }));
}

/** The months from the newest moment (ms) back to the oldest. */
export function monthsBack(newest: number, oldest: number): string[] {
  const months: string[] = [];
  const last = monthOf(oldest);
  for (let month = monthOf(newest); month >= last; month = monthOf(Date.parse(`${month}-01T00:00:00Z`) - 1)) months.push(month);
  return months;
}
