// /me, /me/principal, /me/key and /me/limits: who the caller is here, and what his keys have left. Law: whose a key is comes from the
// credentials alone.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import { type Principal, roleOf } from '../../core/access/principal.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { formatUsd, type Picodollars } from '../../core/platform/money.ts';
import { inPool } from '../../core/platform/pool.ts';
import { KeySchema } from '../native/key-schemas.ts';
import { isoOf, toKeyView } from '../native/key-view.ts';
import { OwnUsageQuerySchema } from '../native/statement-schemas.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { type LimitsDependencies, limitsOf, OwnLimitSchema } from './limits.ts';
import { chosenItemsOf, onlyItemOf, ownItemsOf, withoutKey } from './own-key.ts';

const TAGS = ['me'];
const PARALLEL = 8;
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const PrincipalSchema = z
  .object({
    kind: z.enum(['master', 'key', 'user']).openapi({ example: 'key' }),
    role: z.enum(['master', 'user', 'auditor', 'admin']).openapi({ example: 'user' }),
    id: z
      .string()
      .nullable()
      .openapi({ description: 'Of the key, or of the user at the identity provider.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    name: z.string().nullable().openapi({ example: 'First key' }),
    email: z.string().nullable().openapi({ example: 'ada@example.com' }),
    expiresAt: z.string().nullable().openapi({ description: 'When these credentials end.', example: '2026-12-31T00:00:00.000Z' }),
  })
  .openapi('Principal');

type Dependencies = LimitsDependencies & { keys: KeyStore; clock: Clock };

export function addOwn(app: OpenAPIHono<AdminVariables>, dependencies: Dependencies): void {
  const { keys, ledger, clock } = dependencies;

  app.openapi(readOverview, async (c) => {
    const principal = c.get('principal');
    const items = await ownItemsOf(principal, keys);
    const own = await inPool(items, { width: PARALLEL }, async (item) => {
      const { remaining, limits } = await limitsOf(item, dependencies, clock());
      const { id, name, secretHint, spent, revoked, revokedReason, expiresAt } = toKeyView(item, ledger.view(item), clock());
      return { id, name, secretHint, spent, remaining: usdOrNull(remaining), revoked, revokedReason, expiresAt, limits };
    });
    return c.json({ principal: toPrincipalView(principal), keys: own, hint: hintFor(principal, own.length) }, 200);
  });

  app.openapi(readPrincipal, (c) => c.json(toPrincipalView(c.get('principal')), 200));

  app.openapi(readOwnKey, async (c) => {
    const item = await onlyItemOf(c.get('principal'), keys);
    return c.json(toKeyView(item, ledger.view(item), clock()), 200);
  });

  app.openapi(listOwnLimits, async (c) => {
    const items = await chosenItemsOf(c.get('principal'), keys, c.req.valid('query').keyId);
    const lists = await inPool(items, { width: PARALLEL }, async (item) => {
      const { limits, remaining } = await limitsOf(item, dependencies, clock());
      return { keyId: String(item.id), name: String(item.name), remaining: usdOrNull(remaining), limits };
    });
    return c.json({ items: lists, nextCursor: null }, 200);
  });
}

/** For who has no key: why, and what would help. */
function hintFor(principal: Principal, count: number): string | null {
  if (count > 0) return null;
  if (principal.kind !== 'master') return withoutKey(principal);
  return 'The master key belongs to nobody, so it has no limits, usage, sessions or models of its own. Use /admin/v1 with it, and a key here.';
}

function usdOrNull(amount: Picodollars | null): string | null {
  return amount === null ? null : formatUsd(amount);
}

function toPrincipalView(principal: Principal): z.input<typeof PrincipalSchema> {
  const { kind } = principal;
  const role = roleOf(principal);
  if (kind === 'master') return { kind, role, id: null, name: null, email: null, expiresAt: null };
  const { id, name, email, expiresAt } = kind === 'key' ? principal.key : principal.user;
  return { kind, role, id, name, email, expiresAt: expiresAt === null ? null : isoOf(expiresAt) };
}

const moneyLeft = z.string().nullable().openapi({
  description: 'USD that may still be spent, by the tightest limit of the key, its group and its user; null where money is not limited.',
  example: '16.5',
});
const { id, name, secretHint, spent, revoked, revokedReason, expiresAt } = KeySchema.shape;
const OwnKeySchema = z
  .object({ id, name, secretHint, spent, remaining: moneyLeft, revoked, revokedReason, expiresAt, limits: z.array(OwnLimitSchema) })
  .openapi('OwnKey');
const OverviewSchema = z
  .object({
    principal: PrincipalSchema,
    keys: z.array(OwnKeySchema),
    hint: z
      .string()
      .nullable()
      .openapi({ description: 'Why there is no key, and what would help; null where there is one.', example: null }),
  })
  .openapi('Overview');
const LimitsOfKeySchema = z
  .object({ keyId: z.string(), name: z.string(), remaining: moneyLeft, limits: z.array(OwnLimitSchema) })
  .openapi('LimitsOfKey');

const readOverview = createRoute({
  method: 'get',
  path: '/me',
  operationId: 'readOverview',
  summary: 'Who I am, my keys, and what is left of every limit',
  description: 'For a key itself; for somebody who is signed in all keys that carry his address, where the issuer has verified it.',
  tags: TAGS,
  responses: { 200: { description: 'The caller and his keys.', content: json(OverviewSchema) }, ...problems() },
});

const listOwnLimits = createRoute({
  method: 'get',
  path: '/me/limits',
  operationId: 'listOwnLimits',
  summary: 'Each limit of my keys, of their groups and users too',
  description: 'Budgets, windows, calls at a time and the end: how much, what is used and left, and when it resets.',
  tags: TAGS,
  request: { query: z.strictObject({ keyId: OwnUsageQuerySchema.shape.keyId }) },
  responses: { 200: { description: 'The limits of each key.', content: json(pageOf(LimitsOfKeySchema)) }, ...problems(400, 404) },
});

const readPrincipal = createRoute({
  method: 'get',
  path: '/me/principal',
  operationId: 'readPrincipal',
  summary: 'Who I am here',
  description: 'Whatever the credential is: the master key, a key, or a sign-in.',
  tags: TAGS,
  responses: { 200: { description: 'The caller.', content: { 'application/json': { schema: PrincipalSchema } } }, ...problems() },
});

const readOwnKey = createRoute({
  method: 'get',
  path: '/me/key',
  operationId: 'readOwnKey',
  summary: 'My key, its limits and what is left of them',
  description: 'Everything but its secret, which nobody can read again. Who has several keys finds them at /me/keys.',
  tags: TAGS,
  responses: { 200: { description: 'The key as it is now.', content: { 'application/json': { schema: KeySchema } } }, ...problems(404) },
});
