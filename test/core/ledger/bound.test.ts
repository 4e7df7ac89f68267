// A hold is never below the cost of any usage it was made for, and never more than it has to be.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affordableMaxTokens, amountOf, dearestInputRate } from '../../../functions/core/ledger/bound.ts';
import { costOf, NO_USAGE, type Rates, type Usage } from '../../../functions/core/ledger/usage.ts';

const RATES: Rates = { input: 3_000_000n, output: 15_000_000n, cacheRead: 300_000n, cacheWrite5m: 3_750_000n, cacheWrite1h: 6_000_000n };
const tokens = fc.integer({ min: 0, max: 2_000_000 });
const rate = fc.bigInt(0n, 10n ** 9n);
const anyRates = fc.record<Rates>({ input: rate, output: rate, cacheRead: rate, cacheWrite5m: rate, cacheWrite1h: rate });

describe('the cost of a call', () => {
  it.each<[string, Partial<Usage>, bigint]>([
    ['nothing', {}, 0n],
    ['100,000 in and 40,000 out at 3 and 15 USD a million', { input: 100_000, output: 40_000 }, 900_000_000_000n],
    ['one token of each kind', { input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1 }, 28_050_000n],
    ['more tokens than a float could count money of', { output: 9_007_199_254_740_991 }, 9_007_199_254_740_991n * 15_000_000n],
  ])('%s', (_what, usage, cost) => {
    expect(costOf({ ...NO_USAGE, ...usage }, RATES)).toBe(cost);
  });
});

describe('the dearest rate of input', () => {
  it.each([
    ['none', 3_000_000n],
    ['5m', 3_750_000n],
    ['1h', 6_000_000n],
  ] as const)('with %s written to the cache', (cacheWrite, expected) => {
    expect(dearestInputRate(RATES, cacheWrite)).toBe(expected);
  });
});

describe('a bound', () => {
  it('is never below the cost of a usage within it', () => {
    const parts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        anyRates,
        tokens,
        tokens,
        parts,
        fc.constantFrom('none', '5m', '1h'),
        (rates, inputTokens, maxTokens, shares, written) => {
          const split = (share: number, of: number) => Math.floor(share * of);
          const cacheRead = split(shares[0]!, inputTokens);
          const cacheWrite5m = written === 'none' ? 0 : split(shares[1]!, inputTokens - cacheRead);
          const cacheWrite1h = written === '1h' ? split(shares[2]!, inputTokens - cacheRead - cacheWrite5m) : 0;
          const input = inputTokens - cacheRead - cacheWrite5m - cacheWrite1h;
          const usage: Usage = { input, cacheRead, cacheWrite5m, cacheWrite1h, output: split(shares[3]!, maxTokens) };
          const bound = { inputTokens, maxTokens, inputRate: dearestInputRate(rates, written), outputRate: rates.output };
          expect(costOf(usage, rates)).toBeLessThanOrEqual(amountOf(bound));
        },
      ),
    );
  });

  it('is lowered to the longest answer the money pays: it fits, and one token more would not', () => {
    fc.assert(
      fc.property(tokens, tokens, rate, rate, fc.bigInt(0n, 10n ** 15n), (inputTokens, maxTokens, inputRate, outputRate, left) => {
        const bound = { inputTokens, maxTokens, inputRate, outputRate };
        const affordable = affordableMaxTokens(bound, left);
        expect(affordable).toBeLessThanOrEqual(maxTokens);
        const fits = (most: number) => amountOf({ ...bound, maxTokens: most }) <= left;
        if (affordable > 0) expect(fits(affordable)).toBe(true);
        if (affordable < maxTokens) expect(fits(affordable + 1)).toBe(false);
      }),
    );
  });

  it.each([
    ['the input alone is too dear', 8n, 0],
    ['the input alone just fits', 10n, 0],
    ['one token of output fits', 12n, 1],
    ['all fits', 1_000n, 5],
  ])('%s', (_what, left, expected) => {
    expect(affordableMaxTokens({ inputTokens: 10, maxTokens: 5, inputRate: 1n, outputRate: 2n }, left)).toBe(expected);
  });

  it('costs nothing for output that is free', () => {
    expect(affordableMaxTokens({ inputTokens: 10, maxTokens: 5, inputRate: 1n, outputRate: 0n }, 10n)).toBe(5);
  });
});
