// /admin/v1/audit-log: who changed what.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { CHANGE_DAYS, type Change, type ChangeLog } from '../../core/changes/change-log.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { pageOf, pageQuery, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { badCursor, parseCursor, toCursor } from './cursor.ts';
import { isoOf } from './key-view.ts';
import { parseMoment } from './moment.ts';

const OUTCOMES = ['done', 'refused', 'failed', 'unknown'] as const;
const DAY_MS = 86_400_000;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;

const word = z.string('must be one text').min(1, 'must not be empty').max(300, 'must have at most 300 characters');
const filters = {
  author: word
    .optional()
    .openapi({ description: 'Only of this author: master, or the id of a key or of a signed-in user.', example: 'master' }),
  subject: word.optional().openapi({ description: 'Only about this: an id, or a name.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE'], 'must be one of POST, PUT, PATCH, DELETE').optional(),
  outcome: z.enum(OUTCOMES, `must be one of ${OUTCOMES.join(', ')}`).optional(),
  from: word.optional().openapi({ description: 'From then on.', example: '2026-11-01T00:00:00Z' }),
  to: word.optional().openapi({ description: 'Up to then, excluded.', example: '2026-12-01T00:00:00Z' }),
};
const QuerySchema = z.strictObject({ ...filters, ...pageQuery });
type Query = z.output<typeof QuerySchema>;
const CursorSchema = z.strictObject({
  list: z.literal('audit-log'),
  after: z.string().regex(/^chg_[0-9A-Za-z]{22}$/),
  asked: z.strictObject(filters),
});

const shown = (what: string, example: object) =>
  z
    .record(z.string(), z.unknown())
    .nullable()
    .openapi({ description: `${what}, without secrets.`, example });
const ChangeSchema = z
  .object({
    id: z.string().openapi({ example: 'chg_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    at: z.string().openapi({ format: 'date-time', example: '2026-11-21T08:30:00.000Z' }),
    requestId: z.string().openapi({ example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    author: z.object({ id: z.string().openapi({ example: 'master' }), name: z.string().nullable().openapi({ example: null }) }),
    action: z.string().openapi({ example: 'PATCH /admin/v1/keys/key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    subject: z
      .string()
      .nullable()
      .openapi({ description: 'The id or the name of what was changed.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    outcome: z.enum(OUTCOMES).openapi({ description: 'unknown: it is under way, or its process vanished; it may have been done.' }),
    status: z.int().nullable().openapi({ description: 'What was answered.', example: 200 }),
    asked: shown('The body that was sent', { monthlyBudget: '250' }),
    before: shown('What was there', { monthlyBudget: '100' }),
    after: shown('What was answered', { monthlyBudget: '250' }),
  })
  .openapi('Change');

export function addAuditLog(app: OpenAPIHono<AdminVariables>, { changes, clock }: { changes: ChangeLog; clock: Clock }): void {
  app.openapi(listChanges, async (c) => {
    const { limit, cursor, ...named } = c.req.valid('query');
    const place = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema);
    const asked = place?.asked ?? named;
    if (!Object.entries(named).every(([name, value]) => asked[name as keyof typeof asked] === value)) throw badCursor();
    const now = clock();
    const from = Math.max(momentOf('from', asked.from) ?? 0, now - CHANGE_DAYS * DAY_MS);
    const to = Math.min(momentOf('to', asked.to) ?? now + AHEAD_MS, now + AHEAD_MS);
    if (from >= to) return c.json({ items: [], nextCursor: null }, 200);
    const { changes: found, next } = await changes.page({ from, to, limit, after: place?.after, wants: (one) => isAsked(one, asked) });
    return c.json(
      { items: found.map(toView), nextCursor: next === undefined ? null : toCursor({ list: 'audit-log', after: next, asked }) },
      200,
    );
  });
}

function momentOf(param: 'from' | 'to', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseMoment(text);
  if (at === undefined) throw new GatewayError('invalid_value', `${param} must be a date and time in ISO 8601 with its zone.`, { param });
  return at;
}

function isAsked(change: Change, { author, subject, method, outcome }: Omit<Query, 'limit' | 'cursor'>): boolean {
  return (
    (author === undefined || change.author.id === author) &&
    (subject === undefined || change.subject === subject) &&
    (method === undefined || change.action.startsWith(`${method} `)) &&
    (outcome === undefined || change.outcome === outcome)
  );
}

function toView({ at, asked, before, after, ...change }: Change) {
  return { ...change, at: isoOf(at), asked: objectIn(asked), before: objectIn(before), after: objectIn(after) };
}

/** Bodies that are lists are told as a property, so that the shape is one. */
function objectIn(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  const parsed = JSON.parse(text) as unknown;
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  return isObject ? (parsed as Record<string, unknown>) : { value: parsed };
}

const listChanges = createRoute({
  method: 'get',
  path: '/admin/v1/audit-log',
  operationId: 'listChanges',
  summary: 'List changes, newest first',
  description: `Every change that was asked of the admin API: who, what, before and after. Kept for ${CHANGE_DAYS} days. A page looks at 1,000 changes at the most, so it may be short, or empty, and still have a nextCursor.`,
  tags: ['audit-log'],
  request: { query: QuerySchema },
  responses: {
    200: { description: 'A page of changes.', content: { 'application/json': { schema: pageOf(ChangeSchema) } } },
    ...problems(400),
  },
});
