// Whole numbers for sessions, threads and payments, made of when they began and of their ids, so that nothing has to be kept for them. Pure.
//
//   40 bits: milliseconds since 2024, good until 2058      13 bits: a hash of the id
//
// They grow with time, fit a double exactly, and lead back by a look into one millisecond. Law: a look-up is made among the rows its asker may
// see, so two rows that share a number, one pair in 8,192 of those of one millisecond, never show one owner the other's.
import { createHash } from 'node:crypto';

const SINCE = Date.UTC(2024, 0, 1);
const HASHES = 2 ** 13;

export function momentNumber(at: number, id: string): number {
  return (at - SINCE) * HASHES + (createHash('sha256').update(id).digest().readUInt16BE(0) % HASHES);
}

/** The millisecond that a number comes from; `undefined` for what is no such number. */
export function momentOf(number: number | undefined): number | undefined {
  if (number === undefined || !Number.isSafeInteger(number) || number < 0) return undefined;
  return Math.floor(number / HASHES) + SINCE;
}

export function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
