// Several lists read as one: page after page, everything in order, once, also where a read ended early because it looked at enough.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePages } from '../../../functions/core/conversations/merge-pages.ts';
import type { Page } from '../../../functions/core/conversations/walk.ts';

const place = (number: number) => String(number).padStart(3, '0');

/** As `walk` reads: at most `most` rows are looked at, those with an even number are wanted. */
function read(rows: string[], after: string | undefined, limit: number, most: number): Page<string> {
  const rest = rows.filter((row) => after === undefined || row < after);
  const items: string[] = [];
  let seen: string | undefined;
  for (const row of rest.slice(0, most)) {
    if (items.length === limit) return { items, next: seen };
    seen = row;
    if (Number(row) % 2 === 0) items.push(row);
  }
  return { items, next: rest.length > most ? seen : undefined };
}

test('nothing is left out, seen twice or out of order', () => {
  const owner = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 25 });
  const owners = fc.array(owner, { minLength: 2, maxLength: 4 }).filter((all) => new Set(all.flat()).size === all.flat().length);
  fc.assert(
    fc.property(owners, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (all, limit, most) => {
      const lists = all.map((numbers) => numbers.map(place).sort().reverse());
      const shown: string[] = [];
      let after: string | undefined;
      for (let isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const pages = lists.map((rows) => read(rows, after, limit, most));
        const page = mergePages(pages, limit, (row) => row);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        shown.push(...page.items);
        after = page.next;
      }
      const wanted = lists.flat().filter((row) => Number(row) % 2 === 0);
      expect(shown).toEqual(wanted.sort().reverse());
    }),
  );
});
