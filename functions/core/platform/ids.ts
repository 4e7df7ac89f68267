// Identifiers that sort by the time they were made: 48 bits of milliseconds, 80 bits of chance, 22 characters of base62.
import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 22;

export type Ids = (prefix: string) => string;

/** Makes `prefix_` + 22 characters. Ids of later milliseconds compare greater, in the byte order DynamoDB sorts by. */
export function createIds(clock: Clock, random: (size: number) => Uint8Array = randomBytes): Ids {
  return (prefix) => `${prefix}_${encode(clock(), random(10))}`;
}

/** The smallest id of the given prefix that could have been made at `at` (ms): the lower end of a range. */
export function firstIdAt(prefix: string, at: number): string {
  return `${prefix}_${encode(Math.max(0, Math.floor(at)), new Uint8Array(10))}`;
}

/** The moment (ms) an id of `createIds` was made. */
export function timeOfId(id: string): number {
  return Number(fromBase62(id.slice(id.indexOf('_') + 1)) >> 80n);
}

export function fromBase62(text: string): bigint {
  let value = 0n;
  for (const character of text) value = value * 62n + BigInt(ALPHABET.indexOf(character));
  return value;
}

/** Base62, most significant digit first, padded to `length` digits. */
export function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = ALPHABET[Number(rest % 62n)] + text;
  return text;
}

function encode(at: number, chance: Uint8Array): string {
  let value = BigInt(at);
  for (const byte of chance) value = (value << 8n) | BigInt(byte);
  return toBase62(value, LENGTH);
}
