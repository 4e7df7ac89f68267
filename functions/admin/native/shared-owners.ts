// Groups and users over HTTP: make, read, list, change, delete, and the keys of one. What only one of the two has is passed in.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Once } from '../../core/access/once.ts';
import type { SharedOwner } from '../../core/access/principal.ts';
import type { NewSharedOwner, SharedOwners } from '../../core/access/shared-owners.ts';
import { alertsOf } from '../../core/ledger/thresholds.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { authorOf } from '../access.ts';
import type { AdminVariables } from '../problem.ts';
import { type BalancesDependencies, changeAccount, openingAccount, payOpening, readPresent } from './balances.ts';
import { checkMatch, etagOf, goneSince } from './conditions.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { expiryOf, revocationChangeOf } from './key-change.ts';
import type { KeyChangeInput } from './key-schemas.ts';
import { accountViewOf, toKeyView } from './key-view.ts';
import { checkExpiry } from './keys.ts';
import { type SharedKind, type SharedView, sharedRoutes } from './shared-routes.ts';

export type SharedDependencies = { once: Once } & BalancesDependencies;

type Own = Pick<KeyChangeInput, 'models' | 'email'>;
type Shared<New extends NewSharedOwner> = SharedKind & {
  owners: SharedOwners<New>;
  /** What the kind has of its own, of what was sent: left out where nothing was. */
  ownOf: (input: Own) => Partial<New>;
  /** The same of one that has been asked for nothing. */
  blank: Omit<New, keyof NewSharedOwner>;
  identityOf: (item: Item) => SharedOwner & Own;
};

const MembersCursorSchema = z.strictObject({ list: z.string(), after: z.string().regex(/^key_[0-9A-Za-z]{22}$/) });

export function addSharedOwners<New extends NewSharedOwner>(
  app: OpenAPIHono<AdminVariables>,
  shared: Shared<New>,
  { ledger, payments, clock, once }: SharedDependencies,
): void {
  const { kind, prefix, owners, ownOf, blank, identityOf } = shared;
  const routes = sharedRoutes(shared);
  const idPattern = new RegExp(`^${prefix}_[0-9A-Za-z]{22}$`);
  const CursorSchema = z.strictObject({ list: z.literal(`${kind}s`), after: z.string().regex(idPattern) });

  const viewOf = (item: Item): SharedView => {
    const owner = identityOf(item);
    const { id, name, tags } = owner;
    return { id, name, ...ownOf(owner), tags, ...accountViewOf({ ...owner, alerts: alertsOf(item) }, ledger.view(item), clock()) };
  };
  /** What cannot be an id is not asked for. */
  const idOf = ({ id }: { id: string }): string => {
    if (idPattern.test(id)) return id;
    throw new GatewayError('not_found', `There is no ${kind} with that id.`, { param: 'id' });
  };

  app.openapi(routes.create, async (c) => {
    const input = c.req.valid('json');
    const { name, tags = [] } = input;
    const author = authorOf(c.get('principal'));
    const placed = await once.place(prefix, { key: c.req.valid('header')['idempotency-key'], author, body: await c.req.json() });
    const tell = (item: Item) => {
      c.header('location', `/admin/v1/${kind}s/${item.id}`);
      return c.json(viewOf(item), 201);
    };
    if (placed.isDone) return tell((await owners.find(placed.id)) ?? goneSince());
    const wanted = { ...blank, ...ownOf(input), name, tags, expiresAt: expiryOf(input, clock()) ?? null } as unknown as New;
    const made = await owners.create(wanted, openingAccount(input, clock()), placed.id);
    const item = await payOpening(payments, made, { balance: input.balance, author, read: owners.read });
    await placed.finish();
    return tell(item);
  });

  app.openapi(routes.list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema).after;
    const { items, next } = await owners.page(limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: `${kind}s`, after: next });
    return c.json({ items: items.map(viewOf), nextCursor }, 200);
  });

  app.openapi(routes.read, async (c) => {
    const item = await readPresent(ledger, owners, idOf(c.req.valid('param')));
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(routes.change, async (c) => {
    const id = idOf(c.req.valid('param'));
    const input = c.req.valid('json');
    const { name, tags } = input;
    const expiresAt = expiryOf(input, clock());
    const change = { ...ownOf(input), name, tags, expiresAt, revoked: revocationChangeOf(input) } as Parameters<typeof owners.change>[1];
    // New limits are reckoned in the present month.
    const before = await ledger.present(id);
    if (before && input.revoked === false) checkExpiry(before, expiresAt, clock());
    const check = ({ version }: Item) => checkMatch(c.req.valid('header')['if-match'], version);
    const author = authorOf(c.get('principal'));
    const item = await changeAccount(payments, owners, { id, change, limits: input, author, check });
    c.header('etag', etagOf(item.version));
    return c.json(viewOf(item), 200);
  });

  app.openapi(routes.remove, async (c) => {
    const named = c.req.valid('header')['if-match'];
    await owners.remove(idOf(c.req.valid('param')), named === undefined ? undefined : (item) => checkMatch(named, item.version));
    return c.body(null, 204);
  });

  app.openapi(routes.listKeys, async (c) => {
    const id = idOf(c.req.valid('param'));
    const { limit, cursor } = c.req.valid('query');
    await owners.read(id);
    const after = cursor === undefined ? undefined : parseCursor(cursor, MembersCursorSchema).after;
    const { items, next } = await owners.members(id, limit, after);
    const nextCursor = next === undefined ? null : toCursor({ list: id, after: next });
    return c.json({ items: items.map((item) => toKeyView(item, ledger.view(item), clock())), nextCursor }, 200);
  });
}
