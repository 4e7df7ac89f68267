// How long conversations are kept. Law: what is stored carries the second it is forgotten at, and after it nobody is shown it, whether or
// not it has been deleted yet.
import type { RetentionDays } from '../store/schema.ts';

export const DEFAULT_RETENTION_DAYS: RetentionDays = 30;

const DAY_MS = 86_400_000;

export function expiryOf(now: number, days: RetentionDays): number {
  return now + days * DAY_MS;
}

/** Seconds, as the database's own deletion wants them. */
export function toExpirySecond(at: number): number {
  return Math.ceil(at / 1_000);
}
