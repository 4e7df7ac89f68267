// What a token costs: the shipped price rows, parsed once into picodollars and looked up by model and reach. Pure; no floats.
import { type Picodollars, parsePricePerMillion, parseUsd } from '../platform/money.ts';
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

/** What an image costs: the first row that has room for its pixels and fits its quality. `null` fits all. */
export type ImageRate = { maxPixels: number | null; quality: string | null; rate: Picodollars };

export type Price = Rates & {
  /** Rates of the whole request once its input, cache reads and writes included, has this many tokens. */
  longContext?: { fromInputTokens: number; rates: Rates };
  images?: readonly ImageRate[];
  /** Prices of other service tiers, where they are known. */
  tiers?: Partial<Record<OtherTier, Price>>;
  /** The shipped list's, or the id of an administrator's price. */
  version: string;
};

/** Bedrock's service tiers. `batch` is none of a call's, but has prices of its own. */
export const SERVICE_TIERS = ['default', 'priority', 'flex', 'reserved', 'batch'] as const;
export type ServiceTier = (typeof SERVICE_TIERS)[number];
export type OtherTier = Exclude<ServiceTier, 'default'>;

type Digits = { input: string; output: string; cacheRead: string | null; cacheWrite5m: string | null; cacheWrite1h: string | null };

/** Exact decimal strings: USD per million tokens, and USD per image. */
export type PriceDigits = Digits & {
  longContext?: Digits & { fromInputTokens: number };
  images?: readonly { maxPixels: number | null; quality: string | null; price: string }[];
};

export type PriceRow = PriceDigits & {
  id: string;
  /** `global`, `geo` (any geographic profile), `region` (the bare ID), or one profile's own prefix, such as `eu`. */
  scopes: readonly string[];
  tiers?: Partial<Record<OtherTier, PriceDigits>>;
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
    const price = rowPrice(row, file.version);
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
 * The price at a tier. Flex, reserved and batch never cost more than the default, so that stands in where they have no price; priority
 * does cost more, so it has its own price or none.
 */
export function atTier(price: Price | null, tier: string | undefined): Price | null {
  if (price === null || tier === undefined || tier === 'default') return price;
  return price.tiers?.[tier as OtherTier] ?? (tier === 'priority' ? null : price);
}

/** The dearer of two prices, kind by kind, never cheaper for more tokens; the first one's version. */
export function dearest(a: Price, b: Price): Price {
  const price: Price = { ...dearestRates(a, b), version: a.version };
  if (!a.longContext && !b.longContext) return price;
  const starts = [a, b].flatMap(({ longContext }) => longContext?.fromInputTokens ?? []);
  const rates = dearestRates(price, dearestRates(a.longContext?.rates ?? a, b.longContext?.rates ?? b));
  return { ...price, longContext: { fromInputTokens: Math.min(...starts), rates } };
}

/** The same without the step of a long context, which only chats have. */
export function flatPrice(price: Price | null): Price | null {
  if (!price?.longContext) return price;
  const { longContext: _, ...flat } = price;
  return flat;
}

/** What one image costs; `undefined` where no row fits it. */
export function imageRateOf({ images = [] }: Price, pixels: number, quality: string): Picodollars | undefined {
  return images.find((row) => (row.maxPixels ?? pixels) >= pixels && (row.quality ?? quality) === quality)?.rate;
}

function dearestRates(a: Rates, b: Rates): Rates {
  const dearer = (kind: keyof Rates) => (a[kind] > b[kind] ? a[kind] : b[kind]);
  return {
    input: dearer('input'),
    output: dearer('output'),
    cacheRead: dearer('cacheRead'),
    cacheWrite5m: dearer('cacheWrite5m'),
    cacheWrite1h: dearer('cacheWrite1h'),
  };
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

function rowPrice(row: PriceRow, version: string): Price {
  const tiers = Object.entries(row.tiers ?? {}).map(([tier, digits]) => [tier, toPrice(digits, version, row.id)]);
  return { ...toPrice(row, version, row.id), ...(tiers.length > 0 && { tiers: Object.fromEntries(tiers) }) };
}

/** Throws on digits that are not exact; `name` says whose they are. */
export function toPrice(digits: PriceDigits, version: string, name: string): Price {
  const { longContext, images } = digits;
  const price: Price = { ...toRates(digits, name), version };
  if (longContext) price.longContext = { fromInputTokens: longContext.fromInputTokens, rates: toRates(longContext, name) };
  if (images) price.images = images.map(({ maxPixels, quality, price: usd }) => ({ maxPixels, quality, rate: parseImagePrice(usd, name) }));
  return price;
}

function parseImagePrice(text: string, name: string): Picodollars {
  const rate = parseUsd(text);
  if (rate === undefined || rate < 0n) throw new Error(`The price "${text}" of an image of ${name} is not an exact amount of USD.`);
  return rate;
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
