import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAmount } from '../../../functions/admin/native/amount.ts';
import { formatUsd } from '../../../functions/core/platform/money.ts';

describe('an amount', () => {
  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['12.50', 12_500_000_000_000n],
    [' 7 ', 7_000_000_000_000n],
    ['+7', 7_000_000_000_000n],
    ['007', 7_000_000_000_000n],
    ['0.000000000001', 1n],
    ['0.100000000000000', 100_000_000_000n],
    ['1000000000000', 10n ** 24n],
    ['999999999999.999999999999', 10n ** 24n - 1n],
    [0, 0n],
    [-0, 0n],
    [12.5, 12_500_000_000_000n],
    [0.1, 100_000_000_000n],
    [0.3, 300_000_000_000n],
    [1e-7, 100_000n],
    [1.5e-12, { fault: expect.stringContaining('more than 12 decimals') }],
    [1e-12, 1n],
    [1e12, 10n ** 24n],
    [123_456_789.123_456, 123_456_789_123_456_000_000n],
  ])('%j is exact', (given, amount) => {
    expect(parseAmount(given)).toEqual(amount);
  });

  test.each([
    ['', 'must be an amount'],
    ['abc', 'must be an amount'],
    ['1,5', 'must be an amount'],
    ['1e3', 'must be an amount'],
    ['.5', 'must be an amount'],
    ['5.', 'must be an amount'],
    ['$5', 'must be an amount'],
    ['0x10', 'must be an amount'],
    ['١٢', 'must be an amount'],
    ['NaN', 'must be an amount'],
    [Number.POSITIVE_INFINITY, 'must be an amount'],
    ['-1', 'must not be negative; "-1" was given'],
    ['-0.000000000001', 'must not be negative'],
    [-3, 'must not be negative; -3 was given'],
    ['0.0000000000001', 'more than 12 decimals'],
    ['9'.repeat(40), 'must be at most 1000000000000 USD'],
    [`-${'9'.repeat(40)}`, 'must not be negative'],
    ['1000000000000.000000000001', 'must be at most 1000000000000 USD'],
    [1e21, 'must be at most 1000000000000 USD'],
    [1e300, 'must be at most 1000000000000 USD'],
    [0.1 + 0.2, 'write it as a string'],
    [99_999_999.999_999_99, 'write it as a string'],
  ])('%j is refused with the reason', (given, reason) => {
    expect(parseAmount(given)).toEqual({ fault: expect.stringContaining(reason) });
  });

  test('a million digits are refused in no time and not repeated', () => {
    const { fault } = parseAmount('9'.repeat(1_000_000)) as { fault: string };
    expect(fault.length).toBeLessThan(200);
  });

  test('whatever is written comes back to the last picodollar', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), (amount) => {
        expect(parseAmount(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  test('a number means its shortest decimal text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }), (whole, millionths) => {
        const text = `${whole}.${String(millionths).padStart(6, '0')}`;
        expect(parseAmount(Number(text))).toBe(parseAmount(text));
      }),
    );
  });
});
