// Pages of several owners as one, newest first. Pure.
// Law: nothing is shown that lies behind a place up to which some owner has not been read, so the next page leaves nothing out.
import type { Page } from './walk.ts';

/** `placeOf`: where a value stands in its list; places of all owners are of one order. */
export function mergePages<Value>(pages: readonly Page<Value>[], limit: number, placeOf: (value: Value) => string): Page<Value> {
  const ends = pages.map(({ next }) => next).filter((next) => next !== undefined);
  const frontier = ends.reduce((newest, end) => (end > newest ? end : newest), '');
  const known = pages
    .flatMap(({ items }) => items)
    .filter((value) => placeOf(value) >= frontier)
    .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
  const items = known.slice(0, limit);
  if (known.length > limit) return { items, next: placeOf(items.at(-1)!) };
  return { items, next: frontier === '' ? undefined : frontier };
}
