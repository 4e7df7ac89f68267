// A key as the connector shows it. Pure: the item and its account, already in the present month, go in.
import { keyOf } from '../../core/access/key-item.ts';
import { type Account, overflowOf, type Period } from '../../core/ledger/account.ts';
import type { Picodollars } from '../../core/platform/money.ts';
import type { Item } from '../../core/store/client.ts';
import { isoOf } from '../native/key-view.ts';
import { tenPlaces } from './decimals.ts';

export type Money = { total: Picodollars; balance: Picodollars; month: Picodollars; quota: Picodollars | null };

/**
 * The quota is used first, and only what the quota pays is the month's fee; the rest comes from the balance, which is below nothing where a
 * call cost more than was held for it. Calls under way are not in these numbers.
 */
export function moneyOf({ limits, current, previous, earlier }: Account): Money {
  const drawn = overflowOf(spentOnly(previous)) + overflowOf(spentOnly(current));
  return {
    total: earlier + (previous?.spent ?? 0n) + current.spent,
    balance: limits.balance === null ? 0n : limits.balance - drawn,
    month: current.quota === null || current.spent < current.quota ? current.spent : current.quota,
    quota: limits.monthlyBudget,
  };
}

/** A key without a monthly budget has no quota to show; 0 would mean nothing. */
function quotaOf({ quota }: Money): string | null {
  return quota === null ? null : tenPlaces(quota);
}

type Numbers = { id: number; groupId: number };

export function toKeyRow(item: Item, account: Account, { id, groupId }: Numbers) {
  const { name, email, role, secretHint, createdAt, updatedAt } = keyOf(item);
  const money = moneyOf(account);
  return {
    id,
    group_id: groupId,
    api_key: secretHint,
    name,
    email: email ?? '',
    role,
    total_fee: tenPlaces(money.total),
    balance: tenPlaces(money.balance),
    month_fee: tenPlaces(money.month),
    month_quota: quotaOf(money),
    created_at: isoOf(createdAt),
    updated_at: isoOf(updatedAt),
  };
}

/** What a change is answered with. `secret` is there only just after it was made. */
export function toKeyResult(item: Item, account: Account, id: number, secret?: string) {
  const { name, email, role, secretHint } = keyOf(item);
  const money = moneyOf(account);
  return {
    id,
    name,
    email: email ?? '',
    api_key: secret ?? secretHint,
    role,
    month_quota: quotaOf(money),
    balance: tenPlaces(money.balance),
  };
}

function spentOnly(period: Period | null): Period | null {
  return period && { ...period, committed: period.spent };
}
