// Prices as the admin API shows them. Pure.
import { inForce, type PriceVersion, toPriceLines } from '../../core/catalog/price-version.ts';
import type { Price, Rates } from '../../core/catalog/prices.ts';
import { formatPricePerMillion, formatUsd } from '../../core/platform/money.ts';
import { isoOf } from './key-view.ts';
import type { PriceView, RatesView } from './price-schemas.ts';

/** Shows prices; `all` there are decide which of them are in force at a moment. */
export function createPriceView(all: readonly PriceVersion[], now: number): (version: PriceVersion) => PriceView {
  const lines = toPriceLines(all);
  const current = new Set([...lines.keys()].map((line) => inForce(lines, line, now)?.version));
  const stateOf = ({ id, from, endedAt }: PriceVersion) => {
    if (from > now) return endedAt === null ? 'future' : 'past';
    return current.has(id) ? 'current' : 'past';
  };
  return (version) => {
    const { id, model, scope, tier, from, endedAt, digits, note, author, createdAt } = version;
    const { longContext = null, images = [], ...rates } = digits;
    return {
      ...{ id, model, scope, tier, from: isoOf(from), endedAt: endedAt === null ? null : isoOf(endedAt) },
      state: stateOf(version),
      ...{ ...rates, longContext, images: [...images], note, author, createdAt: isoOf(createdAt) },
    };
  };
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
