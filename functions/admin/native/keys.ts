// /admin/v1/keys: make, read, list, change, delete.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { GroupStore } from '../../core/access/group-store.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { UserStore } from '../../core/access/user-store.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { authorOf } from '../access.ts';
import { pageOf, pageQuery, problems } from '../document.ts';
import type { AdminVariables } from '../problem.ts';
import { type BalancesDependencies, changeBalance, openingAccount, payOpening } from './balances.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { accountChangeOf, expiryOf, identityChangeOf } from './key-change.ts';
import { CreatedKeySchema, KeyChangeSchema, KeySchema, type KeyView, type NewKeyInput, NewKeySchema } from './key-schemas.ts';
import { revocationOf, toKeyView } from './key-view.ts';

export type KeysDependencies = { keys: KeyStore; groups: GroupStore; users: UserStore } & BalancesDependencies;

const TAGS = ['keys'];
const KEY_ID = /^key_[0-9A-Za-z]{22}$/;
const CursorSchema = z.strictObject({ list: z.literal('keys'), after: z.string().regex(KEY_ID) });
const idParameter = z.object({ id: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
export const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

export function addKeys(app: OpenAPIHono<AdminVariables>, { keys, groups, users, ledger, payments, clock }: KeysDependencies): void {
  const viewOf = (item: Item): KeyView => toKeyView(item, ledger.view(item), clock());

  /** Throws where a key shall belong to what is not there. */
  const checkBelonging = async ({ groupId, userId }: { groupId?: string | null; userId?: string | null }) => {
    const [group, user] = await Promise.all([groupId && groups.find(groupId), userId && users.find(userId)]);
    if (groupId && !group)
      throw new GatewayError('invalid_value', 'groupId must be the id of a group that is there.', { param: 'groupId' });
    if (userId && !user) throw new GatewayError('invalid_value', 'userId must be the id of a user that is there.', { param: 'userId' });
  };

  app.openapi(createKey, async (c) => {
    const input = c.req.valid('json');
    await checkBelonging(input);
    const made = await keys.create(identityOf(input, clock()), openingAccount(input, clock()));
    const { secret } = made;
    const item = await payOpening(payments, made.item, { balance: input.balance, author: authorOf(c.get('principal')), read: keys.read });
    c.header('location', `/admin/v1/keys/${item.id}`);
    return c.json({ ...viewOf(item), secret }, 201);
  });

  app.openapi(listKeys, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema).after;
    const { items, next } = await keys.page(limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: 'keys', after: next });
    return c.json({ items: items.map(viewOf), nextCursor }, 200);
  });

  app.openapi(readKey, async (c) => c.json(viewOf(await keys.read(keyIdOf(c.req.valid('param')))), 200));

  app.openapi(changeKey, async (c) => {
    const id = keyIdOf(c.req.valid('param'));
    const input = c.req.valid('json');
    const change = identityChangeOf(input, clock());
    await checkBelonging(input);
    // New limits are reckoned in the present month.
    const before = await ledger.present(id);
    if (before && input.revoked === false) checkExpiry(before, change.expiresAt, clock());
    const { balance: left, ...limits } = input;
    const author = authorOf(c.get('principal'));
    const changeRest = () => keys.change(id, change, (item) => accountChangeOf(limits, item));
    return c.json(viewOf(await changeBalance(payments, before, { id, left, author, change: changeRest, read: keys.read })), 200);
  });

  app.openapi(deleteKey, async (c) => {
    await keys.remove(keyIdOf(c.req.valid('param')));
    return c.body(null, 204);
  });
}

function identityOf(input: NewKeyInput, now: number) {
  const { name, email = null, role = 'user', tags = [], models = [], logging = null, groupId = null, userId = null } = input;
  return { name, email, role, tags, models, logging, groupId, userId, expiresAt: expiryOf(input, now) ?? null };
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

const createKey = createRoute({
  method: 'post',
  path: '/admin/v1/keys',
  operationId: 'createKey',
  summary: 'Make a key',
  description: 'The answer shows the secret, once and never again.',
  tags: TAGS,
  request: { body: { required: true, content: json(NewKeySchema) } },
  responses: {
    201: {
      description: 'The key and its secret.',
      headers: { location: { description: 'The path of the key.', schema: { type: 'string' } } },
      content: json(CreatedKeySchema),
    },
    ...problems(400, 413),
  },
});

const listKeys = createRoute({
  method: 'get',
  path: '/admin/v1/keys',
  operationId: 'listKeys',
  summary: 'List keys, newest first',
  tags: TAGS,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of keys.', content: json(pageOf(KeySchema)) }, ...problems(400) },
});

const readKey = createRoute({
  method: 'get',
  path: '/admin/v1/keys/{id}',
  operationId: 'readKey',
  summary: 'Read a key',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The key as it is now.', content: json(KeySchema) }, ...problems(404) },
});

const changeKey = createRoute({
  method: 'patch',
  path: '/admin/v1/keys/{id}',
  operationId: 'changeKey',
  summary: 'Change a key',
  description:
    'Changes what is named and leaves the rest. null removes a limit; balance sets what is left of it from now on, by a correction that is among its payments. A key that an expiry or a lifetime budget has closed opens again when that limit is raised or removed.',
  tags: TAGS,
  request: { params: idParameter, body: { required: true, content: json(KeyChangeSchema) } },
  responses: { 200: { description: 'The key as it is now.', content: json(KeySchema) }, ...problems(400, 404, 409, 413) },
});

const deleteKey = createRoute({
  method: 'delete',
  path: '/admin/v1/keys/{id}',
  operationId: 'deleteKey',
  summary: 'Delete a key',
  description: 'The key stops working at once. What it spent stays in the journal.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 204: { description: 'It is gone.' }, ...problems(404) },
});
