// /admin/v1/users: make, read, list, change, delete, and the keys of one.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Once } from '../../core/access/once.ts';
import { type UserStore, userOf } from '../../core/access/user-store.ts';
import { alertsOf } from '../../core/ledger/thresholds.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { authorOf } from '../access.ts';
import { pageOf, pageQuery, problems } from '../document.ts';
import type { AdminVariables } from '../problem.ts';
import { type BalancesDependencies, changeBalance, openingAccount, payOpening } from './balances.ts';
import { checkMatch, etagHeader, etagOf, goneSince, idempotencyKey, ifMatch } from './conditions.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { accountChangeOf, expiryOf, revocationChangeOf } from './key-change.ts';
import { KeySchema } from './key-schemas.ts';
import { accountViewOf, toKeyView } from './key-view.ts';
import { checkExpiry, json } from './keys.ts';
import { NewUserSchema, UserChangeSchema, UserSchema, type UserView } from './user-schemas.ts';

export type UsersDependencies = { users: UserStore; keys: KeyStore; once: Once } & BalancesDependencies;

const TAGS = ['users'];
const USER_ID = /^usr_[0-9A-Za-z]{22}$/;
const CursorSchema = z.strictObject({ list: z.literal('users'), after: z.string().regex(USER_ID) });
const MembersCursorSchema = z.strictObject({ list: z.string(), after: z.string().regex(/^key_[0-9A-Za-z]{22}$/) });
const idParameter = z.object({ id: z.string().openapi({ example: 'usr_0Q2yYd7RkWcXn4uTfJb1Zs' }) });

export function addUsers(app: OpenAPIHono<AdminVariables>, { users, keys, ledger, payments, clock, once }: UsersDependencies): void {
  const viewOf = (item: Item): UserView => {
    const user = userOf(item);
    const { id, name, email, tags } = user;
    return { id, name, email, tags, ...accountViewOf({ ...user, alerts: alertsOf(item) }, ledger.view(item), clock()) };
  };

  app.openapi(createUser, async (c) => {
    const input = c.req.valid('json');
    const { name, email = null, tags = [] } = input;
    const placed = await once.place('usr', {
      key: c.req.valid('header')['idempotency-key'],
      author: authorOf(c.get('principal')),
      body: await c.req.json(),
    });
    if (placed.isDone) {
      const there = (await users.find(placed.id)) ?? goneSince();
      c.header('location', `/admin/v1/users/${placed.id}`);
      return c.json(viewOf(there), 201);
    }
    const made = await users.create(
      { name, email, tags, expiresAt: expiryOf(input, clock()) ?? null },
      openingAccount(input, clock()),
      placed.id,
    );
    const opening = { balance: input.balance, author: authorOf(c.get('principal')), read: users.read };
    const item = await payOpening(payments, made, opening);
    await placed.finish();
    c.header('location', `/admin/v1/users/${item.id}`);
    return c.json(viewOf(item), 201);
  });

  app.openapi(listUsers, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema).after;
    const { items, next } = await users.page(limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: 'users', after: next });
    return c.json({ items: items.map(viewOf), nextCursor }, 200);
  });

  app.openapi(readUser, async (c) => {
    const item = await users.read(idOf(c.req.valid('param')));
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(changeUser, async (c) => {
    const id = idOf(c.req.valid('param'));
    const input = c.req.valid('json');
    const { name, email, tags, balance: left, ...limits } = input;
    const change = { name, email, tags, expiresAt: expiryOf(input, clock()), revoked: revocationChangeOf(input) };
    // New limits are reckoned in the present month.
    const before = await ledger.present(id);
    if (before && input.revoked === false) checkExpiry(before, change.expiresAt, clock());
    const named = c.req.valid('header')['if-match'];
    if (before && left !== undefined) checkMatch(named, before.version);
    const changeRest = () =>
      users.change(id, change, (item) => {
        if (left === undefined) checkMatch(named, item.version);
        return accountChangeOf(limits, item);
      });
    const asked = { id, left, author: authorOf(c.get('principal')), change: changeRest, read: users.read };
    const item = await changeBalance(payments, before, asked);
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(deleteUser, async (c) => {
    const named = c.req.valid('header')['if-match'];
    await users.remove(idOf(c.req.valid('param')), (item) => checkMatch(named, item.version));
    return c.body(null, 204);
  });

  app.openapi(listUserKeys, async (c) => {
    const id = idOf(c.req.valid('param'));
    const { limit, cursor } = c.req.valid('query');
    await users.read(id);
    const after = cursor === undefined ? undefined : parseCursor(cursor, MembersCursorSchema).after;
    const { items, next } = await keys.ofUser(id, limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: id, after: next });
    return c.json({ items: items.map((item) => toKeyView(item, ledger.view(item), clock())), nextCursor }, 200);
  });
}

/** What cannot be an id is not asked for. */
function idOf({ id }: { id: string }): string {
  if (USER_ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no user with that id.', { param: 'id' });
}

const createUser = createRoute({
  method: 'post',
  path: '/admin/v1/users',
  operationId: 'createUser',
  summary: 'Make a user',
  description: 'A person or a program whose keys share a budget and limits.',
  tags: TAGS,
  request: { headers: idempotencyKey, body: { required: true, content: json(NewUserSchema) } },
  responses: {
    201: {
      description: 'The user.',
      headers: { location: { description: 'The path of the user.', schema: { type: 'string' } } },
      content: json(UserSchema),
    },
    ...problems(400, 409, 413),
  },
});

const listUsers = createRoute({
  method: 'get',
  path: '/admin/v1/users',
  operationId: 'listUsers',
  summary: 'List users, newest first',
  tags: TAGS,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of users.', content: json(pageOf(UserSchema)) }, ...problems(400) },
});

const readUser = createRoute({
  method: 'get',
  path: '/admin/v1/users/{id}',
  operationId: 'readUser',
  summary: 'Read a user',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The user as it is now.', headers: etagHeader, content: json(UserSchema) }, ...problems(404) },
});

const changeUser = createRoute({
  method: 'patch',
  path: '/admin/v1/users/{id}',
  operationId: 'changeUser',
  summary: 'Change a user',
  description: 'Changes what is named and leaves the rest. It counts for the very next call of every key that belongs to it.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch, body: { required: true, content: json(UserChangeSchema) } },
  responses: {
    200: { description: 'The user as it is now.', headers: etagHeader, content: json(UserSchema) },
    ...problems(400, 404, 409, 412, 413),
  },
});

const deleteUser = createRoute({
  method: 'delete',
  path: '/admin/v1/users/{id}',
  operationId: 'deleteUser',
  summary: 'Delete a user',
  description: 'Only one that no key belongs to. What was spent stays in the journal.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 404, 409, 412) },
});

const listUserKeys = createRoute({
  method: 'get',
  path: '/admin/v1/users/{id}/keys',
  operationId: 'listUserKeys',
  summary: 'List the keys of a user, newest first',
  tags: TAGS,
  request: { params: idParameter, query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of keys.', content: json(pageOf(KeySchema)) }, ...problems(400, 404) },
});
