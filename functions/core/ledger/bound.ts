// What a call can cost at the most, and how long an answer the money left can buy. Pure, and never below the truth.
import type { Picodollars } from '../platform/money.ts';
import type { Rates } from './usage.ts';

/** The two numbers a call's cost cannot exceed: every input token at the dearest rate it can be billed at, every output token allowed. */
export type Bound = { inputTokens: number; maxTokens: number; inputRate: Picodollars; outputRate: Picodollars };

/** The dearest rate an input token of the call can be billed at: writing to the cache costs more than plain input. */
export function dearestInputRate(rates: Rates, cacheWrite: 'none' | '5m' | '1h'): Picodollars {
  const applicable = [rates.input, rates.cacheRead];
  if (cacheWrite !== 'none') applicable.push(rates.cacheWrite5m);
  if (cacheWrite === '1h') applicable.push(rates.cacheWrite1h);
  return applicable.reduce((dearest, rate) => (rate > dearest ? rate : dearest));
}

export function amountOf({ inputTokens, maxTokens, inputRate, outputRate }: Bound): Picodollars {
  return BigInt(inputTokens) * inputRate + BigInt(maxTokens) * outputRate;
}

/** The most output tokens that `left` pays for after the input; at most `bound.maxTokens`, less than 1 when the input alone is too dear. */
export function affordableMaxTokens(bound: Bound, left: Picodollars): number {
  const forOutput = left - BigInt(bound.inputTokens) * bound.inputRate;
  if (forOutput < 0n) return 0;
  if (bound.outputRate === 0n) return bound.maxTokens;
  const tokens = forOutput / bound.outputRate;
  return tokens < BigInt(bound.maxTokens) ? Number(tokens) : bound.maxTokens;
}
