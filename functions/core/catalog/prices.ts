// What a token costs: the shipped price rows, parsed once into picodollars and looked up by model and reach. Pure; no floats.
import { type Picodollars, parsePricePerMillion } from '../platform/money.ts';
import { parseBedrockId } from './bedrock-id.ts';
import type { Model } from './model.ts';

/** Picodollars per token, by kind of token. A kind the model does not price costs what plain input costs, never nothing. */
export type Rates = {
  input: Picodollars;
  output: Picodollars;
  cacheRead: Picodollars;
  cacheWrite5m: Picodollars;
  cacheWrite1h: Picodollars;
};

export type Price = Rates & {
  /** Rates of the whole request once its input, cache reads and writes included, has this many tokens. */
  longContext?: { fromInputTokens: number; rates: Rates };
  version: string;
};

type Digits = { input: string; output: string; cacheRead: string | null; cacheWrite5m: string | null; cacheWrite1h: string | null };

/** Exact decimal strings of USD per million tokens. */
export type PriceRow = Digits & {
  id: string;
  /** `global`, `geo` (any geographic profile), `region` (the bare ID), or one profile's own prefix, such as `eu`. */
  scopes: readonly string[];
  longContext?: Digits & { fromInputTokens: number };
  source: string;
  asOf: string;
};

export type PricesFile = { version: string; rows: readonly PriceRow[] };

/** Finds the price of a model at a target; `null` when none is known. */
export type PriceList = { priceOf: (model: Model, target: string) => Price | null };

/** Parses every row; throws on digits that are not exact picodollars per token, so a bad file never serves. */
export function createPriceList(file: PricesFile): PriceList {
  const prices = new Map<string, Price>();
  for (const row of file.rows) {
    const price = toPrice(row, file.version);
    for (const scope of row.scopes) prices.set(`${row.id} ${scope}`, price);
  }
  return {
    priceOf(model, target) {
      const reach = parseBedrockId(target)?.reach;
      if (reach === undefined) return null;
      for (const scope of scopesOf(reach)) {
        const price = prices.get(`${model.foundationId} ${scope}`);
        if (price) return price;
      }
      return null;
    },
  };
}

/** The rates that apply to a request with so many input tokens, cache reads and writes included. */
export function ratesAt(price: Price, inputTokens: number): Rates {
  const { longContext } = price;
  return longContext && inputTokens >= longContext.fromInputTokens ? longContext.rates : price;
}

/**
 * Where to look, best first. A step aside is taken only to a price that is documented to be the same or dearer: AWS prices
 * geographic profiles like the Region they are called from, and global ones at or below that. GovCloud is dearer than all, so it
 * has its own rows or no price.
 */
function scopesOf(reach: string): readonly string[] {
  if (reach === 'us-gov') return ['us-gov'];
  if (reach === 'global') return ['global', 'geo', 'region'];
  if (reach === 'region') return ['region', 'geo'];
  return [reach, 'geo', 'region'];
}

/** Throws on digits that are not exact picodollars per token. */
export function toPrice(row: PriceRow, version: string): Price {
  const { longContext } = row;
  const price: Price = { ...toRates(row, row.id), version };
  if (longContext) price.longContext = { fromInputTokens: longContext.fromInputTokens, rates: toRates(longContext, row.id) };
  return price;
}

function toRates(digits: Digits, id: string): Rates {
  const parse = (text: string): Picodollars => {
    const rate = parsePricePerMillion(text);
    if (rate === undefined || rate < 0n) throw new Error(`The price "${text}" of ${id} is not an exact amount of USD per million tokens.`);
    return rate;
  };
  const input = parse(digits.input);
  const cacheWrite5m = digits.cacheWrite5m === null ? input : parse(digits.cacheWrite5m);
  return {
    input,
    output: parse(digits.output),
    cacheRead: digits.cacheRead === null ? input : parse(digits.cacheRead),
    cacheWrite5m,
    cacheWrite1h: digits.cacheWrite1h === null ? cacheWrite5m : parse(digits.cacheWrite1h),
  };
}
