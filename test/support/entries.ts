// Journal entries by chance, and what statements must say of them: sums made in the plainest way.
import fc from 'fast-check';
import type { Entry } from '../../functions/core/ledger/journal.ts';
import { NO_USAGE } from '../../functions/core/ledger/usage.ts';
import { monthOf } from '../../functions/core/platform/clock.ts';
import { createIds } from '../../functions/core/platform/ids.ts';

const HOUR_MS = 3_600_000;

/** An entry of a turn that was admitted at `at`. */
export function entryAt(at: number, change: Partial<Entry> = {}): Entry {
  return {
    requestId: createIds(() => at)('req'),
    accountId: 'key_a',
    groupId: null,
    userId: null,
    model: 'm',
    target: 't',
    usage: { ...NO_USAGE, input: 3, output: 2 },
    cost: 7n,
    status: 'succeeded',
    error: null,
    isEstimated: false,
    isRepair: false,
    isCorrection: false,
    isStream: false,
    priceVersion: null,
    month: monthOf(at),
    latencyMs: 120,
    firstTokenMs: null,
    at,
    ...change,
  };
}

/** The two entries of a turn that was taken for abandoned and answered after all. */
export function lateEntries(at: number, change: Partial<Entry> = {}): [Entry, Entry] {
  const estimate = entryAt(at, {
    ...change,
    usage: NO_USAGE,
    cost: 10n,
    status: 'failed',
    error: 'abandoned',
    isEstimated: true,
    isRepair: true,
    latencyMs: null,
  });
  return [estimate, entryAt(at, { ...change, requestId: estimate.requestId, cost: -4n, isCorrection: true })];
}

/** Entries of some days around the turn of a month; some are late results, one after their estimate. */
export function someEntries(start: number): fc.Arbitrary<Entry[]> {
  const turn = fc.record({
    hours: fc.integer({ min: 0, max: 60 }),
    accountId: fc.constantFrom('key_a', 'key_b'),
    model: fc.constantFrom('m', 'a/b#c', 'ü!'),
    tags: fc.subarray(['red', 'x#y', '!']),
    cost: fc.bigInt(0n, 10n ** 20n),
    isLate: fc.boolean(),
    status: fc.constantFrom('succeeded' as const, 'failed' as const, 'cancelled' as const),
    latencyMs: fc.option(fc.integer({ min: 0, max: 2_000_000 })),
    isAcrossMonths: fc.boolean(),
  });
  return fc.array(turn, { minLength: 1, maxLength: 12 }).map((turns) =>
    turns.flatMap(({ hours, isLate, isAcrossMonths, ...fields }) => {
      const at = start + hours * HOUR_MS;
      const change = { ...fields, ...(isAcrossMonths && { month: monthOf(at + 24 * HOUR_MS) }) };
      return isLate ? lateEntries(at, change) : [entryAt(at, change)];
    }),
  );
}
