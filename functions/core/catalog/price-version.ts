// Prices that administrators set: versions with a beginning, kept for ever, never edited. Pure: the moment is a parameter.
//
//   from ──── in force ────► from of the next version of the same model, scope and tier, or the moment it was ended
import { parseBedrockId } from './bedrock-id.ts';
import { type Price, type PriceDigits, type ServiceTier, toPrice } from './prices.ts';

export type PriceVersion = {
  /** What the journal names. Ids of later versions compare greater. */
  id: string;
  /** The name of a model, or a bare foundation ID. */
  model: string;
  /** Where it applies: a Region, `region`, a profile's prefix, `geo`, `global`, or `*` for everywhere. */
  scope: string;
  tier: ServiceTier;
  /** Milliseconds. */
  from: number;
  digits: PriceDigits;
  note: string | null;
  /** Who set it: `master`, or the id of a key. */
  author: string;
  createdAt: number;
  /** When it was ended by hand, else `null`. One that was ended before it began never was. */
  endedAt: number | null;
};

/** Versions by the line they belong to, each line oldest first. */
export type PriceLines = Map<string, { version: PriceVersion; price: Price }[]>;

export const EVERYWHERE = '*';

export function lineOf({ model, scope, tier }: { model: string; scope: string; tier: ServiceTier }): string {
  return `${model} ${scope} ${tier}`;
}

/** Parses every version once; throws on digits that are not exact. */
export function toPriceLines(versions: readonly PriceVersion[]): PriceLines {
  const lines: PriceLines = new Map();
  const inOrder = versions.toSorted((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
  for (const version of inOrder) {
    const hasBegun = version.endedAt === null || version.endedAt > version.from;
    if (!hasBegun) continue;
    const line = lines.get(lineOf(version)) ?? [];
    line.push({ version, price: toPrice(version.digits, version.id, version.model) });
    lines.set(lineOf(version), line);
  }
  return lines;
}

/** The price of one line at a moment: the last that has begun, unless it was ended. An ended one does not bring back the one before. */
export function inForce(lines: PriceLines, line: string, at: number): Price | undefined {
  const begun = lines.get(line)?.findLast(({ version }) => version.from <= at);
  if (!begun) return undefined;
  const { endedAt } = begun.version;
  return endedAt !== null && endedAt <= at ? undefined : begun.price;
}

/**
 * Scopes that a call of the target falls under, the narrowest first. A bare ID is served in the Region of its ARN, else in the gateway's.
 * Unlike shipped rows, a price set by hand is never taken from beside.
 */
export function scopesOfTarget(target: string, region: string | undefined): string[] {
  const reach = parseBedrockId(target)?.reach;
  const home = /^arn:[a-z-]+:bedrock:([a-z0-9-]+):/.exec(target)?.[1] ?? region;
  const here = home === undefined ? [] : [home];
  if (reach === undefined) return [...here, EVERYWHERE];
  if (reach === 'region') return [...here, 'region', EVERYWHERE];
  if (reach === 'global' || reach === 'us-gov') return [reach, EVERYWHERE];
  return [reach, 'geo', EVERYWHERE];
}
