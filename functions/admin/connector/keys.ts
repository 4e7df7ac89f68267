// /admin/api-key/*: keys as the connector knows them, over the same stores and the same ledger as the native API.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { keyOf } from '../../core/access/key-item.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Role } from '../../core/access/principal.ts';
import type { Item } from '../../core/store/client.ts';
import { authorOf } from '../access.ts';
import { createDeleteKey, type DeleteKeyDependencies } from '../delete-key.ts';
import { type BalancesDependencies, openingAccount, payOpening } from '../native/balances.ts';
import { accountChangeOf } from '../native/key-change.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { amountIn, type Fields, invalid, lineIn, missing, readFields, requiredLineIn } from './fields.ts';
import { chosenGroupId, type Groups, groupsOf } from './find-group.ts';
import { findKey, readNamedKey, readNumberedKey } from './find-key.ts';
import { toKeyResult, toKeyRow } from './key-shapes.ts';
import { pageOf, parsePage } from './pages.ts';
import { FARTHEST_OFFSET, listKeys } from './roster.ts';
import { createConnectorSecret } from './secret.ts';

export type KeysDependencies = Groups & { keys: KeyStore } & DeleteKeyDependencies & BalancesDependencies;

const LONGEST_EMAIL = 254;

export function addKeys(app: OpenAPIHono<AdminVariables>, dependencies: KeysDependencies): void {
  const { keys, numbers, ledger, payments } = dependencies;
  const remove = createDeleteKey(dependencies);
  const resultOf = async (item: Item, secret?: string) => toKeyResult(item, ledger.view(item), await numbers.numberOf(item), secret);
  const apply = createApply(dependencies);

  app.post('/admin/api-key/apply', async (c) => {
    const { item, secret } = await apply(await readFields(c), authorOf(c.get('principal')));
    return succeed(c, await resultOf(item, secret));
  });

  app.post('/admin/api-key/update', async (c) => {
    const fields = await readFields(c);
    const { id } = keyOf(await readNumberedKey(dependencies, fields));
    const [name, email, monthlyBudget] = [lineIn(fields, 'name'), emailIn(fields), amountIn(fields, 'month_quota')];
    const change = { name, email, role: roleIn(fields), groupId: await chosenGroupId(dependencies, fields) };
    // A new quota is reckoned in the present month.
    await ledger.present(id);
    return succeed(c, await resultOf(await keys.change(id, change, (item) => accountChangeOf({ monthlyBudget }, item))));
  });

  app.post('/admin/api-key/recharge', async (c) => {
    const fields = await readFields(c);
    const { id } = keyOf(await readNamedKey(dependencies, fields));
    const amount = rechargeIn(fields);
    await payments.pay(id, { kind: 'recharge', amount, reason: null }, authorOf(c.get('principal')));
    return succeed(c, await resultOf(await keys.read(id)));
  });

  app.post('/admin/api-key/reset-key', async (c) => {
    const { id } = keyOf(await readNamedKey(dependencies, await readFields(c)));
    const { item, secret } = await keys.rotate(id, null, { secret: createConnectorSecret() });
    return succeed(c, await resultOf(item, secret));
  });

  app.post('/admin/api-key/delete', async (c) => {
    const { id } = keyOf(await readNamedKey(dependencies, await readFields(c)));
    await remove(id);
    return succeed(c, true);
  });

  app.get('/admin/api-key/list', async (c) => {
    const asked = parsePage((name) => c.req.query(name), FARTHEST_OFFSET);
    const { name, role, group_id: group, orderBy } = c.req.query();
    const question = { ...asked, name, role, orderBy, groupId: /^\d{1,10}$/.test(group ?? '') ? Number(group) : 0 };
    const { items, total } = await listKeys(dependencies, question);
    return succeed(c, pageOf(await toKeyRows(dependencies, items), total, asked));
  });

  app.get('/admin/api-key/detail/:id', async (c) => {
    const item = await findKey(dependencies, Number(c.req.param('id')));
    return succeed(c, item ? (await toKeyRows(dependencies, [item]))[0] : null);
  });
}

/** Full rows. Numbers are given to the oldest first. */
export async function toKeyRows({ numbers, ledger }: Pick<KeysDependencies, 'numbers' | 'ledger'>, items: readonly Item[]) {
  const named = await groupsOf({ numbers }, items);
  const rows: (ReturnType<typeof toKeyRow> & { group_name: string | null })[] = [];
  for (const item of items.toReversed()) {
    const group = named.get(String(item.groupId));
    const known = { id: await numbers.numberOf(item), groupId: group?.number ?? 0 };
    rows.unshift({ ...toKeyRow(item, ledger.view(item), known), group_name: group?.name ?? null });
  }
  return rows;
}

/** The fields of a new key, checked. A quota of 0, or none, is nothing to spend. */
export async function readNewKey(dependencies: Groups, fields: Fields) {
  const name = requiredLineIn(fields, 'name');
  const money = { monthlyBudget: amountIn(fields, 'month_quota') ?? 0n, balance: amountIn(fields, 'balance') ?? 0n };
  const groupId = await chosenGroupId(dependencies, fields);
  const identity = { name, email: emailIn(fields) ?? null, role: roleIn(fields) ?? ('user' as const), tags: [], models: [] };
  return { identity: { ...identity, expiresAt: null, ...(groupId && { groupId }) }, money };
}

export function createApply(dependencies: KeysDependencies) {
  const { keys, payments, clock } = dependencies;
  return async (fields: Fields, author: string): Promise<{ item: Item; secret: string }> => {
    const { identity, money } = await readNewKey(dependencies, fields);
    const made = await keys.create(identity, openingAccount(money, clock()), createConnectorSecret());
    const item = await payOpening(payments, made.item, { balance: money.balance, author, read: keys.read });
    return { item, secret: made.secret };
  };
}

/** Any text was a role there, and only "admin" meant more than none. */
function roleIn(fields: Fields): Role | undefined {
  const role = lineIn(fields, 'role', 64);
  if (role === undefined) return undefined;
  return role === 'admin' || role === 'auditor' ? role : 'user';
}

function emailIn(fields: Fields): string | undefined {
  const email = lineIn(fields, 'email', LONGEST_EMAIL);
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) throw invalid('email', 'is invalid');
  return email;
}

function rechargeIn(fields: Fields): bigint {
  const given = fields.balance;
  const isNegative = String(given ?? '')
    .trim()
    .startsWith('-');
  const amount = isNegative ? 0n : amountIn(fields, 'balance');
  return amount || missing('balance is required');
}
