// Statements on the wire, and the questions that can be asked of them.
import { z } from '@hono/zod-openapi';
import { COUNTERS, type Grain, latencyPercentile, type Measures, periodOf } from '../../core/ledger/statement.ts';
import type { Question, Series } from '../../core/ledger/statements.ts';
import { formatUsd } from '../../core/platform/money.ts';
import { quote } from '../faults.ts';
import { pageQuery } from '../openapi/document.ts';
import { parseMoment, parseRange } from './moment.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As much as one answer may be asked for: a question is answered from so many partitions. */
const MOST_MS: Record<Grain, number> = { hour: 31 * DAY_MS, day: 400 * DAY_MS, month: 1_830 * DAY_MS };
const MOST_HOURS_GROUPED = 7 * DAY_MS;

const point = <Point>(parse: (text: string) => Point | undefined) =>
  z.string('must be one text').transform((given, context) => {
    const at = parse(given);
    if (at !== undefined) return at;
    context.addIssue({
      code: 'custom',
      message: `must be a date such as "2026-11-01" or a date-time with its zone; ${quote(given)} was given`,
    });
    return z.NEVER;
  });

const text = z.string('must be one text').min(1, 'must not be empty').max(300, 'must have at most 300 characters').optional();
const id = (kind: string, prefix: string) =>
  z
    .string('must be one text')
    .regex(new RegExp(`^${prefix}_[0-9A-Za-z]{22}$`), { error: ({ input }) => `is not an id of a ${kind}; ${quote(input)} was given` })
    .optional();

const GROUPS = ['model', 'key', 'user', 'group', 'tag'] as const;
const SUBJECTS = ['key', 'user', 'group', 'tag'] as const;

const questionFields = {
  from: point(parseMoment)
    .optional()
    .openapi({ description: 'The first period is the one this moment is in. Default: the first of the month.', example: '2026-11-01' }),
  to: point(parseRange).optional().openapi({
    description: 'The last period is the one before this moment; of a date, all of the day. Default: now.',
    example: '2026-11-30',
  }),
  granularity: z.enum(['hour', 'day', 'month']).default('day').openapi({ description: 'How long a period is. UTC.' }),
  groupBy: z.enum(GROUPS).optional().openapi({ description: 'One row for each. A key, user, group or tag can be grouped by model only.' }),
  model: text.openapi({ description: 'Only this model, by the name the clients sent.', example: 'claude-sonnet-4-5' }),
  keyId: id('key', 'key').openapi({
    description: 'Only this key. One of keyId, userId, groupId and tag.',
    example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs',
  }),
  userId: id('user', 'usr').openapi({ description: 'Only this user.' }),
  groupId: id('group', 'grp').openapi({ description: 'Only this group.' }),
  tag: text.openapi({ description: 'Only calls of keys that had this tag at the time.', example: 'production' }),
};

export const StatementQuerySchema = z.strictObject({ ...questionFields, ...pageQuery });
export const ExportQuerySchema = z.strictObject({ ...questionFields, cursor: pageQuery.cursor });
export const OwnUsageQuerySchema = z.strictObject({
  from: questionFields.from,
  to: questionFields.to,
  granularity: questionFields.granularity,
  model: questionFields.model,
  keyId: questionFields.keyId.openapi({ description: 'Only this key of mine; all of them together unless given.' }),
  groupBy: z
    .enum(['model', 'key'], 'must be model or key')
    .optional()
    .openapi({ description: 'One statement for each model, or for each key of mine.' }),
});
export const ForecastQuerySchema = z.strictObject({
  keyId: questionFields.keyId,
  userId: questionFields.userId,
  groupId: questionFields.groupId,
  tag: questionFields.tag,
});

type Fields = Omit<z.output<typeof ExportQuerySchema>, 'cursor'>;

/** The question, or what is wrong with it: the field, and a sentence without its subject. */
export function questionOf(fields: Fields, now: number): Question | { param: string; fault: string } {
  const { granularity: grain, groupBy, model } = fields;
  const named = subjectsOf(fields);
  if (named.length > 1)
    return { param: named[1]!.param, fault: 'cannot be asked for together with another of keyId, userId, groupId and tag' };
  const of = named[0] && { subject: named[0].subject, value: named[0].value };
  if (of && groupBy && groupBy !== 'model')
    return { param: 'groupBy', fault: 'can only be "model" when one key, user, group or tag is asked for' };
  const end = Math.max((fields.to?.end ?? now + 1) - 1, 0);
  const month = new Date(end);
  const start = fields.from ?? Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), 1);
  if (start > end) return { param: 'to', fault: 'must not be before from' };
  const most = grain === 'hour' && groupBy && groupBy !== 'model' ? MOST_HOURS_GROUPED : MOST_MS[grain];
  if (end - start > most)
    return {
      param: 'from',
      fault: `and to lie more than ${most / DAY_MS} days apart, which is the most for this granularity and grouping`,
    };
  return { from: periodOf(start, grain), to: periodOf(end, grain), grain, of, model, groupBy };
}

export function subjectsOf(fields: Pick<Fields, 'keyId' | 'userId' | 'groupId' | 'tag'>) {
  return SUBJECTS.flatMap((subject) => {
    const param = subject === 'tag' ? ('tag' as const) : (`${subject}Id` as const);
    const value = fields[param];
    return value === undefined ? [] : [{ subject, param, value }];
  });
}

const count = z.int().openapi({ example: 12 });
const MeasuresSchema = z
  .object({
    requests: count,
    errors: count.openapi({ description: 'Requests that failed.', example: 1 }),
    cancelled: count.openapi({ description: 'Requests whose caller left.', example: 0 }),
    estimated: count.openapi({ description: 'Requests charged by an upper bound, because their usage was never learnt.', example: 0 }),
    cost: z.string().openapi({ description: 'USD, exact.', example: '1.25' }),
    tokens: z
      .object({ input: count, output: count, cacheRead: count, cacheWrite5m: count, cacheWrite1h: count })
      .openapi({ example: { input: 48_210, output: 5_210, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 } }),
    latencyMs: z
      .object({
        mean: z.int().nullable(),
        p50: z.int().nullable(),
        p95: z.int().nullable(),
        p99: z.int().nullable(),
        max: z.int().nullable(),
      })
      .openapi({ description: 'Percentiles are the upper end of the bucket they are in.' }),
    firstTokenMs: z.object({ mean: z.int().nullable() }),
  })
  .openapi('Measures');

export const SeriesSchema = z
  .object({
    group: z.string().nullable().openapi({ description: 'The model, id or tag; null when nothing is grouped.' }),
    name: z.string().nullable().openapi({ description: 'The name of the key as it is now, where keys are grouped.', example: null }),
    total: MeasuresSchema,
    periods: z
      .array(MeasuresSchema.extend({ period: z.string().openapi({ example: '2026-11-21' }) }))
      .openapi({ description: 'In order; a period without anything is left out.' }),
  })
  .openapi('Statement');

export const ForecastSchema = z
  .object({
    month: z.string().openapi({ example: '2026-11' }),
    monthToDate: z.string().openapi({ description: 'USD, exact.', example: '40' }),
    forecast: z.string().openapi({ description: 'USD, rounded down to a picodollar.', example: '61.5' }),
    recent: z
      .object({ cost: z.string().openapi({ example: '14' }), hours: z.number().openapi({ example: 168 }) })
      .openapi({ description: 'The stretch whose pace the rest of the month is reckoned with.' }),
  })
  .openapi('Forecast');

export const RebuildSchema = z
  .object({
    state: z.enum(['never', 'running', 'removing', 'done']),
    read: z.int().openapi({ description: 'Entries read so far; those written in the last days before it are read twice.' }),
    at: z.string().nullable().openapi({ description: 'The month it is at.', example: '2026-11' }),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
  })
  .openapi('Rebuild', { example: { state: 'running', read: 48_210, at: '2026-11', startedAt: '2026-11-21T08:30:00.000Z', endedAt: null } });

type MeasuresView = z.infer<typeof MeasuresSchema>;

export function toSeriesView({ group, total, periods }: Series, name: string | null): z.infer<typeof SeriesSchema> {
  return {
    group,
    name,
    total: toMeasuresView(total),
    periods: periods.map(({ period, measures }) => ({ period, ...toMeasuresView(measures) })),
  };
}

function toMeasuresView(measures: Measures): MeasuresView {
  const plain = Object.fromEntries(COUNTERS.map((name) => [name, Number(measures[name])])) as Record<(typeof COUNTERS)[number], number>;
  const { requests, errors, cancelled, estimated, input, output, cacheRead, cacheWrite5m, cacheWrite1h } = plain;
  const percentile = (percent: number) => latencyPercentile(measures, percent);
  return {
    ...{ requests, errors, cancelled, estimated },
    cost: formatUsd(measures.cost),
    tokens: { input, output, cacheRead, cacheWrite5m, cacheWrite1h },
    latencyMs: {
      ...{ mean: meanOf(plain.latencyMs, plain.latencyCount), p50: percentile(50), p95: percentile(95), p99: percentile(99) },
      max: measures.latencyCount > 0n ? Number(measures.latencyMax) : null,
    },
    firstTokenMs: { mean: meanOf(plain.firstTokenMs, plain.firstTokenCount) },
  };
}

function meanOf(sum: number, counted: number): number | null {
  return counted > 0 ? Math.round(sum / counted) : null;
}
