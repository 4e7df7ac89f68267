import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPricePerMillion, formatUsd, parsePricePerMillion, parseUsd } from '../../../functions/core/platform/money.ts';

describe('money', () => {
  it('comes back from its text to the last picodollar', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  it('of a price comes back from its text to the last picodollar of a token', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (rate) => {
        expect(parsePricePerMillion(formatPricePerMillion(rate))).toBe(rate);
      }),
    );
  });

  it('of a price times a million tokens is that price in USD, digit by digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (rate) => {
        expect(formatUsd(rate * 1_000_000n)).toBe(formatPricePerMillion(rate));
      }),
    );
  });

  it('is written in the shortest way: of all texts of a price, none that is read as the same is shorter', () => {
    const digits = fc.stringMatching(/^\d{1,9}(\.\d{1,6})?$/);
    fc.assert(
      fc.property(digits, fc.nat(5), (text, zeros) => {
        const rate = parsePricePerMillion(text)!;
        const padded = text.includes('.') ? text + '0'.repeat(zeros) : `0${text}`;
        expect(parsePricePerMillion(padded)).toBe(rate);
        expect(formatPricePerMillion(rate).length).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it.each([
    ['0', 0n, '0'],
    ['-0', 0n, '0'],
    ['1', 1_000_000_000_000n, '1'],
    ['1.0', 1_000_000_000_000n, '1'],
    ['007.50', 7_500_000_000_000n, '7.5'],
    ['0.0000015', 1_500_000n, '0.0000015'],
    ['0.000000000001', 1n, '0.000000000001'],
    ['0.0000000000010000000', 1n, '0.000000000001'],
    ['-0.37', -370_000_000_000n, '-0.37'],
    ['1234567890123456789012345678', 1234567890123456789012345678n * 10n ** 12n, '1234567890123456789012345678'],
  ])('%s is read and written exactly', (text, amount, shortest) => {
    expect(parseUsd(text)).toBe(amount);
    expect(formatUsd(amount)).toBe(shortest);
  });

  it.each(['', ' ', '1 ', '+1', '1.', '.5', '1e3', '0x1', '1,5', '1_000', 'NaN', 'Infinity', '--1', '0.0000000000001', '١'])(
    '%j is no amount',
    (text) => {
      expect(parseUsd(text)).toBeUndefined();
    },
  );

  it.each([
    ['3', 3_000_000n],
    ['0.25', 250_000n],
    ['0.000001', 1n],
    ['0.0000001', undefined],
  ])('%s USD a million tokens is a whole number of picodollars a token', (text, rate) => {
    expect(parsePricePerMillion(text)).toBe(rate);
  });
});
