// /api/key-management/keys and its later list: make, list by tag, change and delete, over the same keys as everywhere.
import type { Context, Hono } from 'hono';
import { keyOf } from '../../core/access/key-item.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import { type Account, accountOf } from '../../core/ledger/account.ts';
import { shapeOf, type WindowLimit } from '../../core/ledger/windows.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { createDeleteKey, type DeleteKeyDependencies } from '../delete-key.ts';
import { openingAccount } from '../native/balances.ts';
import { accountChangeOf } from '../native/key-change.ts';
import type { KeysDependencies } from '../native/keys.ts';
import type { AdminVariables } from '../problem.ts';
import { fromUuid } from './key-id.ts';
import { type BricksKeyInput, invalidFields, overTime, parseKeyInput } from './key-input.ts';
import { addKeyQuery } from './key-query.ts';
import { isSpent, shownWindow, toBricksKey } from './shapes.ts';

export type BricksKeysDependencies = Pick<KeysDependencies, 'keys' | 'ledger' | 'clock'> & DeleteKeyDependencies;

const PATH = '/api/key-management/keys';
const REVOKED = 'revoked by an administrator';

export function addBricksKeys(app: Hono<AdminVariables>, dependencies: BricksKeysDependencies): void {
  const { keys, ledger, clock } = dependencies;
  const remove = createDeleteKey(dependencies);
  const viewOf = (item: Item) => toBricksKey(item, ledger.view(item), clock());

  app.get(PATH, async (c) => c.json((await listed(c, keys)).map(viewOf)));

  app.put(PATH, async (c) => {
    const input = parseKeyInput(await c.req.json(), ['name', 'key']);
    const { name, key: secret, tags = [], ttl } = input;
    const limits = { lifetimeBudget: input.costLimitInUsd || null, windows: windowsAfter(input, []) };
    const expiresAt = ttl == null ? null : clock() + ttl;
    const identity = { name: name!, email: null, role: 'user' as const, tags, models: [], expiresAt };
    const { item } = await keys.create(identity, openingAccount(limits, clock()), secret);
    return c.json(viewOf(item));
  });

  app.patch(`${PATH}/:id`, async (c) => {
    const id = keyIdOf(c);
    const input = parseKeyInput(await c.req.json());
    if (input.key !== undefined) throw invalidFields(['key'], 'a secret cannot be changed; make another key');
    // New limits are reckoned in the present month.
    const before = await ledger.present(id);
    if (!before) throw noKey();
    return c.json(viewOf(await changed(dependencies, before, input)));
  });

  app.delete(`${PATH}/:id`, async (c) => {
    await remove(keyIdOf(c));
    return c.body(null, 200);
  });

  addKeyQuery(app, { keys, viewOf });
}

async function changed({ keys, ledger, clock }: BricksKeysDependencies, before: Item, input: BricksKeyInput): Promise<Item> {
  const { name, tags, revokedReason, ttl, costLimitInUsd } = input;
  const shown = toBricksKey(before, ledger.view(before), clock());
  const expiresAt = ttl === undefined ? undefined : ttl === null ? null : Number(before.createdAt) + ttl;
  const lifetimeBudget = costLimitInUsd === undefined ? undefined : costLimitInUsd || null;
  if (input.revoked === false) checkOpens(before, { account: ledger.view(before), expiresAt, lifetimeBudget, now: clock() });
  const isRevoked = input.revoked ?? shown.revoked;
  if (revokedReason && !isRevoked) throw invalidFields(['revokedReason'], 'the key is not revoked');
  // Whoever gives a reason means that the key is to stay closed, whatever else the change would open.
  const isRevocation = input.revoked === true || (isRevoked && Boolean(revokedReason));
  const revoked = isRevocation ? { reason: revokedReason || REVOKED } : input.revoked === false ? null : undefined;
  return keys.change(String(before.id), { name, tags, expiresAt, revoked }, (item) => {
    const windows = hasWindows(input) ? windowsAfter(input, accountOf(item).windows) : undefined;
    return accountChangeOf({ lifetimeBudget, windows, expiresAt, revoked: isRevocation ? true : input.revoked }, item);
  });
}

type Opening = { account: Account; expiresAt: number | null | undefined; lifetimeBudget: bigint | null | undefined; now: number };

/** A key whose time or money is over would be closed again by its next call: whoever opens it is told what to change with it. */
function checkOpens(item: Item, { account, expiresAt, lifetimeBudget, now }: Opening): void {
  const end = expiresAt === undefined ? keyOf(item).expiresAt : expiresAt;
  if (end !== null && end <= now) throw invalidFields(['ttl'], `it ended on ${new Date(end).toISOString()}, counted from createdAt`);
  const limits = { ...account.limits, ...(lifetimeBudget !== undefined && { lifetimeBudget }) };
  if (isSpent({ ...account, limits })) throw invalidFields(['costLimitInUsd'], 'the key has spent it; raise it, or 0 for no limit');
}

function hasWindows({ cost, rate }: BricksKeyInput): boolean {
  return [cost.amount, cost.unit, rate.amount, rate.unit].some((given) => given !== undefined);
}

/** The windows with the two that BricksLLM knows put in place of those of their kind; others, set elsewhere, stay. */
function windowsAfter({ cost, rate }: BricksKeyInput, before: Account['windows']): WindowLimit[] {
  const shown = { cost: shownWindow(before, 'cost'), requests: shownWindow(before, 'requests') };
  const kept = before.filter((window) => window !== shown.cost && window !== shown.requests);
  const halves = (window: Account['windows'][number] | undefined) => window && { amount: window.limit, unit: window.unit };
  const next = {
    requests: overTime(rate, halves(shown.requests), ['rateLimitOverTime', 'rateLimitUnit']),
    cost: overTime(cost, halves(shown.cost), ['costLimitInUsdOverTime', 'costLimitInUsdUnit']),
  };
  const made = (['requests', 'cost'] as const).flatMap((kind) => {
    const limit = next[kind];
    return limit ? [{ kind, limit: limit.amount, count: 1, unit: limit.unit }] : [];
  });
  // First, for the first of a kind is the one that is shown; and no two may be of one length.
  return [...made, ...kept.filter((window) => !made.some((one) => shapeOf(one) === shapeOf(window)))];
}

async function listed(c: Context, keys: KeyStore): Promise<Item[]> {
  const tags = [...(c.req.queries('tag') ?? []), ...(c.req.queries('tags') ?? [])].filter((tag) => tag !== '');
  const ids = (c.req.queries('keyIds') ?? []).flatMap((id) => id.split(','));
  const hasAll = (item: Item) => tags.every((tag) => ((item.tags ?? []) as string[]).includes(tag));
  if (ids.length > 0) return (await keys.readMany([...new Set(ids.flatMap((id) => fromUuid(id) ?? []))])).filter(hasAll);
  if (tags.length === 0) throw new GatewayError('missing_required_parameter', 'the query parameter tag is missing', { param: 'tag' });
  // This list has no pages: it ends where a page would.
  return (await keys.readMany((await keys.narrowed({ tag: tags[0] })).ids)).filter(hasAll);
}

export function keyIdOf(c: Context): string {
  const id = fromUuid(c.req.param('id') ?? '');
  if (!id) throw noKey();
  return id;
}

function noKey(): GatewayError {
  return new GatewayError('not_found', 'key is not found', { param: 'id' });
}
