// /admin/v1/journal: what was called, by whom, and what it cost.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Entry, Journal } from '../../core/ledger/journal.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { firstIdAt } from '../../core/platform/ids.ts';
import { formatPricePerMillion, formatUsd } from '../../core/platform/money.ts';
import { pageOf, problems } from '../document.ts';
import type { AdminVariables } from '../problem.ts';
import { badCursor, parseCursor, toCursor } from './cursor.ts';
import { ACCOUNT_ID, EntrySchema, type EntryView, JournalQuerySchema } from './journal-schemas.ts';
import { isoOf } from './key-view.ts';

const DEFAULT_MONTHS = 13;
/** Entries of all keys are asked for month by month. */
const MOST_MONTHS = 36;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;

const CursorSchema = z.strictObject({
  list: z.literal('journal'),
  keyId: z.string().regex(ACCOUNT_ID).optional(),
  from: z.int().nonnegative(),
  to: z.int(),
  after: z.string().regex(/^req_[0-9A-Za-z]{22}(~late)?$/),
});

type Query = z.output<typeof JournalQuerySchema>;
/** Which entries: a question keeps its meaning from page to page. */
type Question = { keyId: string | undefined; from: number; to: number; after: string | undefined };

export function addJournal(app: OpenAPIHono<AdminVariables>, dependencies: { journal: Journal; keys: KeyStore; clock: Clock }): void {
  const { journal, keys, clock } = dependencies;

  app.openapi(listEntries, async (c) => {
    const query = c.req.valid('query');
    const question = query.cursor === undefined ? questionOf(query, clock()) : questionOfCursor(query.cursor, query, clock());
    const { keyId, from, to, after } = question;
    if (from >= to) return c.json({ items: [], nextCursor: null }, 200);
    const { entries, next } = await (keyId === undefined
      ? journal.ofAll(from, to, query.limit, after)
      : journal.ofAccount(keyId, from, to, query.limit, after));
    const names = await keys.namesOf(entries.map(({ accountId }) => accountId));
    const items = entries.map((entry) => toEntryView(entry, names.get(entry.accountId) ?? null));
    return c.json({ items, nextCursor: next === undefined ? null : toCursor({ list: 'journal', keyId, from, to, after: next }) }, 200);
  });
}

function questionOf({ keyId, from, to }: Query, now: number): Question {
  // Nothing lies in the future or before the first id, and months are walked one by one.
  const end = Math.min(to?.end ?? Number.POSITIVE_INFINITY, now + AHEAD_MS);
  const start = Math.max(from ?? monthsBefore(end, DEFAULT_MONTHS), 0);
  if (keyId === undefined && start < monthsBefore(end, MOST_MONTHS)) {
    const message = `from and to lie more than ${MOST_MONTHS} months apart. Ask for less at a time, or for one keyId.`;
    throw new GatewayError('invalid_value', message, { param: 'from' });
  }
  return { keyId, from: start, to: end, after: undefined };
}

/** A cursor brings its question along; what is asked beside it must be the same. */
function questionOfCursor(cursor: string, query: Query, now: number): Question {
  const { keyId, from, to, after } = parseCursor(cursor, CursorSchema);
  const isSame = (query.keyId ?? keyId) === keyId && (query.from ?? from) === from && (query.to === undefined || query.to.end >= to);
  const isInside = after >= firstIdAt('req', from) && after < firstIdAt('req', to);
  const isBounded = to <= now + 2 * AHEAD_MS && (keyId !== undefined || from >= monthsBefore(to, MOST_MONTHS));
  if (!isSame || !isInside || !isBounded) throw badCursor();
  return { keyId, from, to, after };
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
  description: 'One entry per turn, never changed. A cursor keeps the question it came from: nothing is seen twice, nothing is left out.',
  tags: ['journal'],
  request: { query: JournalQuerySchema },
  responses: {
    200: { description: 'A page of entries.', content: { 'application/json': { schema: pageOf(EntrySchema) } } },
    ...problems(400),
  },
});
