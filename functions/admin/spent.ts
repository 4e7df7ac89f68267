// What an account has spent in all. Pure.
import type { Account } from '../core/ledger/account.ts';
import type { Picodollars } from '../core/platform/money.ts';

export function lifetimeOf({ current, previous, earlier }: Account): Picodollars {
  return earlier + (previous?.spent ?? 0n) + current.spent;
}
