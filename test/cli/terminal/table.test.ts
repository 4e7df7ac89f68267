import { describe, expect, test } from 'vitest';
import { type Column, toPairs, toTable } from '../../../cli/terminal/table.ts';
import { cutText, padText, plainText, textWidth } from '../../../cli/terminal/text-width.ts';

type Row = { id: string; name: string; cost: string };
const COLUMNS: Column<Row>[] = [
  { title: 'Id', text: ({ id }) => id, rank: 1 },
  { title: 'Name', text: ({ name }) => name, least: 6 },
  { title: 'Cost', text: ({ cost }) => cost, align: 'right' },
];
const ROWS = [
  { id: 'key_1', name: 'Search team', cost: '0.0105' },
  { id: 'key_22', name: '测试组', cost: '12' },
];

describe('a table', () => {
  test('lines its columns up, amounts to the right, and characters of two columns count as two', () => {
    expect(toTable(ROWS, COLUMNS)).toBe(
      ['Id      Name           Cost', 'key_1   Search team  0.0105', 'key_22  测试组           12', ''].join('\n'),
    );
  });

  test.each([
    { width: 27, first: 'Id      Name           Cost', second: 'key_1   Search team  0.0105' },
    { width: 26, first: 'Name           Cost', second: 'Search team  0.0105' },
    { width: 16, first: 'Name        Cost', second: 'Search …  0.0105' },
    { width: 4, first: 'Name      Cost', second: 'Searc…  0.0105' },
  ])('in $width columns leaves out the least column, then cuts names, never amounts', ({ width, first, second }) => {
    expect(toTable(ROWS, COLUMNS, width).split('\n').slice(0, 2)).toEqual([first, second]);
  });

  test('cuts a long name before it leaves out a column', () => {
    const long = [{ id: 'key_1', name: 'n'.repeat(60), cost: '0.0105' }];
    expect(toTable(long, COLUMNS, 40).split('\n')[1]).toBe(`key_1  ${'n'.repeat(24)}…  0.0105`);
  });

  test('shows what would steer the terminal as a sign, so that a name cannot', () => {
    const told = toTable([{ id: 'a', name: '\u001b[31mred\nline\u202e', cost: '1' }], COLUMNS);
    expect(told).toContain('\ufffd[31mred\ufffdline\ufffd');
    expect(told.split('\n')).toHaveLength(3);
  });
});

test('pairs leave out what is not there', () => {
  expect(
    toPairs([
      ['Id', 'a'],
      ['Balance', null],
      ['Name', ''],
    ]),
  ).toBe('Id  a\n');
});

test.each([
  ['abc', 3],
  ['你好', 4],
  ['e\u0301', 1],
  ['🙂', 2],
  ['', 0],
])('%j takes %d columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('a cut text is never wider than it may be, not by half a character either', () => {
  expect(cutText('你好吗', 4)).toBe('你…');
  expect(cutText('abc', 0)).toBe('');
  expect(padText('你', 4, 'right')).toBe('  你');
  expect(plainText('a\tb')).toBe('a\ufffdb');
});
