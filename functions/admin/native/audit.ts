// /admin/v1/audit: counters of accounts against the journal, and setting right what drifted. What administrators did is another list.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { GroupStore } from '../../core/access/group-store.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { ItemPage } from '../../core/access/owners.ts';
import type { UserStore } from '../../core/access/user-store.ts';
import type { Audit, Audited } from '../../core/ledger/audit.ts';
import type { Log } from '../../core/platform/log.ts';
import { formatUsd } from '../../core/platform/money.ts';
import { authorOf } from '../access.ts';
import { pageOf, pageQuery, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { ACCOUNT_ID } from './journal-schemas.ts';
import { isoOf } from './key-view.ts';
import { accountIdOf } from './payments.ts';

const TAGS = ['audit'];
/** Each is its whole journal read. */
const MOST_AT_ONCE = 10;
/** Lists that follow each other. */
const KINDS = ['keys', 'groups', 'users'] as const;
const CursorSchema = z.strictObject({ list: z.literal('audit'), kind: z.enum(KINDS), after: z.string().regex(ACCOUNT_ID).optional() });
type Kind = (typeof KINDS)[number];
type Place = { kind: Kind; after?: string | undefined };

type AuditDependencies = { audit: Audit; keys: KeyStore; groups: GroupStore; users: UserStore; log: Log };

export function addAudit(app: OpenAPIHono<AdminVariables>, { audit, log, ...lists }: AuditDependencies): void {
  /** The next accounts from a place on, of one list and those that follow it. */
  const accountsFrom = async (start: Place, limit: number): Promise<{ ids: string[]; next: Place | null }> => {
    const ids: string[] = [];
    let place: Place | null = start;
    while (place && ids.length < limit) {
      const { kind, after }: Place = place;
      const page: ItemPage = await lists[kind].page(limit - ids.length, after);
      ids.push(...page.items.map(({ id }) => String(id)));
      const following: Kind | undefined = KINDS[KINDS.indexOf(kind) + 1];
      place = page.next !== undefined ? { kind, after: page.next } : following ? { kind: following } : null;
    }
    return { ids, next: place };
  };

  app.openapi(auditAll, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const place: Place = cursor === undefined ? { kind: 'keys' } : parseCursor(cursor, CursorSchema);
    const { ids, next } = await accountsFrom(place, Math.min(limit, MOST_AT_ONCE));
    const audited: Audited[] = [];
    for (const id of ids) audited.push(await audit.account(id));
    const nextCursor = next && toCursor({ list: 'audit', kind: next.kind, after: next.after });
    return c.json({ items: audited.map(toAuditView), nextCursor }, 200);
  });

  app.openapi(auditOne, async (c) => c.json(toAuditView(await audit.account(accountIdOf(c.req.valid('param')))), 200));

  app.openapi(repairOne, async (c) => {
    const accountId = accountIdOf(c.req.valid('param'));
    const audited = await audit.repair(accountId);
    if (audited.findings.length > 0) {
      log.warn('Counters that had drifted were set to the journal.', {
        accountId,
        author: authorOf(c.get('principal')),
        findings: audited.findings,
      });
    }
    return c.json(toAuditView(audited), 200);
  });
}

function toAuditView({ accountId, at, entries, payments, findings }: Audited) {
  const drift = findings.map(({ counter, counted, booked }) => {
    const text = counter === 'open' ? String : formatUsd;
    return { counter, counted: text(counted), booked: text(booked), difference: text(counted - booked) };
  });
  return { accountId, at: isoOf(at), entries, payments, isRight: drift.length === 0, drift };
}

const AuditSchema = z
  .object({
    accountId: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    at: z.string().openapi({ format: 'date-time' }),
    entries: z.int().openapi({ description: 'Entries that were added up.' }),
    payments: z.int().openapi({ description: 'Payments that were added up.' }),
    isRight: z.boolean(),
    drift: z.array(
      z.object({
        counter: z.string().openapi({ example: 'spent' }),
        counted: z.string().openapi({ description: 'What the account says.', example: '12.5' }),
        booked: z.string().openapi({ description: 'What the journal says.', example: '12.25' }),
        difference: z.string().openapi({ example: '0.25' }),
      }),
    ),
  })
  .openapi('Audit');

const content = { 'application/json': { schema: AuditSchema } };
const params = z.object({ id: z.string().openapi({ description: 'A key, group or user.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }) });

const auditAll = createRoute({
  method: 'get',
  path: '/admin/v1/audit',
  operationId: 'auditAccounts',
  summary: 'Compare the counters of accounts with the journal',
  description: `Every key in turn, then every group, then every user, at most ${MOST_AT_ONCE} a page. Calls under way are taken into account. Windows are not audited: what they count is over soon. Changes nothing.`,
  tags: TAGS,
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page of findings.', content: { 'application/json': { schema: pageOf(AuditSchema) } } },
    ...problems(400, 409),
  },
});

const auditOne = createRoute({
  method: 'get',
  path: '/admin/v1/audit/{id}',
  operationId: 'auditAccount',
  summary: 'Compare the counters of one account with the journal',
  description: 'Adds up every entry and payment of the account. Changes nothing.',
  tags: TAGS,
  request: { params },
  responses: { 200: { description: 'What was found.', content }, ...problems(404, 409) },
});

const repairOne = createRoute({
  method: 'post',
  path: '/admin/v1/audit/{id}/repair',
  operationId: 'repairAccount',
  summary: 'Set the counters of an account to what the journal says',
  description: 'The journal decides and is not changed. Answers what was wrong; a counter that is right is left alone.',
  tags: TAGS,
  request: { params },
  responses: { 200: { description: 'What was found, and is right now.', content }, ...problems(400, 404, 409, 413) },
});
