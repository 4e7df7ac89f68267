// What an account has left, for the headers that tell clients of it. Pure.
import type { Picodollars } from '../platform/money.ts';
import { type Account, ceilingOf } from './account.ts';
import { endOf, type Window, type WindowKind, windowAt } from './windows.ts';

export type WindowLeft = { limit: bigint; remaining: bigint; resetsInMs: number };

/** The tightest of all that bound a call, over all of its accounts; `null` where nothing of the kind does. */
export type Left = { money: Picodollars | null; requests: WindowLeft | null; tokens: WindowLeft | null };

export function leftOf(accounts: readonly Account[], now: number): Left {
  let money: Picodollars | null = null;
  for (const account of accounts) {
    const ceiling = ceilingOf(account);
    if (ceiling === null) continue;
    const left = atLeastNothing(ceiling - account.current.committed);
    if (money === null || left < money) money = left;
  }
  const windows = accounts.flatMap((account) => account.windows);
  return { money, requests: tightest(windows, 'requests', now), tokens: tightest(windows, 'tokens', now) };
}

export function windowLeft(window: Window, now: number): WindowLeft {
  const { limit, used, start } = windowAt(window, now);
  return { limit, remaining: atLeastNothing(limit - used), resetsInMs: endOf(window, start) - now };
}

function tightest(windows: readonly Window[], kind: WindowKind, now: number): WindowLeft | null {
  let least: WindowLeft | null = null;
  for (const window of windows) {
    if (window.kind !== kind) continue;
    const left = windowLeft(window, now);
    if (least === null || left.remaining < least.remaining) least = left;
  }
  return least;
}

/** A limit lowered below what was used already leaves nothing, not a debt. */
function atLeastNothing(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
