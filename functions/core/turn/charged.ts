// What a call that has ended took, and what it leaves. Pure.
import type { Hold } from '../ledger/hold.ts';
import type { Left } from '../ledger/left.ts';
import type { Picodollars } from '../platform/money.ts';

export type Charged = { cost: Picodollars; left: Left };

/** Reckoned from what was left at the admission, with no look at the accounts: what others did meanwhile is not in it. */
export function chargedOf({ amount }: Hold, left: Left, cost: Picodollars): Charged {
  return { cost, left: { ...left, money: left.money === null ? null : left.money + amount - cost } };
}
