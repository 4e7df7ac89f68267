// Statements asked for: the rows of a question, grouped and in order. Reads only as many partitions as the question has months or days.
import { type Clock, endOfMonth, monthOf } from '../platform/clock.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Item, Store } from '../store/client.ts';
import { rowKey } from '../store/keys.ts';
import type { Rebuild } from './rebuild.ts';
import {
  addMeasures,
  blockOf,
  encoded,
  type Grain,
  type Measures,
  measuresOfRow,
  noMeasures,
  periodOf,
  rowPartition,
  type Subject,
} from './statement.ts';

export type Question = {
  /** Both ends included, as `periodOf` writes them, of one grain. */
  from: string;
  to: string;
  grain: Grain;
  /** Only what belongs to this key, user, group or tag. */
  of?: { subject: Exclude<Subject, 'all'>; value: string };
  model?: string;
  /** One group for each value; a subject can be grouped by where no other is asked for. */
  groupBy?: 'model' | Exclude<Subject, 'all'>;
};

export type Series = { group: string | null; total: Measures; periods: { period: string; measures: Measures }[] };
export type SeriesPage = { series: Series[]; next: string | undefined };

export type Forecast = {
  month: string;
  monthToDate: Picodollars;
  /** Spent in the stretch that the rate is taken from, and how long that is. */
  recent: Picodollars;
  recentMs: number;
  forecast: Picodollars;
};

export type Statements = ReturnType<typeof createStatements>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STRETCH_MS = 7 * DAY_MS;
/** Rows of a partition that are read at first, at the least and at the most: what a page of usual length is made of. */
const FEWEST_ROWS = 100;
const MOST_ROWS = 1_000;
const EVERYTHING = 1_000_000;

export function createStatements({ store, rebuild, clock }: { store: Store; rebuild: Rebuild; clock: Clock }) {
  /** All rows of one value, or of the only value there is. */
  async function rowsOfValue(generation: string, { grain, of, from, to }: Question): Promise<Item[]> {
    const value = encoded(of?.value ?? '');
    const bounds = { from: `${value}#`, to: `${value}$` };
    const partitions = blocksBetween(from, to).map((block) => rowKey(rowPartition(generation, of?.subject ?? 'all', grain, block), '').pk);
    return (
      await Promise.all(partitions.map((partition) => store.query({ table: 'journal', partition, ...bounds, limit: EVERYTHING })))
    ).flat();
  }

  /** Rows of the next values after one, whole: values that a read broke off in are left for the next page. */
  async function rowsOfValues(generation: string, question: Question, limit: number, after: string | undefined) {
    const { grain, groupBy, from, to } = question;
    const partitions = blocksBetween(from, to).map((block) => rowKey(rowPartition(generation, groupBy as Subject, grain, block), '').pk);
    const bounds = after === undefined ? {} : { from: `${after}$`, to: '\u007f' };
    const rows = rowsAtFirst(question, limit);
    const parts = partitions.map((partition) => ({ partition, items: [] as Item[], isOver: false }));
    for (;;) {
      // A partition that was not read to its end may have more of its last value.
      const ends = parts.filter(({ isOver }) => !isOver).map(({ items }) => (items.length === 0 ? '' : firstOf(items.at(-1)!)));
      const end = ends.length === 0 ? undefined : ends.reduce((least, value) => (value < least ? value : least));
      const items = parts.flatMap((part) => part.items).filter((item) => end === undefined || firstOf(item) < end);
      const values = [...new Set(items.map(firstOf))].sort();
      if (values.length >= limit || end === undefined) {
        const kept = new Set(values.slice(0, limit));
        const hasMore = end !== undefined || values.length > limit;
        return { items: items.filter((item) => kept.has(firstOf(item))), next: hasMore ? values.slice(0, limit).at(-1) : undefined };
      }
      const short = parts.filter((part) => !part.isOver && (part.items.length === 0 || firstOf(part.items.at(-1)!) === end));
      await Promise.all(
        short.map(async (part) => {
          const last = part.items.at(-1);
          const start = last && { pk: last.pk!, sk: last.sk! };
          const more = await store.query({ table: 'journal', partition: part.partition, ...bounds, after: start, limit: rows });
          part.items.push(...more);
          part.isOver = more.length < rows;
        }),
      );
    }
  }

  return {
    /** Groups in the order of their encoded names, at most `limit`; `after` is the `next` of the page before. */
    async query(question: Question, limit: number, after?: string): Promise<SeriesPage> {
      const generation = await rebuild.generation();
      const { groupBy } = question;
      if (groupBy && groupBy !== 'model') {
        const { items, next } = await rowsOfValues(generation, question, limit, after);
        return { series: seriesOf(items, question, firstOf), next };
      }
      const all = seriesOf(await rowsOfValue(generation, question), question, groupBy ? secondOf : () => '');
      if (!groupBy) return { series: [{ ...(all[0] ?? { total: noMeasures(), periods: [] }), group: null }], next: undefined };
      const rest = all.filter(({ group }) => after === undefined || encoded(group!) > after);
      const last = rest[limit - 1];
      return { series: rest.slice(0, limit), next: rest.length > limit ? encoded(last!.group!) : undefined };
    },

    /**
     * What the month will have cost at the pace of the last seven days: spent so far, and for every millisecond left what the stretch cost
     * per millisecond, rounded down once. The stretch begins with the first hour in it that cost anything, and is a day at least.
     */
    async forecast(of?: Question['of']): Promise<Forecast> {
      const now = clock();
      const month = monthOf(now);
      const since = now - STRETCH_MS;
      const [months, hours] = await Promise.all([
        this.query({ from: month, to: month, grain: 'month', of }, 1),
        this.query({ from: periodOf(since, 'hour'), to: periodOf(now, 'hour'), grain: 'hour', of }, 1),
      ]);
      const monthToDate = months.series[0]!.total.cost;
      const { total, periods } = hours.series[0]!;
      const first = periods.find(({ measures }) => measures.cost !== 0n);
      const start = first ? Math.min(Date.parse(`${first.period}:00:00Z`), now - DAY_MS) : since;
      const recentMs = now - start;
      const left = BigInt(endOfMonth(month) - now);
      return { month, monthToDate, recent: total.cost, recentMs, forecast: monthToDate + (total.cost * left) / BigInt(recentMs) };
    },
  };
}

/** A row for each value and period, where a value has one model; where it has more, the rest is read next. */
function rowsAtFirst({ from, to, grain }: Question, limit: number): number {
  const most = grain === 'month' ? 12 : grain === 'day' ? 31 : 24;
  const periods = blockOf(from) === blockOf(to) ? Number(to.slice(-2)) - Number(from.slice(-2)) + 1 : most;
  return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, (limit + 1) * periods));
}

const firstOf = ({ sk }: Item) => String(sk).split('#')[0]!;
const secondOf = ({ sk }: Item) => String(sk).split('#')[1]!;

function seriesOf(items: Item[], { from, to, model }: Question, groupOf: (item: Item) => string): Series[] {
  const groups = new Map<string, Map<string, Measures>>();
  for (const item of items) {
    const period = String(item.sk).split('#')[2]!;
    if (period < from || period > to || (model !== undefined && decodeURIComponent(secondOf(item)) !== model)) continue;
    const group = groupOf(item);
    const periods = groups.get(group) ?? new Map<string, Measures>();
    groups.set(group, periods.set(period, addMeasures(periods.get(period) ?? noMeasures(), measuresOfRow(item))));
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, found]) => {
      const periods = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([period, measures]) => ({ period, measures }));
      const total = periods.reduce((sum, { measures }) => addMeasures(sum, measures), noMeasures());
      return { group: decodeURIComponent(group), total, periods };
    });
}

/** Years of months, months of days, days of hours. */
function blocksBetween(from: string, to: string): string[] {
  const last = blockOf(to);
  const blocks: string[] = [];
  for (let block = blockOf(from); block <= last; block = nextBlock(block)) {
    // After the year 9999 a year has five digits, and is less as a text.
    if (blocks.length > 0 && block <= blocks.at(-1)!) break;
    blocks.push(block);
  }
  return blocks;
}

function nextBlock(block: string): string {
  if (block.length === 4) return String(Number(block) + 1);
  if (block.length === 7) return monthOf(endOfMonth(block));
  return periodOf(Date.parse(block) + DAY_MS, 'day');
}
