// Makes prices.json (`npm run prices`, at development time only): exact IDs of @pydantic/genai-prices, then the reviewed rows.
// The package holds floats. Each is taken as its shortest decimal string, exactly what its authors typed; all sums are in bigint.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { findProvider, type ModelInfo, type ModelPrice, type TieredPrices } from '@pydantic/genai-prices';
import { formatUsd, parsePricePerMillion } from '../platform/money.ts';
import { expandModels, type ModelsFile } from './expand-models.ts';
import type { PriceRow, PricesFile } from './prices.ts';

type Overrides = {
  /** Version and publication day of the package the rest was reviewed against. */
  package: { version: string; asOf: string };
  /** Bare Bedrock ID → the ID this package uses for the same model, where they differ. */
  packageIds: Record<string, string>;
  /** Rows that win over the package's, scope by scope. */
  rows: readonly PriceRow[];
};

const PACKAGE = '@pydantic/genai-prices';

/** The whole file, from the installed package and the files beside this one. */
export function makePrices(): PricesFile {
  const overrides = readJson<Overrides>('price-overrides.json');
  checkPackage(overrides);
  const packaged = new Map(findProvider({ providerId: 'aws' })?.models.map((model) => [model.id, model]));
  const listed = expandModels(readJson<ModelsFile>('models.json'));
  const rows = listed.flatMap(({ foundationId, abilities }) => {
    const hasOneHour = abilities.promptCaching !== false && abilities.promptCaching.oneHour;
    const packageId = overrides.packageIds[foundationId] ?? foundationId;
    return SOURCES.flatMap(({ prefix, scopes }) => {
      const found = packaged.get(prefix + packageId);
      return found ? [toRow(foundationId, scopes, found, hasOneHour, overrides.package)] : [];
    });
  });
  const all = [...withoutOverridden(rows, overrides.rows), ...overrides.rows];
  return { version: versionOf(all), rows: all };
}

/** How the package names reach: a bare entry holds in every geographic profile as well, by its own match rule. */
const SOURCES = [
  { prefix: 'global.', scopes: ['global'] },
  { prefix: 'regional.', scopes: ['geo', 'region'] },
  { prefix: '', scopes: ['geo', 'region'] },
];

/** Puts a row a line, so that a change of price is a change of one line. */
export function formatPrices(file: PricesFile): string {
  const lines = file.rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  return `{\n  "version": ${JSON.stringify(file.version)},\n  "rows": [\n${lines}\n  ]\n}\n`;
}

function toRow(id: string, scopes: string[], model: ModelInfo, hasOneHour: boolean, from: Overrides['package']): PriceRow {
  const price = priceOn(from.asOf, model);
  const start = longContextStart(price);
  const longContext = start === undefined ? {} : { longContext: { fromInputTokens: start, ...digitsOf(price, steppedOf, hasOneHour) } };
  const source = `${PACKAGE} ${from.version}: ${model.id}`;
  return { id, scopes, ...digitsOf(price, baseOf, hasOneHour), ...longContext, source, asOf: from.asOf };
}

/** The prices in force on a day: the last whose start has come. */
function priceOn(day: string, { id, prices }: ModelInfo): ModelPrice {
  if (!Array.isArray(prices)) return prices;
  const inForce = prices.findLast(({ constraint }) => {
    if (constraint?.type === 'time_of_date') throw new Error(`${id} is priced by the hour, which prices.json cannot say.`);
    return constraint === undefined || constraint.start_date <= day;
  });
  if (!inForce) throw new Error(`${id} has no price on ${day}.`);
  return inForce.prices;
}

/** The package's tiers begin above `start`; ours begin with the first token above it. */
function longContextStart(price: ModelPrice): number | undefined {
  const tiers = Object.values(price).flatMap((value) => (typeof value === 'object' ? [value.tiers] : []));
  const starts = new Set(tiers.flat().map(({ start }) => start));
  if (starts.size > 1 || tiers.some((steps) => steps.length !== 1))
    throw new Error('A price with more than one step does not fit prices.json.');
  const [start] = starts;
  return start === undefined ? undefined : start + 1;
}

type Listed = number | TieredPrices | undefined;
const baseOf = (value: Listed) => (typeof value === 'object' ? value.base : value);
const steppedOf = (value: Listed) => (typeof value === 'object' ? value.tiers[0]?.price : value);

/** A one-hour write costs twice the input where the model has one and the package leaves it out (AWS and Anthropic price lists). */
function digitsOf(price: ModelPrice, pick: (value: Listed) => number | undefined, hasOneHour: boolean) {
  const read = (key: string): string | null => {
    const value = pick(price[key]);
    return value === undefined ? null : exactDigits(value);
  };
  const input = read('input_mtok');
  if (input === null) throw new Error('A price without input.');
  return {
    input,
    output: read('output_mtok') ?? '0',
    cacheRead: read('cache_read_mtok'),
    cacheWrite5m: read('cache_write_mtok'),
    cacheWrite1h: read('cache_write_1h_mtok') ?? (hasOneHour ? twice(input) : null),
  };
}

/** The shortest decimal string that names this float; refused unless it is a whole number of picodollars per token. */
function exactDigits(value: number): string {
  const text = String(value);
  if (parsePricePerMillion(text) === undefined) throw new Error(`${text} USD per million tokens is not exact in picodollars per token.`);
  return text;
}

function twice(digits: string): string {
  const rate = parsePricePerMillion(digits);
  if (rate === undefined) throw new Error(`${digits} is not a price.`);
  return formatUsd(rate * 2n * 1_000_000n);
}

function withoutOverridden(rows: readonly PriceRow[], overrides: readonly PriceRow[]): PriceRow[] {
  const taken = new Set(overrides.flatMap(({ id, scopes }) => scopes.map((scope) => `${id} ${scope}`)));
  return rows
    .map((row) => ({ ...row, scopes: row.scopes.filter((scope) => !taken.has(`${row.id} ${scope}`)) }))
    .filter(({ scopes }) => scopes.length > 0);
}

function versionOf(rows: readonly PriceRow[]): string {
  const newest = rows
    .map(({ asOf }) => asOf)
    .toSorted()
    .at(-1);
  return `${newest}.${createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 8)}`;
}

function checkPackage({ package: reviewed }: Overrides): void {
  const installed = JSON.parse(readFileSync(new URL('../package.json', import.meta.resolve(PACKAGE)), 'utf8')) as { version: string };
  if (installed.version === reviewed.version) return;
  throw new Error(
    `${PACKAGE} ${installed.version} is installed, ${reviewed.version} was reviewed: put its version and day in price-overrides.json.`,
  );
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

if (import.meta.main) writeFileSync(new URL('prices.json', import.meta.url), formatPrices(makePrices()));
