// The list of keys by limit and offset. In the order they were made, or by name, it costs one query of what is passed over and one page,
// however many there are. A filter, or an order by money, is answered from as many keys as one page may look at.
import { LONGEST_TERM } from '../../core/access/finding-rows.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import { type KeysWanted, MOST_NARROWED, type Search } from '../../core/access/narrow-keys.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Item } from '../../core/store/client.ts';
import { countKeys } from '../count-keys.ts';
import { findGroup, type Groups } from './find-group.ts';
import { type Money, moneyOf } from './key-shapes.ts';
import { type Asked, isFound, slice } from './pages.ts';

/** As far as one can page: what is passed over is read. */
export const FARTHEST_OFFSET = 100_000;

type Filters = { name?: string; role?: string; groupId?: number };
export type KeyQuestion = Asked & Filters & { orderBy?: string };

type Dependencies = Groups & { keys: KeyStore; ledger: Ledger };
type Compare = (a: Item, b: Item) => number;
type Found = { items: Item[]; total: number };

export async function listKeys(dependencies: Dependencies, question: KeyQuestion): Promise<Found> {
  const { q, name, role, groupId } = question;
  const [column, sign] = orderOf(question.orderBy);
  const isFiltered = q !== '' || Boolean(name) || Boolean(role) || Boolean(groupId);
  if (!isFiltered && (column === 'id' || column === 'name')) return pageInOrder(dependencies, question, { column, sign });
  const isSearchAlone = !name && !role && !groupId && column === 'id' && sign < 0 && isWhole(q);
  const found = isSearchAlone ? await dependencies.keys.searched(searchFor(q)) : undefined;
  if (found) return { items: await dependencies.keys.readMany(slice(found, question)), total: found.length };
  return pageOfNarrowed(dependencies, question, { column, sign });
}

/** At least as many are read as are counted exactly, so that the total of a small gateway needs no tally. */
async function pageInOrder(
  { keys }: Dependencies,
  question: KeyQuestion,
  { column, sign }: { column: 'id' | 'name'; sign: 1 | -1 },
): Promise<Found> {
  const asked = Math.max(question.offset + question.limit, MOST_NARROWED) + 1;
  const ids = column === 'id' ? await keys.idsInOrder(asked, sign < 0) : await keys.idsByName(asked, sign < 0);
  const [items, total] = await Promise.all([keys.readMany(slice(ids, question)), countKeys(keys, { asked, came: ids.length })]);
  return { items, total };
}

async function pageOfNarrowed(
  dependencies: Dependencies,
  question: KeyQuestion,
  { column, sign }: { column: string; sign: 1 | -1 },
): Promise<Found> {
  const { keys, ledger } = dependencies;
  const { q, name, role, groupId } = question;
  const group = groupId ? await findGroup(dependencies, groupId) : undefined;
  if (groupId && !group) return { items: [], total: 0 };
  const wanted: KeysWanted = {
    ...(q !== '' && { search: searchFor(q) }),
    ...(name && { name }),
    ...(role && { role }),
    ...(group && { groupId: String(group.id) }),
  };
  const { ids } = await keys.narrowed(wanted);
  const wants = (item: Item) =>
    (!group || item.groupId === group.id) &&
    (!name || item.name === name) &&
    (!role || item.role === role) &&
    isFound(q, [String(item.name), item.email as string | null]);
  const found = (await keys.readMany(ids)).filter(wants);
  const isNewestFirst = column === 'id' && sign < 0;
  if (!isNewestFirst) found.sort(compareBy(column, sign, ledger));
  return { items: slice(found, question), total: found.length };
}

const searchFor = (q: string): Search => ({ text: q, in: ['name', 'email'] });

/** Whether rows alone tell that a text holds it. */
const isWhole = (q: string): boolean => q === q.trimStart() && [...q].length <= LONGEST_TERM;

const MONEY: Record<string, (money: Money) => bigint> = {
  total: ({ total }) => total,
  month: ({ month }) => month,
  balance: ({ balance }) => balance,
  // No quota is more than any.
  quota: ({ quota }) => quota ?? 10n ** 38n,
};

/** `total-1` and the like: 0 is upwards, 1 downwards. Newest first for what is no order of these. */
function orderOf(orderBy: string | undefined): [column: string, sign: 1 | -1] {
  const [, column, direction] = /^(id|month|name|total|quota|balance|update)-([01])$/.exec(orderBy ?? '') ?? [];
  return column === undefined ? ['id', -1] : [column, direction === '0' ? 1 : -1];
}

function compareBy(column: string, sign: 1 | -1, ledger: Ledger): Compare {
  const compare = compareUpwards(column, ledger);
  return (a, b) => sign * (compare(a, b) || ordered(String(a.id), String(b.id)));
}

function compareUpwards(column: string, ledger: Ledger): Compare {
  const amount = MONEY[column];
  if (amount) return (a, b) => ordered(amount(moneyOf(ledger.view(a))), amount(moneyOf(ledger.view(b))));
  if (column === 'name') return (a, b) => ordered(String(a.name), String(b.name));
  if (column === 'update') return (a, b) => ordered(a.updatedAt as bigint, b.updatedAt as bigint);
  return () => 0;
}

function ordered<Value extends string | bigint>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
