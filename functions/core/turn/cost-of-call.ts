// What one call costs at the price of its model. Pure.
import { type Price, ratesAt } from '../catalog/prices.ts';
import { costOf, type Usage } from '../ledger/usage.ts';
import type { Picodollars } from '../platform/money.ts';

/** Nothing where there is no price; an account with a limit never comes so far. */
export function costOfCall(usage: Usage, price: Price | null): Picodollars {
  return price ? costOf(usage, ratesAt(price, inputOf(usage))) : 0n;
}

/** What decides the tier: everything that went in, cached or not. */
export function inputOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
