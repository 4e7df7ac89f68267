// Keys as BricksLLM shows them. Pure.
import { keyOf } from '../../core/access/key-item.ts';
import type { Account } from '../../core/ledger/account.ts';
import { EXPIRED_REASON, LIFETIME_REASON } from '../../core/ledger/refusal.ts';
import type { Window, WindowKind } from '../../core/ledger/windows.ts';
import { formatUsd, type Picodollars } from '../../core/platform/money.ts';
import type { Item } from '../../core/store/client.ts';
import { revocationOf } from '../native/key-view.ts';
import { lifetimeOf } from '../spent.ts';
import { toUuid } from './key-id.ts';

/** Its word for both. */
const CLOSED_BY_LIMIT = 'Key has expired or exceeded set spend limit';

export function toBricksKey(item: Item, account: Account, now: number) {
  const key = keyOf(item);
  // What the next call would find out is shown already.
  const revoked = revocationOf(key, now) ?? (isSpent(account) ? { reason: LIFETIME_REASON } : null);
  const isClosedByLimit = revoked?.reason === EXPIRED_REASON || revoked?.reason === LIFETIME_REASON;
  const cost = shownWindow(account.windows, 'cost');
  const rate = shownWindow(account.windows, 'requests');
  return {
    name: key.name,
    createdAt: secondsOf(key.createdAt),
    updatedAt: secondsOf(key.updatedAt),
    tags: key.tags,
    keyId: toUuid(key.id),
    revoked: revoked !== null,
    key: key.secretHash,
    revokedReason: isClosedByLimit ? CLOSED_BY_LIMIT : (revoked?.reason ?? ''),
    costLimitInUsd: usdOf(account.limits.lifetimeBudget),
    costLimitInUsdOverTime: usdOf(cost?.limit ?? null),
    costLimitInUsdUnit: cost?.unit ?? '',
    rateLimitOverTime: Number(rate?.limit ?? 0n),
    rateLimitUnit: rate?.unit ?? '',
    ttl: key.expiresAt === null ? '' : durationOf(key.expiresAt - key.createdAt),
  };
}

/** Its cost limit in all is reached: no call gets through any more. */
export function isSpent(account: Account): boolean {
  const { lifetimeBudget } = account.limits;
  return lifetimeBudget !== null && lifetimeOf(account) >= lifetimeBudget;
}

/** The one limit of a kind that the shape has room for: the first of a single unit. */
export function shownWindow(windows: readonly Window[], kind: WindowKind): Window | undefined {
  return windows.find((window) => window.kind === kind && window.count === 1);
}

/** Its amounts are JSON numbers: shown, never reckoned with. */
export function usdOf(amount: Picodollars | null): number {
  return amount === null ? 0 : Number(formatUsd(amount));
}

export function secondsOf(at: number): number {
  return Math.floor(at / 1000);
}

/** `48h`, `1h30m`: to the second, for the ends of a key are not set in one moment. */
function durationOf(lengthMs: number): string {
  const seconds = Math.max(1, Math.round(lengthMs / 1000));
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('');
}
