// A key as the admin API shows it. Pure: the item's identity and its account, already in the present month, go in.
import { keyOf } from '../../core/access/key-item.ts';
import type { Key } from '../../core/access/principal.ts';
import { type Account, ceilingOf, overflowOf, type Period } from '../../core/ledger/account.ts';
import { EXPIRED_REASON } from '../../core/ledger/refusal.ts';
import { alertsOf } from '../../core/ledger/thresholds.ts';
import { formatUsd, type Picodollars } from '../../core/platform/money.ts';
import type { Item } from '../../core/store/client.ts';
import { lifetimeOf } from '../spent.ts';
import type { KeyView } from './key-schemas.ts';
import { toWindowView } from './window-schemas.ts';

export function toKeyView(item: Item, account: Account, now: number): KeyView {
  const key = keyOf(item);
  const { id, name, email, role, tags, models, logging, groupId, userId, secretHint } = key;
  return {
    id,
    name,
    email,
    role,
    tags,
    models,
    logging,
    groupId,
    userId,
    secretHint,
    ...accountViewOf({ ...key, alerts: alertsOf(item) }, account, now),
  };
}

type Owner = Pick<Key, 'createdAt' | 'updatedAt' | 'expiresAt' | 'revoked'> & { alerts: number[] };

/** What keys, groups and users show of their accounts. */
export function accountViewOf(owner: Owner, account: Account, now: number) {
  const revocation = revocationOf(owner, now);
  return {
    ...moneyOf(account),
    maxParallel: account.limits.maxParallel,
    windows: account.windows.map((window) => toWindowView(window, now)),
    alerts: owner.alerts,
    createdAt: isoOf(owner.createdAt),
    updatedAt: isoOf(owner.updatedAt),
    expiresAt: owner.expiresAt === null ? null : isoOf(owner.expiresAt),
    revoked: revocation !== null,
    revokedAt: revocation && isoOf(revocation.at),
    revokedReason: revocation?.reason ?? null,
  };
}

/** Why the key is closed, if it is: a key whose time is over is, whether or not a call has found that out already. */
export function revocationOf({ revoked, expiresAt }: Pick<Key, 'revoked' | 'expiresAt'>, now: number): Key['revoked'] {
  if (revoked) return revoked;
  return expiresAt !== null && expiresAt <= now ? { at: expiresAt, reason: EXPIRED_REASON } : null;
}

type Money = Pick<KeyView, 'monthlyBudget' | 'balance' | 'lifetimeBudget' | 'spent' | 'held' | 'remaining'>;

export function moneyOf(account: Account): Money {
  const { limits, current, previous } = account;
  const balance = limits.balance === null ? null : limits.balance - overflowOf(previous) - overflowOf(current);
  const ceiling = ceilingOf(account);
  return {
    monthlyBudget: usdOrNull(limits.monthlyBudget),
    balance: usdOrNull(balance === null ? null : atLeastNothing(balance)),
    lifetimeBudget: usdOrNull(limits.lifetimeBudget),
    spent: { month: formatUsd(current.spent), lifetime: formatUsd(lifetimeOf(account)) },
    held: formatUsd(heldIn(current) + heldIn(previous)),
    remaining: usdOrNull(ceiling === null ? null : atLeastNothing(ceiling - current.committed)),
  };
}

function heldIn(period: Period | null): Picodollars {
  return period === null ? 0n : period.committed - period.spent;
}

/** A limit lowered below what was spent already leaves nothing, not a debt. */
function atLeastNothing(amount: Picodollars): Picodollars {
  return amount > 0n ? amount : 0n;
}

function usdOrNull(amount: Picodollars | null): string | null {
  return amount === null ? null : formatUsd(amount);
}

export function isoOf(at: number): string {
  return new Date(at).toISOString();
}
