// /admin/v1/keys: make, read, list, change, delete.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { authorOf } from '../access.ts';
import { createDeleteKey, type DeleteKeyDependencies } from '../delete-key.ts';
import type { AdminVariables } from '../problem.ts';
import { changeAccount, readPresent } from './balances.ts';
import { checkMatch, etagOf } from './conditions.ts';
import { identityChangeOf } from './key-change.ts';
import { changeKey, createKey, deleteKey, listKeys, readKey, rotateKey } from './key-routes.ts';
import type { KeyView } from './key-schemas.ts';
import { pageOfKeys } from './key-search.ts';
import { revocationOf, toKeyView } from './key-view.ts';
import { createMakeKey, type MakeKeyDependencies } from './make-key.ts';

export type KeysDependencies = MakeKeyDependencies & DeleteKeyDependencies;

const KEY_ID = /^key_[0-9A-Za-z]{22}$/;

export function addKeys(app: OpenAPIHono<AdminVariables>, dependencies: KeysDependencies): void {
  const { keys, ledger, payments, clock } = dependencies;
  const { make, checkBelonging } = createMakeKey(dependencies);
  const remove = createDeleteKey(dependencies);
  const viewOf = (item: Item): KeyView => toKeyView(item, ledger.view(item), clock());

  app.openapi(createKey, async (c) => {
    const input = c.req.valid('json');
    await checkBelonging(input);
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const { item, secret } = await make(input, { author: authorOf(c.get('principal')), idempotencyKey, body: await c.req.json() });
    c.header('location', `/admin/v1/keys/${item.id}`);
    return c.json({ ...viewOf(item), secret }, 201);
  });

  app.openapi(listKeys, async (c) => {
    const { items, nextCursor } = await pageOfKeys(keys, c.req.valid('query'), clock());
    return c.json({ items: items.map(viewOf), nextCursor }, 200);
  });

  app.openapi(readKey, async (c) => {
    const item = await readPresent(ledger, keys, keyIdOf(c.req.valid('param')));
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(changeKey, async (c) => {
    const id = keyIdOf(c.req.valid('param'));
    const input = c.req.valid('json');
    const change = identityChangeOf(input, clock());
    await checkBelonging(input);
    // New limits are reckoned in the present month.
    const before = await ledger.present(id);
    if (before && input.revoked === false) checkExpiry(before, change.expiresAt, clock());
    const author = authorOf(c.get('principal'));
    const check = ({ version }: Item) => checkMatch(c.req.valid('header')['if-match'], version);
    const item = await changeAccount(payments, keys, { id, change, limits: input, author, check });
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(deleteKey, async (c) => {
    const named = c.req.valid('header')['if-match'];
    await remove(keyIdOf(c.req.valid('param')), named === undefined ? undefined : (item) => checkMatch(named, item.version));
    return c.body(null, 204);
  });

  app.openapi(rotateKey, async (c) => {
    const { grace } = c.req.valid('json');
    const named = c.req.valid('header')['if-match'];
    const graceUntil = grace === undefined ? null : clock() + grace;
    const check = ({ version }: Item) => checkMatch(named, version);
    const { item, secret } = await keys.rotate(keyIdOf(c.req.valid('param')), graceUntil, { check });
    return c.json({ ...viewOf(item), secret }, 200);
  });
}

/** What cannot be an id is not asked for. */
function keyIdOf({ id }: { id: string }): string {
  if (KEY_ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no key with that id.', { param: 'id' });
}

/** Restoring what has expired would open nothing. */
export function checkExpiry(item: Item, next: number | null | undefined, now: number): void {
  const expiresAt = next === undefined ? (item.expiresAt as bigint | null) : next;
  const over = expiresAt !== null && revocationOf({ revoked: null, expiresAt: Number(expiresAt) }, now);
  if (!over) return;
  const message = `It expired on ${new Date(over.at).toISOString()}. Give it a later expiresAt, or null, to restore it.`;
  throw new GatewayError('invalid_value', message, { param: 'expiresAt' });
}
