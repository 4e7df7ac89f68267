// The list of keys by limit and offset. In the order they were made it costs one query and one page, however many there are; a search or
// another order looks at the newest keys, as many as the bound says.
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Item } from '../../core/store/client.ts';
import { findGroup, type Groups } from './find-group.ts';
import { type Money, moneyOf } from './key-shapes.ts';
import { type Asked, isFound, slice } from './pages.ts';

/** Keys that a list counts, and that one can page to. */
export const MOST_KEYS = 10_000;
/** Keys that a search or another order looks at. */
const MOST_SEARCHED = 5_000;

type Filters = { name?: string; role?: string; groupId?: number };
export type KeyQuestion = Asked & Filters & { orderBy?: string };

type Dependencies = Groups & { ledger: Ledger };
type Compare = (a: Item, b: Item) => number;

export async function listKeys(dependencies: Dependencies, question: KeyQuestion): Promise<{ items: Item[]; total: number }> {
  const { numbers } = dependencies;
  const order = orderOf(question.orderBy, dependencies);
  const isPlain = !order && question.q === '' && !question.name && !question.role && !question.groupId;
  if (isPlain) {
    const ids = await numbers.newestIds('key', MOST_KEYS);
    return { items: await numbers.readMany(slice(ids, question)), total: ids.length };
  }
  const wants = await wantsOf(dependencies, question);
  const found = (await numbers.readMany(await numbers.newestIds('key', MOST_SEARCHED))).filter(wants);
  return { items: slice(order ? found.toSorted(order) : found, question), total: found.length };
}

async function wantsOf(dependencies: Dependencies, { q, name, role, groupId }: KeyQuestion): Promise<(item: Item) => boolean> {
  const group = groupId ? await findGroup(dependencies, groupId) : undefined;
  return (item) => {
    const isIn = !groupId || (group !== undefined && item.groupId === group.id);
    return (
      isIn && (!name || item.name === name) && (!role || item.role === role) && isFound(q, [String(item.name), item.email as string | null])
    );
  };
}

const MONEY: Record<string, (money: Money) => bigint> = {
  total: ({ total }) => total,
  month: ({ month }) => month,
  balance: ({ balance }) => balance,
  // No quota is more than any.
  quota: ({ quota }) => quota ?? 10n ** 38n,
};

/** `total-1` and the like: 0 is upwards, 1 downwards. `undefined` for newest first, and for what is no order of these. */
function orderOf(orderBy: string | undefined, { ledger }: Dependencies): Compare | undefined {
  const [, column = '', direction] = /^(id|month|name|total|quota|balance|update)-([01])$/.exec(orderBy ?? '') ?? [];
  if (column === '' || orderBy === 'id-1') return undefined;
  const sign = direction === '0' ? 1 : -1;
  const compare = compareBy(column, ledger);
  return (a, b) => sign * (compare(a, b) || ordered(String(a.id), String(b.id)));
}

function compareBy(column: string, ledger: Ledger): Compare {
  const amount = MONEY[column];
  if (amount) return (a, b) => ordered(amount(moneyOf(ledger.view(a))), amount(moneyOf(ledger.view(b))));
  if (column === 'name') return (a, b) => ordered(String(a.name), String(b.name));
  if (column === 'update') return (a, b) => ordered(a.updatedAt as bigint, b.updatedAt as bigint);
  return () => 0;
}

function ordered<Value extends string | bigint>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
