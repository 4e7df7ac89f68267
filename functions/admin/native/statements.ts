// /admin/v1/statements: what was spent, asked, failed and waited for, by period and by model, key, user, group or tag.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Rebuild, RebuildState } from '../../core/ledger/rebuild.ts';
import type { Question, Series, Statements } from '../../core/ledger/statements.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { formatUsd } from '../../core/platform/money.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { isoOf } from './key-view.ts';
import { CSV_HEADER, csvOf } from './statement-csv.ts';
import {
  ExportQuerySchema,
  ForecastQuerySchema,
  ForecastSchema,
  questionOf,
  RebuildSchema,
  SeriesSchema,
  StatementQuerySchema,
  subjectsOf,
  toSeriesView,
} from './statement-schemas.ts';

export type StatementsDependencies = { statements: Statements; rebuild: Rebuild; keys: KeyStore; clock: Clock };

const TAGS = ['statements'];
/** Groups of one answer: a gateway of usual size has all of them in the first. */
const MOST_EXPORTED = 500;
type Fields = Omit<z.output<typeof ExportQuerySchema>, 'cursor'>;
const CursorSchema = z.strictObject({
  list: z.literal('statements'),
  from: z.string(),
  to: z.string(),
  groupBy: z.string(),
  after: z.string(),
});

export function addStatements(app: OpenAPIHono<AdminVariables>, { statements, rebuild, keys, clock }: StatementsDependencies): void {
  const asked = (fields: Fields): Question => {
    const question = questionOf(fields, clock());
    if ('fault' in question) throw new GatewayError('invalid_value', `${question.param} ${question.fault}.`, { param: question.param });
    return question;
  };

  const viewsOf = async (series: Series[], { groupBy }: Question) => {
    const isOfAccounts = groupBy === 'key' || groupBy === 'user' || groupBy === 'group';
    const names = isOfAccounts ? await keys.namesOf(series.map(({ group }) => group!)) : new Map<string, string>();
    return series.map((one) => toSeriesView(one, names.get(one.group ?? '') ?? null));
  };

  /** The question, and where its page begins: one that is asked for later is of the same time. */
  const placed = (fields: Fields, cursor: string | undefined): { question: Question; after: string | undefined } => {
    const question = asked(fields);
    if (cursor === undefined) return { question, after: undefined };
    const { from, to, groupBy, after } = parseCursor(cursor, CursorSchema);
    if (groupBy !== question.groupBy || from.length !== question.from.length) {
      throw new GatewayError('invalid_value', 'The cursor is of another question. Ask it again with the nextCursor it gave.', {
        param: 'cursor',
      });
    }
    return { question: { ...question, from, to }, after };
  };
  const cursorOf = ({ from, to, groupBy }: Question, next: string | undefined) =>
    next === undefined ? null : toCursor({ list: 'statements', from, to, groupBy, after: next });

  app.openapi(readStatement, async (c) => {
    const { limit, cursor, ...fields } = c.req.valid('query');
    const { question, after } = placed(fields, cursor);
    const { series, next } = await statements.query(question, limit, after);
    return c.json({ items: await viewsOf(series, question), nextCursor: cursorOf(question, next) }, 200);
  });

  app.openapi(exportStatement, async (c) => {
    const { cursor, ...fields } = c.req.valid('query');
    const { question, after } = placed(fields, cursor);
    const { series, next } = await statements.query(question, MOST_EXPORTED, after);
    const text = csvOf(await viewsOf(series, question));
    const name = `outcrop-${question.groupBy ?? 'all'}-${question.from}-${question.to}.csv`;
    c.header('content-disposition', `attachment; filename="${name}"`);
    const following = cursorOf(question, next);
    if (following !== null) c.header('x-outcrop-next-cursor', following);
    return c.body(cursor === undefined ? CSV_HEADER + text : text, 200, { 'content-type': 'text/csv; charset=utf-8' });
  });

  app.openapi(readForecast, async (c) => {
    const named = subjectsOf(c.req.valid('query'));
    if (named.length > 1) {
      const { param } = named[1]!;
      throw new GatewayError('invalid_value', `${param} cannot be asked for together with another of keyId, userId, groupId and tag.`, {
        param,
      });
    }
    const { month, monthToDate, recent, recentMs, forecast } = await statements.forecast(named[0]);
    const money = { monthToDate: formatUsd(monthToDate), forecast: formatUsd(forecast) };
    return c.json({ month, ...money, recent: { cost: formatUsd(recent), hours: Math.round(recentMs / 3_600) / 1_000 } }, 200);
  });

  app.openapi(startRebuild, async (c) => c.json(toRebuildView(await rebuild.start()), 202));
  app.openapi(readRebuild, async (c) => c.json(toRebuildView(await rebuild.state()), 200));
}

function toRebuildView({ startedAt, endedAt, ...rest }: RebuildState) {
  const moment = (at: number | null) => (at === null ? null : isoOf(at));
  return { ...rest, startedAt: moment(startedAt), endedAt: moment(endedAt) };
}

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const EXPORTED = `${CSV_HEADER}2026-11-21,claude-sonnet-4-5,,12,0,0,0,1.25,48210,5210,0,0,0,1840,1600,4200,7900,9120,412\r\n`;

const readStatement = createRoute({
  method: 'get',
  path: '/admin/v1/statements',
  operationId: 'readStatement',
  summary: 'Spend, requests, tokens, errors and latency by period',
  description:
    'Sums over the journal, some seconds behind it. A turn counts for the period it was admitted in, its correction for the same.',
  tags: TAGS,
  request: { query: StatementQuerySchema },
  responses: {
    200: { description: 'One statement for each group, in the order of their names.', content: json(pageOf(SeriesSchema)) },
    ...problems(400),
  },
});

const exportStatement = createRoute({
  method: 'get',
  path: '/admin/v1/statements.csv',
  operationId: 'exportStatement',
  summary: 'The same statement as CSV',
  description:
    'One line for each group and period, of up to 500 groups: x-outcrop-next-cursor is the cursor of those that follow, and only the first page has the line of names, so that pages can be put behind one another. Columns keep their names and places.',
  tags: TAGS,
  request: { query: ExportQuerySchema },
  responses: {
    200: { description: 'RFC 4180, UTF-8.', content: { 'text/csv': { schema: z.string(), example: EXPORTED } } },
    ...problems(400),
  },
});

const readForecast = createRoute({
  method: 'get',
  path: '/admin/v1/statements/forecast',
  operationId: 'readForecast',
  summary: 'The month to date, and what it will have cost',
  description:
    'What is spent so far, and for the rest of the month the pace of the last seven days, or of the time since the first spending in them, a day at least.',
  tags: TAGS,
  request: { query: ForecastQuerySchema },
  responses: { 200: { description: 'The forecast.', content: json(ForecastSchema) }, ...problems(400) },
});

const startRebuild = createRoute({
  method: 'post',
  path: '/admin/v1/statements/rebuild',
  operationId: 'startRebuild',
  summary: 'Make all statements again from the journal',
  description: 'Goes on in the background; until it is done, statements are read as they were. One that is under way goes on.',
  tags: TAGS,
  responses: { 202: { description: 'It is under way.', content: json(RebuildSchema) }, ...problems(400, 409, 413) },
});

const readRebuild = createRoute({
  method: 'get',
  path: '/admin/v1/statements/rebuild',
  operationId: 'readRebuild',
  summary: 'How far a rebuild is',
  description: 'It can be asked for as often as one likes; endedAt says that it is over.',
  tags: TAGS,
  responses: { 200: { description: 'The last rebuild.', content: json(RebuildSchema) }, ...problems() },
});
