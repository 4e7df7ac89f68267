// Calls that were admitted while the database was away, as what is kept of them until it is back: one record before the call, one after.
// Law: a call is made only when its first record is kept; one without a second is charged in full after its deadline.
import type { DeferredHold, Outcome } from './hold.ts';

/** `outcome` is missing in the record that is kept before the call. */
export type DeferredRecord = { hold: DeferredHold; outcome?: Outcome };

/** A durable queue. `put` resolves when the record cannot be lost any more, and not before; putting the same twice does no harm. */
export type Deferred = { put(record: DeferredRecord): Promise<void> };

/** JSON; a bigint becomes an object of one member, which nothing else in a record looks like. */
export function toText(record: DeferredRecord): string {
  return JSON.stringify(record, (_name, value) => (typeof value === 'bigint' ? { [BIG]: value.toString() } : value));
}

/** Throws when the text is no record. */
export function parseRecord(text: string): DeferredRecord {
  const record = JSON.parse(text, (_name, value) => (isBig(value) ? BigInt(value[BIG]) : value)) as DeferredRecord;
  if (typeof record?.hold?.requestId !== 'string' || typeof record.hold.amount !== 'bigint') throw new Error('Not a deferred record.');
  return record;
}

const BIG = '$n';

function isBig(value: unknown): value is { [BIG]: string } {
  return typeof value === 'object' && value !== null && BIG in value;
}
