// Reading settings that are written as JSON: every fault is an `Error` that names the field, what it is and what it must be.

export type Fields = Record<string, unknown>;

export function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw mistake(path, value, 'an object');
}

/** Throws on a field that nobody reads, which is a slip of the pen. */
export function expectOnly(fields: Fields, known: readonly string[], path: string): void {
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) throw new Error(`${path}.${name} is not known; there are ${known.join(', ')}.`);
  }
}

export function textOf(fields: Fields, name: string, path: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw mistake(`${path}.${name}`, value, 'a string that is not empty');
}

export function optionalTextOf(fields: Fields, name: string, path: string): string | null {
  return fields[name] === undefined || fields[name] === null ? null : textOf(fields, name, path);
}

export function wordOf<const W extends string>(fields: Fields, name: string, words: readonly W[], fallback: W, path: string): W {
  const value = fields[name] ?? fallback;
  if (words.includes(value as W)) return value as W;
  throw mistake(`${path}.${name}`, value, `one of ${words.join(', ')}`);
}

/** A list of words, each of `words` where that is given. */
export function textsOf(fields: Fields, name: string, path: string, words?: readonly string[]): string[] {
  const value = fields[name] ?? [];
  const isFine = (member: unknown) => typeof member === 'string' && member !== '' && (!words || words.includes(member));
  if (Array.isArray(value) && value.every(isFine)) return value;
  throw mistake(`${path}.${name}`, value, words ? `a list of ${words.join(', ')}` : 'a list of strings');
}

export function wholeOf(fields: Fields, name: string, least: number, path: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw mistake(`${path}.${name}`, value, `a whole number of at least ${least}`);
}

/** Says what was given only where that cannot be long, or a secret. */
export function mistake(path: string, value: unknown, wanted: string): Error {
  const isTold = value === undefined || value === null || ['number', 'boolean'].includes(typeof value);
  return new Error(`${path} ${isTold ? `is ${value === undefined ? 'missing' : value}; it ` : ''}must be ${wanted}.`);
}
