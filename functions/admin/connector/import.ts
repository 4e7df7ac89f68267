// POST /admin/api-key/import: a key for each row of a CSV file. Law: the whole file is read before the first key is made.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { GatewayError } from '../../core/platform/errors.ts';
import { authorOf } from '../access.ts';
import type { AdminVariables } from '../problem.ts';
import { type Fields, lineIn, readFields } from './fields.ts';
import { createApply, type KeysDependencies, readNewKey } from './keys.ts';

/** As many as are made before API Gateway stops waiting. */
const MOST_ROWS = 500;
/** By the first of them that a row says something in. */
const NAMES = ['cognito:username', 'username', 'user name', 'name'];
const EMAILS = ['email', 'e-mail', 'mail', 'email address'];

export function addImport(app: OpenAPIHono<AdminVariables>, dependencies: KeysDependencies): void {
  const apply = createApply(dependencies);

  app.post('/admin/api-key/import', async (c) => {
    const { file, month_quota, group_id } = await readFields(c);
    const rows = peopleIn(file instanceof File ? await file.text() : file).map((person) => ({ ...person, month_quota, group_id }));
    for (const row of rows) await readNewKey(dependencies, row);
    const made: object[] = [];
    for (const row of rows) {
      const { item, secret } = await apply(row, authorOf(c.get('principal')));
      made.push({ id: await dependencies.numbers.numberOf(item), name: item.name, email: item.email ?? '', api_key: secret });
    }
    // Beside the old answer: nobody can see these secrets later.
    return c.json({ success: true, data: 'OK', keys: made });
  });
}

function peopleIn(file: unknown): Fields[] {
  const [header = [], ...rows] = typeof file === 'string' ? cellsOf(file) : [];
  const columns = header.map((title) => title.trim().toLowerCase());
  const [nameAt, emailAt] = [NAMES, EMAILS].map((titles) => titles.map((title) => columns.indexOf(title)).filter((at) => at >= 0));
  if (nameAt!.length === 0 || rows.length === 0) throw badFile();
  if (rows.length > MOST_ROWS) throw new GatewayError('invalid_value', `At most ${MOST_ROWS} keys are made of one file.`);
  return rows.map((row) => {
    const cell = (places: number[]) => places.map((at) => row[at]?.trim()).find((text) => text);
    const person = { name: cell(nameAt!), email: cell(emailAt!) };
    if (lineIn(person, 'name') === undefined) throw badFile();
    return person;
  });
}

/** Rows of cells, by RFC 4180; empty rows are none. Each cell begins where the one before ended, so a file takes the time of its length. */
function cellsOf(given: string): string[][] {
  const text = given.replace(/^\uFEFF/, '');
  let read = 0;
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [whole, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy)) {
    read += whole.length;
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.some((cell) => cell.trim() !== '')) rows.push(row);
    row = [];
  }
  if (read < text.length) throw badFile();
  return rows;
}

function badFile(): GatewayError {
  return new GatewayError('invalid_value', 'Please upload a properly formatted CSV file.');
}
