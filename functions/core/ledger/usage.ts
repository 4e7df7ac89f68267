// Tokens by kind, and what they cost. Pure.
import type { Picodollars } from '../platform/money.ts';

/** Tokens of one turn. `input` excludes what was read from or written to the prompt cache, as Bedrock counts. */
export type Usage = { input: number; output: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };

/** Picodollars per token of each kind. */
export type Rates = Record<keyof Usage, Picodollars>;

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

export function costOf(usage: Usage, rates: Rates): Picodollars {
  return (
    BigInt(usage.input) * rates.input +
    BigInt(usage.output) * rates.output +
    BigInt(usage.cacheRead) * rates.cacheRead +
    BigInt(usage.cacheWrite5m) * rates.cacheWrite5m +
    BigInt(usage.cacheWrite1h) * rates.cacheWrite1h
  );
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
  };
}

/** All tokens of a call, of whatever kind: what a window of tokens counts. */
export function tokensOf({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): number {
  return input + output + cacheRead + cacheWrite5m + cacheWrite1h;
}
