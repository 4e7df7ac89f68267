// What one call costs at the price of its model. Pure.
import { type Price, ratesAt } from '../catalog/prices.ts';
import { costOf, type Rates, type Usage } from '../ledger/usage.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Bill } from './course.ts';

/** Nothing where there is no price; an account with a limit never comes so far. */
export function costOfCall(usage: Usage, price: Price | null): Picodollars {
  const rates = ratesOfCall(usage, price);
  return rates ? costOf(usage, rates) : 0n;
}

export function billOf(usage: Usage, price: Price | null, isEstimated: boolean): Bill {
  const rates = ratesOfCall(usage, price);
  return { usage, rates, priceVersion: price?.version ?? null, cost: rates ? costOf(usage, rates) : 0n, isEstimated };
}

/** The rates that a call with that usage is charged by. */
export function ratesOfCall(usage: Usage, price: Price | null): Rates | null {
  if (!price) return null;
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = ratesAt(price, inputOf(usage));
  return { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
}

/** What decides the step of a long context: everything that went in, cached or not. */
function inputOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
