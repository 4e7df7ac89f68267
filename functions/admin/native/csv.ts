// CSV (RFC 4180) that people send, as rows by the names of the first line. Law: what a spreadsheet was kept from running is read as it was. Pure.
import { GatewayError } from '../../core/platform/errors.ts';

type Row = Record<string, string>;

export function parseCsv(text: string): { columns: string[]; rows: Row[] } {
  const [columns = [], ...records] = recordsOf(text.replace(/^\ufeff/, ''));
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw fault(`The column "${twice}" is there twice.`);
  const rows = records.map((cells, index) => {
    if (cells.length > columns.length) throw fault(`Row ${index + 1} has ${cells.length} cells, but there are ${columns.length} columns.`);
    return Object.fromEntries(columns.map((name, place) => [name, unguarded(cells[place] ?? '')]));
  });
  return { columns: columns.map((name) => name.trim()), rows };
}

/** The counterpart of `textCell`. */
function unguarded(cell: string): string {
  return /^'\s*[=+\-@\t\r|%]/.test(cell) ? cell.slice(1) : cell;
}

function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  const part = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) throw fault('That is no CSV: a quotation mark is not where it may be, or is not closed.');
    const [, cell = '', end] = found;
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    const isAtEnd = part.lastIndex >= text.length;
    if (end === ',' && isAtEnd) cells.push('');
    if (end === ',' && !isAtEnd) continue;
    // Empty lines are nothing.
    if (cells.length > 1 || cells[0] !== '') records.push(cells);
    cells = [];
  }
  return records;
}

function fault(message: string): GatewayError {
  return new GatewayError('invalid_value', message);
}
