// /me/principal and /me/key: who the caller is here, and what his key has left. Law: whose key it is comes from the credentials alone.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import { type Principal, roleOf } from '../../core/access/principal.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { problems } from '../document.ts';
import { KeySchema } from '../native/key-schemas.ts';
import { isoOf, toKeyView } from '../native/key-view.ts';
import type { AdminVariables } from '../problem.ts';
import { ownKeyOf } from './own-key.ts';

const TAGS = ['me'];

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

export function addOwn(app: OpenAPIHono<AdminVariables>, { keys, ledger, clock }: { keys: KeyStore; ledger: Ledger; clock: Clock }): void {
  app.openapi(readPrincipal, (c) => c.json(toPrincipalView(c.get('principal')), 200));

  app.openapi(readOwnKey, async (c) => {
    const item = await keys.read(ownKeyOf(c.get('principal')).id);
    return c.json(toKeyView(item, ledger.view(item), clock()), 200);
  });
}

function toPrincipalView(principal: Principal): z.input<typeof PrincipalSchema> {
  const { kind } = principal;
  const role = roleOf(principal);
  if (kind === 'master') return { kind, role, id: null, name: null, email: null, expiresAt: null };
  const { id, name, email, expiresAt } = kind === 'key' ? principal.key : principal.user;
  return { kind, role, id, name, email, expiresAt: expiresAt === null ? null : isoOf(expiresAt) };
}

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
  description: 'Everything but its secret, which nobody can read again.',
  tags: TAGS,
  responses: { 200: { description: 'The key as it is now.', content: { 'application/json': { schema: KeySchema } } }, ...problems(404) },
});
