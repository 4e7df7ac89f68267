// Windows: how many requests, tokens or picodollars an account may use in each stretch of so many seconds … months. Pure.
//
// They are fixed, aligned to UTC (from 1970 on), and kept in the account item with the start of the stretch they count; the first admission
// of a new stretch starts the count again in its own conditional write. Law: a stretch never counts less than was admitted into it.
import type { Picodollars } from '../platform/money.ts';
import type { Attribute, Item } from '../store/client.ts';

export const WINDOW_KINDS = ['requests', 'tokens', 'cost'] as const;
export const WINDOW_UNITS = ['s', 'm', 'h', 'd', 'mo'] as const;
export type WindowKind = (typeof WINDOW_KINDS)[number];
export type WindowUnit = (typeof WINDOW_UNITS)[number];

/** At most `limit` requests, tokens or picodollars in every `count` units: 2 requests per 5 m. */
export type WindowLimit = { kind: WindowKind; limit: bigint; count: number; unit: WindowUnit };

/** `id` names the counters in the item: kind and length, and the version of the item that the window came with. */
export type Window = WindowLimit & { id: string; start: number; used: bigint };

/** What a call may use at the most. */
export type Ask = { amount: Picodollars; tokens: number };
/** What a call used in the end. `requests` is 0 for one that was never made. */
export type Used = { cost: Picodollars; tokens: number; requests: 0 | 1 };

/** Each makes the item, and every hold in it, a little bigger. */
export const MOST_WINDOWS = 10;

export const START = 'ws:';
export const USED = 'wu:';

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const ID = /^([rtc])(\d+)(s|m|h|d|mo)\./;

/** Two windows of the same kind and length are one limit. */
export function shapeOf({ kind, count, unit }: WindowLimit): string {
  return `${kind[0]}${count}${unit}`;
}

export function startOf({ count, unit }: Pick<WindowLimit, 'count' | 'unit'>, at: number): number {
  if (unit !== 'mo') return at - (at % (count * UNITS_MS[unit]));
  const month = monthNumber(at);
  return Date.UTC(1970, month - (month % count), 1);
}

/** When the stretch that began at `start` is over. */
export function endOf({ count, unit }: Pick<WindowLimit, 'count' | 'unit'>, start: number): number {
  return unit === 'mo' ? Date.UTC(1970, monthNumber(start) + count, 1) : start + count * UNITS_MS[unit];
}

/** The same for a window of which only the id is known. */
export function endOfId(id: string, start: number): number {
  const [, , count, unit] = ID.exec(id)!;
  return endOf({ count: Number(count), unit: unit as WindowUnit }, start);
}

/** What the window counts of a call. */
export function needOf(kind: WindowKind, { amount, tokens }: Ask): bigint {
  if (kind === 'requests') return 1n;
  return kind === 'tokens' ? BigInt(tokens) : amount;
}

/** How much less than at its admission a call used of a window, as a difference to be added. */
export function differenceOf(id: string, held: Ask, used: Used): bigint {
  if (id.startsWith('r')) return BigInt(used.requests - 1);
  return id.startsWith('t') ? BigInt(used.tokens - held.tokens) : used.cost - held.amount;
}

/** The window as it is at that moment: a stretch that is over counts nothing any more. A clock behind the item's stays in the item's stretch. */
export function windowAt(window: Window, now: number): Window {
  const start = startOf(window, now);
  return start > window.start ? { ...window, start, used: 0n } : window;
}

/** Whether one of the windows, which are named by their ids, counts tokens. */
export function countsTokens(windows: Record<string, number>): boolean {
  return Object.keys(windows).some((id) => id.startsWith('t'));
}

export function isFull(window: Window, ask: Ask, now: number): boolean {
  const { kind, limit, used } = windowAt(window, now);
  return used + needOf(kind, ask) > limit;
}

export function windowsOf(item: Item): Window[] {
  const windows = (item.windows ?? []) as Record<string, Attribute>[];
  return windows.map(({ id, kind, limit, count, unit }) => ({
    id: String(id),
    kind: kind as WindowKind,
    limit: limit as bigint,
    count: Number(count),
    unit: unit as WindowUnit,
    start: Number(item[START + id] ?? 0),
    used: (item[USED + id] as bigint | undefined) ?? 0n,
  }));
}

/**
 * The attributes that `wanted` puts in place of the windows there are; `undefined` takes one away. A window that keeps its kind and length
 * keeps its count. `version` is the item's, so that no window ever has the counters, or the holds, of one that was taken away before.
 */
export function windowAttributes(before: readonly Window[], wanted: readonly WindowLimit[], version: bigint) {
  const attributes: Record<string, Attribute | undefined> = {};
  const kept = new Map(before.map((window) => [shapeOf(window), window.id]));
  const windows = wanted.map(({ kind, limit, count, unit }) => {
    const shape = shapeOf({ kind, limit, count, unit });
    const id = kept.get(shape) ?? `${shape}.${version}`;
    if (!kept.delete(shape)) Object.assign(attributes, { [START + id]: 0n, [USED + id]: 0n });
    return { id, kind, limit, count: BigInt(count), unit };
  });
  for (const id of kept.values()) Object.assign(attributes, { [START + id]: undefined, [USED + id]: undefined });
  return { ...attributes, windows };
}

function monthNumber(at: number): number {
  const date = new Date(at);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}
