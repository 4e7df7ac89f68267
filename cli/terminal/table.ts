// Tables that fit: columns of little weight are left out where there is no room, then long texts are cut. Pure.
import { cutText, padText, plainText, textWidth } from './text-width.ts';

export type Column<Row> = {
  title: string;
  text: (row: Row) => string;
  align?: 'right';
  /** Left out where room is short, the highest first. Without it: never. */
  rank?: number;
  /** May be cut to so many columns. Ids and amounts may not: half of one is worse than none. */
  least?: number;
};

const GAP = '  ';
/** A text that is longer than this is cut before a column is left out for it. */
const EASY_WIDTH = 24;

/** Lines with their ends; `width` undefined: as wide as it gets. */
export function toTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width?: number, head = (line: string) => line): string {
  const cells = columns.map((column) => ({ ...column, texts: rows.map((row) => plainText(column.text(row))) }));
  let shown = cells.map((cell) => ({ ...cell, width: Math.max(textWidth(cell.title), ...cell.texts.map(textWidth)) }));
  const over = (widthOf: (cell: (typeof shown)[number]) => number) =>
    shown.reduce((sum, cell) => sum + widthOf(cell), 0) + GAP.length * (shown.length - 1) - (width ?? Number.POSITIVE_INFINITY);
  while (over(easyWidth) > 0) {
    const highest = Math.max(...shown.map(({ rank }) => rank ?? 0));
    if (highest === 0) break;
    shown = shown.toSpliced(shown.map(({ rank }) => rank).lastIndexOf(highest), 1);
  }
  shrink(
    shown,
    over((cell) => cell.width),
  );
  const lineOf = (texts: string[]) =>
    texts
      .map((text, index) =>
        padText(cutText(text, shown[index]!.width), shown[index]!.width, shown[index]!.align === 'right' ? 'right' : 'left'),
      )
      .join(GAP)
      .trimEnd();
  const lines = [head(lineOf(shown.map(({ title }) => title))), ...rows.map((_, row) => lineOf(shown.map(({ texts }) => texts[row]!)))];
  return lines.map((line) => `${line}\n`).join('');
}

/** What a cell needs to be read with ease. */
function easyWidth({ width, least }: { width: number; least?: number }): number {
  return least === undefined ? width : Math.min(width, Math.max(least, EASY_WIDTH));
}

/** Takes `excess` columns off the cells that may be cut, the widest first. */
function shrink(cells: { width: number; least?: number }[], excess: number): void {
  for (let left = excess; left > 0; left -= 1) {
    const spare = cells.map(({ width, least }) => (least !== undefined && width > least ? width : 0));
    const widest = Math.max(...spare, 0);
    if (widest === 0) return;
    cells[spare.indexOf(widest)]!.width -= 1;
  }
}

/** A label and a text on each line; what has no text is left out. */
export function toPairs(pairs: readonly [string, string | null | undefined][], head = (text: string) => text): string {
  const told = pairs.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== undefined && pair[1] !== '');
  const width = Math.max(...told.map(([label]) => textWidth(label)), 0);
  return told.map(([label, text]) => `${head(padText(label, width))}${GAP}${plainText(text)}\n`).join('');
}
