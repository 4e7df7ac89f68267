// /admin/v1/groups: make, read, list, change, delete, and the keys of one.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type GroupStore, groupOf } from '../../core/access/group-store.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Once } from '../../core/access/once.ts';
import { alertsOf } from '../../core/ledger/thresholds.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { authorOf } from '../access.ts';
import { pageOf, pageQuery, problems } from '../document.ts';
import type { AdminVariables } from '../problem.ts';
import { type BalancesDependencies, changeBalance, openingAccount, payOpening } from './balances.ts';
import { checkMatch, etagHeader, etagOf, goneSince, idempotencyKey, ifMatch } from './conditions.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { GroupChangeSchema, GroupSchema, type GroupView, NewGroupSchema } from './group-schemas.ts';
import { accountChangeOf, expiryOf, revocationChangeOf } from './key-change.ts';
import { KeySchema } from './key-schemas.ts';
import { accountViewOf, toKeyView } from './key-view.ts';
import { checkExpiry, json } from './keys.ts';

export type GroupsDependencies = { groups: GroupStore; keys: KeyStore; once: Once } & BalancesDependencies;

const TAGS = ['groups'];
const GROUP_ID = /^grp_[0-9A-Za-z]{22}$/;
const CursorSchema = z.strictObject({ list: z.literal('groups'), after: z.string().regex(GROUP_ID) });
const MembersCursorSchema = z.strictObject({ list: z.string(), after: z.string().regex(/^key_[0-9A-Za-z]{22}$/) });
const idParameter = z.object({ id: z.string().openapi({ example: 'grp_0Q2yYd7RkWcXn4uTfJb1Zs' }) });

export function addGroups(app: OpenAPIHono<AdminVariables>, { groups, keys, ledger, payments, clock, once }: GroupsDependencies): void {
  const viewOf = (item: Item): GroupView => {
    const group = groupOf(item);
    const { id, name, models, tags } = group;
    return { id, name, models, tags, ...accountViewOf({ ...group, alerts: alertsOf(item) }, ledger.view(item), clock()) };
  };

  app.openapi(createGroup, async (c) => {
    const input = c.req.valid('json');
    const { name, models = [], tags = [] } = input;
    const placed = await once.place('grp', {
      key: c.req.valid('header')['idempotency-key'],
      author: authorOf(c.get('principal')),
      body: await c.req.json(),
    });
    if (placed.isDone) {
      const there = (await groups.find(placed.id)) ?? goneSince();
      c.header('location', `/admin/v1/groups/${placed.id}`);
      return c.json(viewOf(there), 201);
    }
    const made = await groups.create(
      { name, models, tags, expiresAt: expiryOf(input, clock()) ?? null },
      openingAccount(input, clock()),
      placed.id,
    );
    const opening = { balance: input.balance, author: authorOf(c.get('principal')), read: groups.read };
    const item = await payOpening(payments, made, opening);
    await placed.finish();
    c.header('location', `/admin/v1/groups/${item.id}`);
    return c.json(viewOf(item), 201);
  });

  app.openapi(listGroups, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema).after;
    const { items, next } = await groups.page(limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: 'groups', after: next });
    return c.json({ items: items.map(viewOf), nextCursor }, 200);
  });

  app.openapi(readGroup, async (c) => {
    const item = await groups.read(idOf(c.req.valid('param')));
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(changeGroup, async (c) => {
    const id = idOf(c.req.valid('param'));
    const input = c.req.valid('json');
    const { name, models, tags, balance: left, ...limits } = input;
    const change = { name, models, tags, expiresAt: expiryOf(input, clock()), revoked: revocationChangeOf(input) };
    // New limits are reckoned in the present month.
    const before = await ledger.present(id);
    if (before && input.revoked === false) checkExpiry(before, change.expiresAt, clock());
    const named = c.req.valid('header')['if-match'];
    if (before && left !== undefined) checkMatch(named, before.version);
    const changeRest = () =>
      groups.change(id, change, (item) => {
        if (left === undefined) checkMatch(named, item.version);
        return accountChangeOf(limits, item);
      });
    const asked = { id, left, author: authorOf(c.get('principal')), change: changeRest, read: groups.read };
    const item = await changeBalance(payments, before, asked);
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(deleteGroup, async (c) => {
    const named = c.req.valid('header')['if-match'];
    await groups.remove(idOf(c.req.valid('param')), (item) => checkMatch(named, item.version));
    return c.body(null, 204);
  });

  app.openapi(listGroupKeys, async (c) => {
    const id = idOf(c.req.valid('param'));
    const { limit, cursor } = c.req.valid('query');
    await groups.read(id);
    const after = cursor === undefined ? undefined : parseCursor(cursor, MembersCursorSchema).after;
    const { items, next } = await keys.ofGroup(id, limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: id, after: next });
    return c.json({ items: items.map((item) => toKeyView(item, ledger.view(item), clock())), nextCursor }, 200);
  });
}

/** What cannot be an id is not asked for. */
function idOf({ id }: { id: string }): string {
  if (GROUP_ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no group with that id.', { param: 'id' });
}

const createGroup = createRoute({
  method: 'post',
  path: '/admin/v1/groups',
  operationId: 'createGroup',
  summary: 'Make a group',
  description: 'What keys share: a budget, limits, and models that are granted to all of them.',
  tags: TAGS,
  request: { headers: idempotencyKey, body: { required: true, content: json(NewGroupSchema) } },
  responses: {
    201: {
      description: 'The group.',
      headers: { location: { description: 'The path of the group.', schema: { type: 'string' } } },
      content: json(GroupSchema),
    },
    ...problems(400, 409, 413),
  },
});

const listGroups = createRoute({
  method: 'get',
  path: '/admin/v1/groups',
  operationId: 'listGroups',
  summary: 'List groups, newest first',
  tags: TAGS,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of groups.', content: json(pageOf(GroupSchema)) }, ...problems(400) },
});

const readGroup = createRoute({
  method: 'get',
  path: '/admin/v1/groups/{id}',
  operationId: 'readGroup',
  summary: 'Read a group',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The group as it is now.', headers: etagHeader, content: json(GroupSchema) }, ...problems(404) },
});

const changeGroup = createRoute({
  method: 'patch',
  path: '/admin/v1/groups/{id}',
  operationId: 'changeGroup',
  summary: 'Change a group',
  description: 'Changes what is named and leaves the rest. It counts for the very next call of every key that belongs to it.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch, body: { required: true, content: json(GroupChangeSchema) } },
  responses: {
    200: { description: 'The group as it is now.', headers: etagHeader, content: json(GroupSchema) },
    ...problems(400, 404, 409, 412, 413),
  },
});

const deleteGroup = createRoute({
  method: 'delete',
  path: '/admin/v1/groups/{id}',
  operationId: 'deleteGroup',
  summary: 'Delete a group',
  description: 'Only one that no key belongs to. What was spent stays in the journal.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 404, 409, 412) },
});

const listGroupKeys = createRoute({
  method: 'get',
  path: '/admin/v1/groups/{id}/keys',
  operationId: 'listGroupKeys',
  summary: 'List the keys of a group, newest first',
  tags: TAGS,
  request: { params: idParameter, query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of keys.', content: json(pageOf(KeySchema)) }, ...problems(400, 404) },
});
