// /me/keys: the caller's own keys, and another secret for one of them. Law: a secret is changed by a person who is signed in, never by a key:
// who has found a key must not be able to lock its owner out.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { KeySchema, RotatedKeySchema, RotationSchema } from '../native/key-schemas.ts';
import { toKeyView } from '../native/key-view.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { chosenItemsOf, ownItemsOf } from './own-key.ts';

const TAGS = ['me'];
const idParameter = z.object({ id: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

type Dependencies = { keys: KeyStore; ledger: Ledger; clock: Clock };

export function addOwnKeys(app: OpenAPIHono<AdminVariables>, { keys, ledger, clock }: Dependencies): void {
  app.openapi(listOwnKeys, async (c) => {
    const items = await ownItemsOf(c.get('principal'), keys);
    return c.json({ items: items.map((item) => toKeyView(item, ledger.view(item), clock())), nextCursor: null }, 200);
  });

  app.openapi(readKeyOfMine, async (c) => {
    const [item] = await chosenItemsOf(c.get('principal'), keys, c.req.valid('param').id);
    return c.json(toKeyView(item!, ledger.view(item!), clock()), 200);
  });

  app.openapi(rotateOwnKey, async (c) => {
    const principal = c.get('principal');
    if (principal.kind !== 'user') {
      throw new GatewayError(
        'permission_denied',
        'A key cannot give itself another secret, or whoever finds it could lock its owner out. Sign in, or ask an administrator.',
      );
    }
    const [mine] = await chosenItemsOf(principal, keys, c.req.valid('param').id);
    const { grace } = c.req.valid('json');
    const { item, secret } = await keys.rotate(String(mine!.id), grace === undefined ? null : clock() + grace);
    return c.json({ ...toKeyView(item, ledger.view(item), clock()), secret }, 200);
  });
}

const listOwnKeys = createRoute({
  method: 'get',
  path: '/me/keys',
  operationId: 'listOwnKeys',
  summary: 'My keys, newest first',
  description:
    'A key sees itself; somebody who is signed in sees the keys that carry his address, where the issuer has verified it, 50 at most.',
  tags: TAGS,
  responses: { 200: { description: 'All of them.', content: json(pageOf(KeySchema)) }, ...problems() },
});

const readKeyOfMine = createRoute({
  method: 'get',
  path: '/me/keys/{id}',
  operationId: 'readKeyOfMine',
  summary: 'A key of mine, its limits and what is left of them',
  description: 'Everything but its secret. A key that is not mine is 404, as one that is not there.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The key as it is now.', content: json(KeySchema) }, ...problems(404) },
});

const rotateOwnKey = createRoute({
  method: 'post',
  path: '/me/keys/{id}/rotate',
  operationId: 'rotateOwnKey',
  summary: 'Give a key of mine another secret',
  description:
    'For people who are signed in. Everything else of the key stays; with a grace the secret it has had goes on working for so long.',
  tags: TAGS,
  request: { params: idParameter, body: { required: true, content: json(RotationSchema) } },
  responses: { 200: { description: 'The key and its new secret.', content: json(RotatedKeySchema) }, ...problems(400, 404, 409, 413) },
});
