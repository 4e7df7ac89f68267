// Keys to CSV and from it. Law: nothing is made before the whole file has been read and found right, and a secret is in its file before the
// next key is made.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Run } from '../action.ts';
import { CommandError, usageError } from '../failure.ts';
import type { Gateway } from '../gateway/client.ts';
import { parseCsv, toCsv, toCsvLine } from '../terminal/csv.ts';
import { counted, type Report } from '../terminal/report.ts';
import { type Body, toList } from './account-fields.ts';
import { type FilterOptions, findAccounts } from './account-list.ts';
import type { Account } from './account-view.ts';
import { openSecretFile } from './secret-file.ts';

export type ExportOptions = FilterOptions & { out?: string };
export type ImportOptions = { apply?: boolean; secrets?: string; startAt?: string; newSecrets?: boolean };
/** A key to be made, and closed where it was. */
export type NewKey = { line: number; body: Body; secret?: string | undefined; revoked?: { reason: string } | undefined };

const TEXTS = ['name', 'email', 'role', 'monthlyBudget', 'balance', 'lifetimeBudget', 'expiresAt', 'groupId', 'userId'];
const LISTS = ['tags', 'models'];
const TAKEN = [...TEXTS, ...LISTS, 'maxParallel'];
/** Of an export, and of no use to a new key. */
const TOLD = ['id', 'status', 'secretHint', 'spentMonth', 'spentLifetime', 'held', 'remaining', 'createdAt', 'updatedAt'];
/** Of an import alone: the secret its clients have already. */
const CHOSEN = 'secret';
const SECRET_COLUMNS = ['line', 'name', 'id', 'secret'];

export async function exportKeys({ options, report, gateway }: Run<ExportOptions>): Promise<void> {
  const { items } = await findAccounts(gateway(), 'key', options, Number.POSITIVE_INFINITY, (count) =>
    report.progress(`Read ${count} keys …`),
  );
  const csv = toCsv([...TAKEN, 'revoked', 'revokedReason', ...TOLD], items.map(toRow));
  if (options.out === undefined) return report.answer({ items }, () => csv);
  writeFileSync(options.out, csv, { mode: 0o600 });
  report.answer({ file: options.out, keys: items.length }, () => '');
  report.note(`${options.out} holds ${counted(items.length, 'key')}.`);
}

function toRow(key: Account): Record<string, string> {
  const { tags, models = [], spent, maxParallel, revoked } = key;
  const texts = [...TEXTS, 'revokedReason', 'id', 'secretHint', 'held', 'remaining', 'createdAt', 'updatedAt'] as (keyof Account)[];
  return {
    ...Object.fromEntries(texts.map((name) => [name, String(key[name] ?? '')])),
    tags: tags.join(';'),
    models: models.join(';'),
    maxParallel: maxParallel === null ? '' : String(maxParallel),
    revoked: String(revoked),
    status: revoked ? 'revoked' : 'active',
    spentMonth: spent.month,
    spentLifetime: spent.lifetime,
  };
}

export async function importKeys(run: Run<ImportOptions>, path?: string): Promise<void> {
  await makeKeys(run, parseKeys(readText(path!)));
}

/** Throws a usage error for the first thing that is wrong. */
function parseKeys(text: string): NewKey[] {
  const { columns, rows } = parseCsv(text);
  const known = [...TAKEN, CHOSEN, 'revoked', 'revokedReason', ...TOLD];
  const unknown = columns.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw usageError(`There is no column "${unknown[0]}". Known: ${[...TAKEN, CHOSEN, 'revoked', 'revokedReason'].join(', ')}.`);
  if (!columns.includes('name')) throw usageError('The column "name" is missing; every key needs one.');
  return rows.map(({ line, cells }) => {
    const body: Body = {};
    for (const name of TEXTS) if (cells[name]) body[name] = cells[name];
    for (const name of LISTS) if (cells[name]) body[name] = toList(cells[name], ';');
    if (cells.maxParallel) body.maxParallel = countOf(cells.maxParallel, line);
    if (body.name === undefined) throw usageError(`Line ${line} has no name.`);
    const isRevoked = cells.revoked?.toLowerCase() === 'true';
    return {
      line,
      body,
      secret: cells[CHOSEN] || undefined,
      revoked: isRevoked ? { reason: cells.revokedReason || 'revoked before the import' } : undefined,
    };
  });
}

/** Shows the keys, or with `--apply` makes them one after the other. */
export async function makeKeys({ options, report, terminal, gateway }: Run<ImportOptions>, all: NewKey[]): Promise<void> {
  const startAt = Number(options.startAt ?? 0);
  if (!Number.isInteger(startAt) || startAt < 0)
    throw usageError(`--start-at must be the number of a line; "${options.startAt}" was given.`);
  const wanted = all.filter(({ line }) => line >= startAt).map((key) => (options.newSecrets ? { ...key, secret: undefined } : key));
  if (!options.apply) {
    report.answer(
      {
        applied: false,
        keys: wanted.map(({ line, body, secret, revoked }) => ({
          line,
          ...body,
          secret: fateOf({ secret }),
          revoked: revoked !== undefined,
        })),
      },
      () => previewOf(report, wanted),
    );
    report.note(`Nothing was made. --apply makes ${wanted.length === 1 ? 'this key' : `these ${wanted.length} keys`}.`);
    return;
  }
  const isAnyNew = wanted.some(({ secret }) => secret === undefined);
  if (isAnyNew && options.secrets === undefined)
    throw usageError('Say with --secrets where the new secrets are to be written: each is shown once.');
  const write = options.secrets === undefined ? () => undefined : openSecretFile(options.secrets);
  write(toCsvLine(SECRET_COLUMNS));
  const client = gateway();
  const made: { line: number; id: string; name: string; secret: string }[] = [];
  for (const key of wanted) {
    report.progress(`Made ${made.length} of ${wanted.length} …`);
    // Ctrl-C waits until the key that is being made is made, and its secret in the file.
    const { id, name } = await terminal.whole(() => makeKey(client, key, write, made.length));
    made.push({ line: key.line, id, name, secret: fateOf(key) });
  }
  report.answer({ applied: true, keys: made, secrets: isAnyNew ? options.secrets : null }, () => {
    const kept = made.filter(({ secret }) => secret === 'kept').length;
    const where = [kept > 0 && `${counted(kept, 'secret')} kept`, isAnyNew && `new secrets are in ${options.secrets}`].filter(Boolean);
    return `Made ${counted(made.length, 'key')}${where.length > 0 ? `; ${where.join(', ')}` : ''}.\n`;
  });
}

function fateOf({ secret }: Pick<NewKey, 'secret'>): 'kept' | 'new' {
  return secret === undefined ? 'new' : 'kept';
}

async function makeKey(
  client: Gateway,
  { line, body, secret, revoked }: NewKey,
  write: (text: string) => void,
  count: number,
): Promise<Account> {
  try {
    const account = await client.ask<Account>('POST', '/admin/v1/keys', { body: { ...body, ...(secret !== undefined && { secret }) } });
    if (secret === undefined) write(toCsvLine([String(line), account.name, account.id, account.secret!]));
    if (revoked)
      await client.ask('PATCH', `/admin/v1/keys/${account.id}`, {
        body: { revoked: true, revokedReason: revokedReasonOf(revoked.reason) },
      });
    return account;
  } catch (thrown) {
    if (!(thrown instanceof CommandError)) throw thrown;
    const hint = `Made before it, and in the file of secrets: ${counted(count, 'key')}. When line ${line} is mended, go on with --start-at ${line} and another file.`;
    throw new CommandError(thrown.code, `Line ${line} (${body.name}): ${thrown.message}`, { ...thrown.details, hint });
  }
}

/** What the gateway itself writes as a reason cannot be given by others. */
function revokedReasonOf(reason: string): string {
  return ['expired', 'lifetime budget reached'].includes(reason) ? `${reason}, before the import` : reason;
}

function previewOf(report: Report, keys: NewKey[]): string {
  if (keys.length === 0) return 'There are no keys in the file.\n';
  const text =
    (name: string) =>
    ({ body }: NewKey) =>
      [body[name] ?? ''].flat().join(', ');
  return report.table(keys, [
    { title: 'Line', text: ({ line }) => String(line), align: 'right', rank: 5 },
    { title: 'Name', text: text('name'), least: 8 },
    { title: 'Email', text: text('email'), rank: 3, least: 12 },
    { title: 'A month', text: text('monthlyBudget'), align: 'right' },
    { title: 'Balance', text: text('balance'), align: 'right', rank: 1 },
    { title: 'In all', text: text('lifetimeBudget'), align: 'right', rank: 2 },
    { title: 'Tags', text: text('tags'), rank: 4, least: 8 },
    { title: 'Secret', text: fateOf, rank: 2 },
    { title: 'Revoked', text: ({ revoked }) => (revoked ? 'yes' : ''), rank: 2 },
  ]);
}

export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (thrown) {
    throw usageError(`${path} cannot be read (${(thrown as NodeJS.ErrnoException).code}).`);
  }
}

function countOf(text: string, line: number): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`Line ${line}: maxParallel must be a whole number; "${text}" was given.`);
}
