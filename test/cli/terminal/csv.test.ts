import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../../cli/failure.ts';
import { parseCsv, toCsv } from '../../../cli/terminal/csv.ts';

describe('CSV', () => {
  test('comes back as it was written, whatever a cell holds', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', '=', '-', "'", '1', '你') });
    fc.assert(
      fc.property(fc.array(fc.record({ a: cell, b: cell }), { minLength: 1, maxLength: 4 }), (rows) => {
        // A line of nothing is nothing, and an apostrophe before a formula is the guard itself.
        fc.pre(rows.every(({ a, b }) => `${a}${b}` !== '' && ![a, b].some((text) => text.startsWith("'"))));
        expect(parseCsv(toCsv(['a', 'b'], rows)).rows.map(({ cells }) => cells)).toEqual(rows);
      }),
    );
  });

  test('writes no formula a spreadsheet would run, and leaves numbers alone', () => {
    const csv = toCsv(['a', 'b'], [{ a: '=HYPERLINK("x")', b: '-2.5' }]);
    expect(csv).toBe('a,b\r\n"\'=HYPERLINK(""x"")",-2.5\r\n');
  });

  test('tells the line a row began on, behind cells of several lines, empty lines and a byte order mark', () => {
    const { columns, rows } = parseCsv('\ufeffname,email\n"a\nb",x@y.z\n\nc,\n');
    expect(columns).toEqual(['name', 'email']);
    expect(rows).toEqual([
      { line: 2, cells: { name: 'a\nb', email: 'x@y.z' } },
      { line: 5, cells: { name: 'c', email: '' } },
    ]);
  });

  test.each([
    ['an open quotation mark', 'a\n"b', /Line 2 is no CSV/],
    ['a quotation mark inside', 'a\nb"c\n', /Line 2 is no CSV/],
    ['too many cells', 'a\nb,c\n', /Line 2 has 2 cells/],
    ['the same column twice', 'a,a\n', /twice/],
    ['nothing at all', '', /empty/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseCsv(text)).toThrow(message);
    expect(() => parseCsv(text)).toThrow(CommandError);
  });
});
