// /api/keys: the convertor's keys, over the same keys as everywhere. A monthly budget of 0 is no limit there.
import type { Context, Hono } from 'hono';
import { accountOf } from '../../core/ledger/account.ts';
import type { Statements } from '../../core/ledger/statements.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { createDeleteKey, type DeleteKeyDependencies } from '../delete-key.ts';
import { openingAccount } from '../native/balances.ts';
import { accountChangeOf } from '../native/key-change.ts';
import { checkExpiry, type KeysDependencies } from '../native/keys.ts';
import type { AdminVariables } from '../problem.ts';
import { lifetimeOf } from '../spent.ts';
import { findKeyId } from './find-key.ts';
import { parseKeyChange, parseNewKey } from './key-input.ts';
import { readListQuery } from './list-query.ts';
import { DEFAULT_RATE_LIMIT, type RateLimit, withRateLimit } from './rate-limit.ts';
import { type ConvertorKey, isUsedUp, labelsOf, numberOf, toConvertorKey } from './shapes.ts';
import { totalsOf } from './totals.ts';
import { measuresSince, recentOf } from './usage.ts';

export type ConvertorKeysDependencies = Pick<KeysDependencies, 'keys' | 'ledger' | 'clock'> & {
  statements: Statements;
  /** Of keys that ask for none, and how long the window is of those that do. */
  convertorRateLimit?: RateLimit;
};

const PATH = '/api/keys';
const KEY_ID = /key_[0-9A-Za-z]{22}/;
const MANUALLY = 'manual';

/** What lists show of a secret is found by its end. */
const shownEnd = (search: string): string =>
  search.includes('…') ? search.slice(search.lastIndexOf('…') + 1) : search.replace(/^sk-oc-(?=.)/, '');

export function addConvertorKeys(app: Hono<AdminVariables>, dependencies: ConvertorKeysDependencies & DeleteKeyDependencies): void {
  const remove = createDeleteKey(dependencies);
  const { keys, ledger, clock, statements, convertorRateLimit: rateLimit = DEFAULT_RATE_LIMIT } = dependencies;
  const plain = (item: Item, secret?: string) =>
    toConvertorKey(item, { account: ledger.view(item), now: clock(), rateLimit, ...(secret !== undefined && { secret }) });
  const usedBy = (item: Item) => measuresSince(statements, Number(item.createdAt), clock(), { subject: 'key', value: String(item.id) });
  const whole = async (item: Item): Promise<ConvertorKey> => ({ ...plain(item), ...totalsOf(await usedBy(item)) });
  const idOf = (c: Context) => findKeyId(keys, c.req.param('key')!);

  app.get(PATH, async (c) => {
    const { limit, after, status, search, isFoundIn } = readListQuery(c, ['active', 'revoked']);
    const wants = (item: Item) => {
      const key = plain(item);
      const isOfState = status === undefined || key.is_active === (status === 'active');
      return isOfState && isFoundIn([key.name, key.key_id, key.key_hint, key.owner_name, key.user_id]);
    };
    // Ids are in no search row: a whole one is read, and the beginning of one is looked for on the way.
    const isRows = search !== '' && !search.startsWith('key_');
    const question = {
      ...{ sort: '-createdAt' as const, limit, after: after && (await findKeyId(keys, after)) },
      ...(isRows && { search: { text: shownEnd(search), in: ['name', 'hint', 'owner'] as const } }),
      ...((status !== undefined || search !== '') && { wants }),
    };
    const isNamed = KEY_ID.exec(search)?.[0] === search;
    const page = isNamed ? { items: (await keys.readMany([search])).filter(wants), next: undefined } : await keys.listed(question);
    const { items: found, next } = page;
    const items = await Promise.all(found.map(whole));
    return c.json({ items, count: items.length, ...(next !== undefined && { last_key: KEY_ID.exec(next)![0] }) });
  });

  app.post(PATH, async (c) => {
    const { name, user_id, owner_name, role, monthly_budget, rate_limit, cache_ttl } = parseNewKey(await c.req.json());
    const limits = { monthlyBudget: monthly_budget || null, windows: withRateLimit([], rate_limit ?? 0, rateLimit) };
    const labels = { user_id, owner_name: owner_name ?? '', role: role || 'Full Access' };
    const identity = { name, email: null, role: 'user' as const, tags: [], models: [], expiresAt: null };
    const { item, secret } = await keys.create(identity, {
      ...openingAccount(limits, clock()),
      convertor: labels,
      cacheTtl: cache_ttl || null,
    });
    return c.json(plain(item, secret), 201);
  });

  app.get(`${PATH}/:key`, async (c) => c.json(await whole(await keys.read(await idOf(c)))));

  app.put(`${PATH}/:key`, async (c) => {
    const id = await idOf(c);
    const change = parseKeyChange(await c.req.json());
    const { name, owner_name, role, monthly_budget, rate_limit, is_active, budget_used, cache_ttl } = change;
    // New limits are reckoned in the present month.
    const before = (await ledger.present(id))!;
    if (budget_used != null && budget_used !== numberOf(lifetimeOf(ledger.view(before)))) {
      throw new GatewayError('invalid_value', 'budget_used is the sum of the journal and cannot be set.', { param: 'budget_used' });
    }
    if (is_active) checkExpiry(before, undefined, clock());
    const revoked = is_active == null ? undefined : is_active ? null : { reason: MANUALLY };
    const item = await keys.change(id, { name: name ?? undefined, ...(is_active !== undefined && { revoked }) }, (found) => {
      const labels = labelsOf(found);
      const windows = rate_limit == null ? undefined : withRateLimit(accountOf(found).windows, rate_limit, rateLimit);
      const monthlyBudget = monthly_budget == null ? undefined : monthly_budget || null;
      return {
        ...accountChangeOf({ monthlyBudget, windows, revoked: is_active == null ? undefined : !is_active }, found),
        ...(cache_ttl != null && { cacheTtl: cache_ttl || null }),
        convertor: { ...labels, ...(owner_name != null && { owner_name }), ...(role != null && { role }) },
      };
    });
    return c.json(await whole(item));
  });

  app.delete(`${PATH}/:key`, async (c) => {
    await keys.change(await idOf(c), { revoked: { reason: MANUALLY } }, () => ({}));
    return c.json({ message: 'API key deactivated successfully' });
  });

  app.post(`${PATH}/:key/reactivate`, async (c) => {
    const id = await idOf(c);
    const before = (await ledger.present(id))!;
    if (isUsedUp(ledger.view(before))) {
      throw new GatewayError('conflict', 'The budget of this month is used up. Raise monthly_budget, or wait for the next month.');
    }
    checkExpiry(before, undefined, clock());
    await keys.change(id, { revoked: null }, () => ({}));
    return c.json({ message: 'API key reactivated successfully' });
  });

  app.delete(`${PATH}/:key/permanent`, async (c) => {
    await remove(await idOf(c));
    return c.json({ message: 'API key permanently deleted' });
  });

  app.get(`${PATH}/:key/usage`, async (c) => {
    const item = await keys.read(await idOf(c));
    const [aggregated, recent] = await Promise.all([usedBy(item), recentOf(statements, String(item.id), clock())]);
    return c.json({ aggregated: totalsOf(aggregated), recent });
  });
}
