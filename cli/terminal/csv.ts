// CSV (RFC 4180), both ways. Law: no cell that is written is a formula to a spreadsheet, and reading takes that guard off again. Pure.
import { usageError } from '../failure.ts';

const FORMULA = /^\s*[=+\-@\t\r|%]/;

export function toCsv(columns: readonly string[], rows: readonly Record<string, string>[]): string {
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map(toCsvLine).join('');
}

export function toCsvLine(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(text: string): string {
  // A number that is negative is no formula.
  const safe = FORMULA.test(text) && !/^-\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Each row by the names of the first line; `line` is where it began, for whoever mends it. Throws a usage error for what is no CSV. */
export function parseCsv(text: string): { columns: string[]; rows: { line: number; cells: Record<string, string> }[] } {
  const [first, ...others] = recordsOf(text.replace(/^\ufeff/, ''));
  if (!first) throw usageError('The file is empty; its first line must name the columns.');
  const columns = first.cells.map((name) => name.trim());
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`The column "${twice}" is there twice.`);
  const rows = others.map(({ line, cells }) => {
    if (cells.length > columns.length) throw usageError(`Line ${line} has ${cells.length} cells, but there are ${columns.length} columns.`);
    return { line, cells: Object.fromEntries(columns.map((name, index) => [name, unguarded(cells[index] ?? '')])) };
  });
  return { columns, rows };
}

function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}

function recordsOf(text: string): { line: number; cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = [];
  let line = 1;
  let startedAt = 1;
  let cells: string[] = [];
  const part = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) throw usageError(`Line ${line} is no CSV: a quotation mark is not where it may be, or is not closed.`);
    const [whole, cell = '', end] = found;
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    line += whole.split('\n').length - 1;
    const isOver = end !== ',' || part.lastIndex >= text.length;
    if (end === ',' && part.lastIndex >= text.length) cells.push('');
    if (!isOver) continue;
    // Empty lines are nothing.
    if (cells.length > 1 || cells[0] !== '') records.push({ line: startedAt, cells });
    cells = [];
    startedAt = line;
  }
  return records;
}
