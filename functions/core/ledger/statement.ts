// What an entry adds to statements, and to which rows. Pure: a row is the sum of the measures of its entries, in any order.
import { timeOfId } from '../platform/ids.ts';
import type { Attribute, Item } from '../store/client.ts';
import { type ItemKey, rowKey } from '../store/keys.ts';
import type { Entry } from './journal.ts';

export const COUNTERS = [
  ...(['requests', 'errors', 'cancelled', 'estimated', 'cost'] as const),
  ...(['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const),
  ...(['latencyCount', 'latencyMs', 'firstTokenCount', 'firstTokenMs'] as const),
];
export type Counter = (typeof COUNTERS)[number];

/** Upper ends of the latency buckets, in ms; the last bucket has none. A percentile is told as the end of its bucket. */
const LATENCY_ENDS_MS = [
  50, 100, 200, 350, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000, 90_000, 120_000,
  180_000, 300_000, 600_000, 900_000,
];

export type Measures = Record<Counter, bigint> & { latencyMax: bigint; buckets: bigint[] };

export type Grain = 'month' | 'day' | 'hour';
export type Subject = 'all' | 'key' | 'user' | 'group' | 'tag';
export type Delta = { key: ItemKey; measures: Measures };

export function noMeasures(): Measures {
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, 0n])) as Record<Counter, bigint>;
  return { ...counters, latencyMax: 0n, buckets: Array.from({ length: LATENCY_ENDS_MS.length + 1 }, () => 0n) };
}

/**
 * What one entry adds. A correction is not another request: it takes back what the estimate before it was counted as, so that both together
 * are the turn as it was. A correction of nothing, which closes an estimate for good, takes nothing back.
 */
function measuresOf(entry: Entry): Measures {
  const measures = noMeasures();
  const { usage, cost, status, latencyMs, firstTokenMs, isCorrection } = entry;
  const isLateResult = isCorrection && entry.error !== 'abandoned';
  const one = (is: boolean) => (is ? 1n : 0n);
  measures.requests = one(!isCorrection);
  measures.errors = isCorrection ? one(isLateResult && status === 'failed') - one(isLateResult) : one(status === 'failed');
  measures.cancelled = one(status === 'cancelled');
  measures.estimated = isCorrection ? one(isLateResult && entry.isEstimated) - one(isLateResult) : one(entry.isEstimated);
  measures.cost = cost;
  for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) measures[kind] = BigInt(usage[kind]);
  if (latencyMs !== null && !(isCorrection && !isLateResult)) {
    const latency = BigInt(Math.round(latencyMs));
    Object.assign(measures, { latencyCount: 1n, latencyMs: latency, latencyMax: latency });
    const bucket = LATENCY_ENDS_MS.findIndex((end) => latencyMs <= end);
    measures.buckets[bucket === -1 ? LATENCY_ENDS_MS.length : bucket] = 1n;
  }
  if (firstTokenMs !== null) Object.assign(measures, { firstTokenCount: 1n, firstTokenMs: BigInt(Math.round(firstTokenMs)) });
  return measures;
}

export function addMeasures(a: Measures, b: Measures): Measures {
  const sum = {
    latencyMax: a.latencyMax > b.latencyMax ? a.latencyMax : b.latencyMax,
    buckets: a.buckets.map((count, number) => count + b.buckets[number]!),
  } as Measures;
  for (const name of COUNTERS) sum[name] = a[name] + b[name];
  return sum;
}

/** The moment a turn counts for: when it was admitted. Its month is what the account was charged in, also where the id is a moment older. */
function momentOf({ requestId, month }: Pick<Entry, 'requestId' | 'month'>): number {
  const at = timeOfId(requestId);
  const [year, number] = month.split('-').map(Number) as [number, number];
  const [first, last] = [Date.UTC(year, number - 1, 1), Date.UTC(year, number, 1) - 1];
  return at < first ? first : at > last ? last : at;
}

/** `2026-11`, `2026-11-21`, `2026-11-21T07`. */
export function periodOf(at: number, grain: Grain): string {
  return new Date(at).toISOString().slice(0, grain === 'month' ? 7 : grain === 'day' ? 10 : 13);
}

/** The partition a period's rows are in: years of months, months of days, days of hours. */
export function blockOf(period: string): string {
  return period.slice(0, period.length === 7 ? 4 : period.length === 10 ? 7 : 10);
}

export function rowPartition(generation: string, subject: Subject, grain: Grain, block: string): string {
  return `${generation}#${subject}#${grain}#${block}`;
}

/** Rows of one value lie together, and of its models; `#` and `$` are in no encoded value. */
function rowSort(value: string, model: string, period: string): string {
  return `${encoded(value)}#${encoded(model)}#${period}`;
}

/** Without any character that sorts before `#`, so that values sort alone as they sort with what follows. */
export function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll('!', '%21');
}

/** What the entries add to each row they touch. The key, user and group of an entry are one value each, its tags are several. */
export function deltasOf(generation: string, entries: readonly Entry[]): Delta[] {
  const deltas = new Map<string, Delta>();
  for (const entry of entries) {
    const measures = measuresOf(entry);
    const at = momentOf(entry);
    for (const [subject, value] of valuesOf(entry)) {
      for (const grain of ['month', 'day', 'hour'] as const) {
        const period = periodOf(at, grain);
        const key = rowKey(rowPartition(generation, subject, grain, blockOf(period)), rowSort(value, entry.model, period));
        const id = `${key.pk} ${key.sk}`;
        const known = deltas.get(id);
        deltas.set(id, { key, measures: known ? addMeasures(known.measures, measures) : measures });
      }
    }
  }
  return [...deltas.values()];
}

function valuesOf({ accountId, groupId, userId, tags = [] }: Entry): [Subject, string][] {
  const values: [Subject, string][] = [
    ['all', ''],
    ['key', accountId],
  ];
  if (userId) values.push(['user', userId]);
  if (groupId) values.push(['group', groupId]);
  for (const tag of new Set(tags)) values.push(['tag', tag]);
  return values;
}

/** The attributes of a row; counters of nothing are left out. */
export function rowAttributes(measures: Measures): Item {
  const counters: Record<string, Attribute> = {};
  for (const name of [...COUNTERS, 'latencyMax'] as const) if (measures[name] !== 0n) counters[name] = measures[name];
  measures.buckets.forEach((count, number) => {
    if (count !== 0n) counters[`b${number}`] = count;
  });
  return { sums: counters };
}

export function measuresOfRow(item: Item): Measures {
  const counters = item.sums as Record<string, bigint | undefined>;
  const measures = noMeasures();
  for (const name of [...COUNTERS, 'latencyMax'] as const) measures[name] = counters[name] ?? 0n;
  measures.buckets = measures.buckets.map((_, number) => counters[`b${number}`] ?? 0n);
  return measures;
}

/** The latency that `percent` of the calls did not exceed: the end of its bucket, or the longest one where that is less. */
export function latencyPercentile({ buckets, latencyCount, latencyMax }: Measures, percent: number): number | null {
  if (latencyCount <= 0n) return null;
  const wanted = (latencyCount * BigInt(percent) + 99n) / 100n;
  let seen = 0n;
  for (const [number, count] of buckets.entries()) {
    seen += count;
    if (seen >= wanted) return Math.min(LATENCY_ENDS_MS[number] ?? Number(latencyMax), Number(latencyMax));
  }
  return Number(latencyMax);
}
