// What limits a key, all of it in one list: of its own account and of those of its group and its user, with what is left and when it resets.
import { z } from '@hono/zod-openapi';
import type { GroupStore } from '../../core/access/group-store.ts';
import { keyOf } from '../../core/access/key-item.ts';
import type { UserStore } from '../../core/access/user-store.ts';
import { type Account, balanceLeft, ceilingOf } from '../../core/ledger/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { endOfMonth, monthOf } from '../../core/platform/clock.ts';
import { formatUsd, type Picodollars } from '../../core/platform/money.ts';
import type { Item } from '../../core/store/client.ts';
import { isoOf } from '../native/key-view.ts';
import { toWindowView } from '../native/window-schemas.ts';

const amount = z.union([z.int(), z.string()]);
const KINDS = ['monthlyBudget', 'balance', 'lifetimeBudget', 'window', 'parallel', 'expiry'] as const;
const UNITS = ['USD', 'requests', 'tokens', 'calls', 'time'] as const;

export const OwnLimitSchema = z
  .object({
    of: z
      .enum(['key', 'group', 'user'])
      .openapi({ description: 'Whose limit it is: one of a group or user is shared with its other keys.' }),
    accountId: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    name: z.string().openapi({ example: 'Search team' }),
    kind: z.enum(KINDS),
    unit: z.enum(UNITS).openapi({ description: 'USD amounts are decimal strings, counts are numbers, a time is its moment.' }),
    limit: amount.nullable().openapi({ description: 'null for a balance, which is only what is left of it.', example: '20' }),
    used: amount.nullable().openapi({ description: 'Calls under way count with all they may use.', example: '3.5' }),
    left: amount.nullable().openapi({ description: 'What may still be used; null for an end, which is a time.', example: '16.5' }),
    per: z.string().nullable().openapi({ description: 'In how much time: mo for a monthly budget.', example: 'mo' }),
    resetsAt: z.string().nullable().openapi({ description: 'When it begins again; null: never.', example: '2026-12-01T00:00:00.000Z' }),
  })
  .openapi('OwnLimit');

export type OwnLimit = z.infer<typeof OwnLimitSchema>;

type Owner = { of: 'key' | 'group' | 'user'; item: Item };
export type LimitsDependencies = { groups: GroupStore; users: UserStore; ledger: Ledger };

export type OwnLimits = { limits: OwnLimit[]; remaining: Picodollars | null };

/** `remaining`: what may still be spent, whichever limit is the tightest; `null` where money is not limited. */
export async function limitsOf(key: Item, { groups, users, ledger }: LimitsDependencies, now: number): Promise<OwnLimits> {
  const { groupId, userId } = keyOf(key);
  const [group, user] = await Promise.all([
    groupId === null ? undefined : groups.find(groupId),
    userId === null ? undefined : users.find(userId),
  ]);
  const owners: Owner[] = [{ of: 'key', item: key }];
  if (group) owners.push({ of: 'group', item: group });
  if (user) owners.push({ of: 'user', item: user });
  const accounts = owners.map(({ item }) => ledger.view(item));
  const left = accounts.map(moneyLeft).filter((amount) => amount !== null);
  return {
    limits: owners.flatMap(({ of, item }, index) => ofAccount(of, String(item.name), accounts[index]!, now)),
    remaining: left.length === 0 ? null : left.reduce((least, one) => (one < least ? one : least)),
  };
}

function moneyLeft(account: Account): Picodollars | null {
  const ceiling = ceilingOf(account);
  return ceiling === null ? null : atLeastNothing(ceiling - account.current.committed);
}

function ofAccount(of: Owner['of'], name: string, account: Account, now: number): OwnLimit[] {
  const { limits, current, windows, open, expiresAt } = account;
  const whose = { of, accountId: account.id, name };
  const never = { per: null, resetsAt: null };
  const money = (limit: Picodollars, used: Picodollars) => ({
    ...{ unit: 'USD' as const, limit: formatUsd(limit), used: formatUsd(used), left: formatUsd(atLeastNothing(limit - used)) },
  });
  const found: OwnLimit[] = [];
  if (limits.monthlyBudget !== null) {
    const resets = { per: 'mo', resetsAt: isoOf(endOfMonth(monthOf(now))) };
    // What is over the budget is drawn from the balance.
    const used = current.committed < limits.monthlyBudget ? current.committed : limits.monthlyBudget;
    found.push({ ...whose, kind: 'monthlyBudget', ...money(limits.monthlyBudget, used), ...resets });
  }
  const balance = balanceLeft(account);
  if (balance !== null) {
    found.push({ ...whose, kind: 'balance', unit: 'USD', limit: null, used: null, left: formatUsd(atLeastNothing(balance)), ...never });
  }
  if (limits.lifetimeBudget !== null) {
    const used = account.earlier + (account.previous?.committed ?? 0n) + current.committed;
    found.push({ ...whose, kind: 'lifetimeBudget', ...money(limits.lifetimeBudget, used), ...never });
  }
  for (const window of windows) {
    const { kind, limit, used, remaining, per, resetsAt } = toWindowView(window, now);
    found.push({ ...whose, kind: 'window', unit: kind === 'cost' ? 'USD' : kind, limit, used, left: remaining, per, resetsAt });
  }
  if (limits.maxParallel !== null) {
    const counts = { limit: limits.maxParallel, used: open, left: Math.max(0, limits.maxParallel - open) };
    found.push({ ...whose, kind: 'parallel', unit: 'calls', ...counts, ...never });
  }
  if (expiresAt !== null) {
    found.push({ ...whose, kind: 'expiry', unit: 'time', limit: isoOf(expiresAt), used: null, left: null, ...never });
  }
  return found;
}

function atLeastNothing(amount: Picodollars): Picodollars {
  return amount > 0n ? amount : 0n;
}
