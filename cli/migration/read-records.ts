// The records of an export, however it is wrapped: a JSON list, a page of one of the older APIs, JSON lines, or CSV. Pure.
import { usageError } from '../failure.ts';
import { parseCsv } from '../terminal/csv.ts';
import type { OldKey } from './old-keys.ts';

/** Where the older APIs keep their lists. */
const WRAPPERS = ['data', 'items', 'keys', 'api_keys'];

export function readRecords(text: string): OldKey[] {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (!/^[[{]/.test(trimmed)) return parseCsv(text).rows.map(({ cells }) => cells);
  const list = listIn(parseJson(trimmed));
  if (!list) throw usageError('The file holds no list of keys.');
  const wrong = list.findIndex((record) => typeof record !== 'object' || record === null || Array.isArray(record));
  if (wrong >= 0) throw usageError(`Record ${wrong + 1} is no key.`);
  return list as OldKey[];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return text
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line));
    } catch {
      throw usageError('The file begins like JSON and is none.');
    }
  }
}

function listIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const name of WRAPPERS) {
    const found = listIn((value as Record<string, unknown>)[name]);
    if (found) return found;
  }
  return undefined;
}
