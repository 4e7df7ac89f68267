// Keys as CSV, both ways. Law: the columns keep their names and places, new ones come at the end, and what was exported can be sent back. Pure.
import { GatewayError } from '../../core/platform/errors.ts';
import { parseCsv } from './csv.ts';
import type { KeyView } from './key-schemas.ts';
import { textCell } from './statement-csv.ts';

const TEXTS = ['name', 'email', 'role', 'monthlyBudget', 'balance', 'lifetimeBudget', 'expiresAt', 'groupId', 'userId'] as const;
const LISTS = ['tags', 'models'] as const;
const NEW_ONLY = ['ttl', 'secret', 'logging'];
const TOLD = ['revoked', 'revokedReason', 'id', 'secretHint', 'spentMonth', 'spentLifetime', 'held', 'remaining', 'createdAt', 'updatedAt'];

export const KEYS_HEADER = `${[...TEXTS, ...LISTS, 'maxParallel', ...TOLD].join(',')}\r\n`;

/** Lists are separated by ";". */
export function keysCsvOf(keys: KeyView[]): string {
  return keys.map((key) => `${cellsOf(key).map(textCell).join(',')}\r\n`).join('');
}

function cellsOf(key: KeyView): (string | null)[] {
  const { tags, models, maxParallel, revoked, revokedReason, id, secretHint, spent, held, remaining, createdAt, updatedAt } = key;
  return [
    ...TEXTS.map((name) => key[name]),
    ...[tags.join(';'), models.join(';'), maxParallel === null ? null : String(maxParallel)],
    ...[String(revoked), revokedReason, id, secretHint, spent.month, spent.lifetime, held, remaining, createdAt, updatedAt],
  ];
}

/** The list of new keys that a table describes; an empty cell is nothing said. What only an export tells is passed over. */
export function newKeysOf(text: string): object[] {
  const { columns, rows } = parseCsv(text);
  const taken: readonly string[] = [...TEXTS, ...LISTS, ...NEW_ONLY, 'maxParallel'];
  const unknown = columns.find((name) => !taken.includes(name) && !TOLD.includes(name));
  if (unknown !== undefined) throw new GatewayError('invalid_value', `There is no column "${unknown}". Known: ${taken.join(', ')}.`);
  return rows.map((row) => {
    const said = Object.entries(row).filter(([name, cell]) => cell !== '' && taken.includes(name));
    return Object.fromEntries(said.map(([name, cell]) => [name, cellValue(name, cell)]));
  });
}

function cellValue(name: string, cell: string): unknown {
  if ((LISTS as readonly string[]).includes(name)) return cell.split(';').filter((part) => part.trim() !== '');
  return name === 'maxParallel' && /^\d{1,9}$/.test(cell) ? Number(cell) : cell;
}
