// /admin/v1/journal: what was called, by whom, and what it cost.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Entry, EntryPage, Journal } from '../../core/ledger/journal.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { firstIdAt, timeOfId } from '../../core/platform/ids.ts';
import { formatPricePerMillion, formatUsd } from '../../core/platform/money.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { badCursor, parseCursor, toCursor } from './cursor.ts';
import { ACCOUNT_ID, EntrySchema, type EntryView, entryFilters, JournalQuerySchema } from './journal-schemas.ts';
import { isoOf } from './key-view.ts';

const DEFAULT_MONTHS = 13;
/** Entries of all keys are asked for month by month. */
const MOST_MONTHS = 36;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;

/** Entries that one page looks at for those that were asked for, and how many are read at a time. */
const MOST_LOOKED_AT = 1_000;
const CHUNK = 250;

const FiltersSchema = z.strictObject(entryFilters);
type Filters = z.output<typeof FiltersSchema>;

const CursorSchema = z.strictObject({
  list: z.literal('journal'),
  asked: FiltersSchema.default({}),
  keyId: z.string().regex(ACCOUNT_ID).optional(),
  from: z.int().nonnegative(),
  to: z.int(),
  after: z.string().regex(/^req_[0-9A-Za-z]{22}(~late)?$/),
});

type Query = z.output<typeof JournalQuerySchema>;
/** Which entries: a question keeps its meaning from page to page. */
type Question = { keyId: string | undefined; from: number; to: number; after: string | undefined; asked: Filters };

export function addJournal(app: OpenAPIHono<AdminVariables>, dependencies: { journal: Journal; keys: KeyStore; clock: Clock }): void {
  const { journal, keys, clock } = dependencies;

  app.openapi(listEntries, async (c) => {
    const query = c.req.valid('query');
    const question = query.cursor === undefined ? questionOf(query, clock()) : questionOfCursor(query.cursor, query, clock());
    const { keyId, from, to, asked } = question;
    if (from >= to) return c.json({ items: [], nextCursor: null }, 200);
    const { entries, next } = await read(journal, question, query.limit);
    const names = await keys.namesOf(entries.map(({ accountId }) => accountId));
    const items = entries.map((entry) => toEntryView(entry, names.get(entry.accountId) ?? null));
    return c.json(
      { items, nextCursor: next === undefined ? null : toCursor({ list: 'journal', keyId, from, to, asked, after: next }) },
      200,
    );
  });
}

/** A page, filtered on the way: it ends when it is full, or when enough was looked at; the next one goes on there. */
async function read(journal: Journal, { keyId, from, to, after, asked }: Question, limit: number): Promise<EntryPage> {
  const pageOfTime = (most: number, place: string | undefined) =>
    keyId === undefined ? journal.ofAll(from, to, most, place) : journal.ofAccount(keyId, from, to, most, place);
  if (Object.keys(asked).length === 0) return pageOfTime(limit, after);
  const found: Entry[] = [];
  let place = after;
  for (let seen = 0; seen < MOST_LOOKED_AT; seen += CHUNK) {
    const { entries, next } = await pageOfTime(CHUNK, place);
    for (const entry of entries) {
      if (found.length === limit) return { entries: found, next: place };
      place = placeOf(entry);
      if (isAsked(entry, asked)) found.push(entry);
    }
    if (next === undefined) return { entries: found, next: undefined };
  }
  return { entries: found, next: place };
}

const placeOf = ({ requestId, isCorrection }: Entry): string => (isCorrection ? `${requestId}~late` : requestId);

function isAsked(entry: Entry, { userId, groupId, model, tag, status, requestId }: Filters): boolean {
  return (
    (userId === undefined || entry.userId === userId) &&
    (groupId === undefined || entry.groupId === groupId) &&
    (model === undefined || entry.model === model) &&
    (tag === undefined || entry.tags?.includes(tag) === true) &&
    (status === undefined || entry.status === status) &&
    (requestId === undefined || entry.requestId === requestId)
  );
}

function questionOf({ keyId, from, to, limit: _, cursor: __, ...asked }: Query, now: number): Question {
  // Nothing lies in the future or before the first id, and months are walked one by one.
  const end = Math.min(to?.end ?? Number.POSITIVE_INFINITY, now + AHEAD_MS);
  const start = Math.max(from ?? monthsBefore(end, DEFAULT_MONTHS), 0);
  if (keyId === undefined && start < monthsBefore(end, MOST_MONTHS)) {
    const message = `from and to lie more than ${MOST_MONTHS} months apart. Ask for less at a time, or for one keyId.`;
    throw new GatewayError('invalid_value', message, { param: 'from' });
  }
  return { keyId, ...narrowed(start, end, asked.requestId), after: undefined, asked };
}

/** An id tells when its turn began. */
function narrowed(from: number, to: number, requestId: string | undefined): { from: number; to: number } {
  if (requestId === undefined) return { from, to };
  const at = timeOfId(requestId);
  return { from: Math.max(from, at), to: Math.min(to, at + 1) };
}

/** A cursor brings its question along; what is asked beside it must be the same. */
function questionOfCursor(cursor: string, query: Query, now: number): Question {
  const { keyId, from, to, after, asked } = parseCursor(cursor, CursorSchema);
  const { keyId: _, from: __, to: ___, limit: ____, cursor: _____, ...named } = query;
  const isSameSearch = Object.entries(named).every(([name, value]) => asked[name as keyof Filters] === value);
  const isSame = (query.keyId ?? keyId) === keyId && (query.from ?? from) === from && (query.to === undefined || query.to.end >= to);
  const isInside = after >= firstIdAt('req', from) && after < firstIdAt('req', to);
  const isBounded = to <= now + 2 * AHEAD_MS && (keyId !== undefined || from >= monthsBefore(to, MOST_MONTHS));
  if (!isSame || !isSameSearch || !isInside || !isBounded) throw badCursor();
  return { keyId, from, to, after, asked };
}

function monthsBefore(at: number, months: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1);
}

function toEntryView(entry: Entry, keyName: string | null): EntryView {
  const { requestId, accountId, groupId, userId, model, target, usage, rates, cost, status, error, latencyMs, firstTokenMs } = entry;
  const { at, priceVersion } = entry;
  const { isEstimated: estimated, isCorrection: correction, isStream: stream } = entry;
  return {
    requestId,
    keyId: accountId,
    keyName,
    groupId,
    userId,
    model,
    target,
    usage,
    rates: rates == null ? null : Object.fromEntries(Object.entries(rates).map(([kind, rate]) => [kind, formatPricePerMillion(rate)])),
    cost: formatUsd(cost),
    status,
    error,
    estimated,
    correction,
    stream,
    latencyMs,
    firstTokenMs,
    at: isoOf(at),
    priceVersion,
  };
}

const listEntries = createRoute({
  method: 'get',
  path: '/admin/v1/journal',
  operationId: 'listEntries',
  summary: 'List journal entries, newest first',
  description:
    'One entry per turn, never changed. A cursor keeps the question it came from: nothing is seen twice, nothing is left out. What is not asked by key, time or request is looked for among 1,000 entries a page at the most, so that a page may be short, or empty, and still have a nextCursor.',
  tags: ['journal'],
  request: { query: JournalQuerySchema },
  responses: {
    200: { description: 'A page of entries.', content: { 'application/json': { schema: pageOf(EntrySchema) } } },
    ...problems(400),
  },
});
