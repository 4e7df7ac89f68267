// Prices as the admin API shows them. Pure.
import { inForce, lineOf, type PriceVersion, toPriceLines } from '../../core/catalog/price-version.ts';
import type { Price, Rates } from '../../core/catalog/prices.ts';
import { formatPricePerMillion, formatUsd } from '../../core/platform/money.ts';
import { isoOf } from './key-view.ts';
import type { PriceView, RatesView } from './price-schemas.ts';

/** `among`: all versions there are, which decide whether this one is in force. */
export function toPriceView(version: PriceVersion, among: readonly PriceVersion[], now: number): PriceView {
  const { id, model, scope, tier, from, endedAt, digits, note, author, createdAt } = version;
  const { longContext = null, images = [], ...rates } = digits;
  return {
    ...{ id, model, scope, tier, from: isoOf(from), endedAt: endedAt === null ? null : isoOf(endedAt) },
    state: stateOf(version, among, now),
    ...{ ...rates, longContext, images: [...images], note, author, createdAt: isoOf(createdAt) },
  };
}

function stateOf(version: PriceVersion, among: readonly PriceVersion[], now: number): PriceView['state'] {
  if (version.from > now) return version.endedAt === null ? 'future' : 'past';
  const sameLine = among.filter((other) => lineOf(other) === lineOf(version));
  return inForce(toPriceLines(sameLine), lineOf(version), now)?.version === version.id ? 'current' : 'past';
}

export function toRatesView(price: Price): RatesView {
  const { version, longContext, images = [] } = price;
  return {
    version,
    ...ratesOf(price),
    longContext: longContext ? { fromInputTokens: longContext.fromInputTokens, ...ratesOf(longContext.rates) } : null,
    images: images.map(({ maxPixels, quality, rate }) => ({ maxPixels, quality, price: formatUsd(rate) })),
  };
}

function ratesOf({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: Rates): Record<keyof Rates, string> {
  return {
    input: formatPricePerMillion(input),
    output: formatPricePerMillion(output),
    cacheRead: formatPricePerMillion(cacheRead),
    cacheWrite5m: formatPricePerMillion(cacheWrite5m),
    cacheWrite1h: formatPricePerMillion(cacheWrite1h),
  };
}
