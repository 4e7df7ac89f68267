// Keys as the convertor shows them. Pure. Law: a secret is shown when it is made; from then on `api_key` is the key's id, by which it is found.
import { keyOf } from '../../core/access/key-item.ts';
import type { Account } from '../../core/ledger/account.ts';
import { EXPIRED_REASON, LIFETIME_REASON } from '../../core/ledger/refusal.ts';
import { type Measures, noMeasures } from '../../core/ledger/statement.ts';
import { formatUsd, type Picodollars } from '../../core/platform/money.ts';
import type { Item } from '../../core/store/client.ts';
import { revocationOf } from '../native/key-view.ts';
import { lifetimeOf } from '../spent.ts';
import { type RateLimit, rateWindowOf } from './rate-limit.ts';
import { totalsOf } from './totals.ts';

/** What only the convertor knows of a key: kept beside it, shown, and without any meaning for what the key may do. */
export type Labels = { user_id: string; owner_name: string; role: string };

export type ConvertorKey = ReturnType<typeof toConvertorKey>;

type Shown = { account: Account; now: number; rateLimit: RateLimit; measures?: Measures; secret?: string };

export function toConvertorKey(item: Item, { account, now, rateLimit, measures = noMeasures(), secret }: Shown) {
  const key = keyOf(item);
  const labels = labelsOf(item);
  const revoked = revocationOf(key, now);
  const { current, previous, limits, windows } = account;
  const why = revoked ? reasonOf(revoked.reason) : isUsedUp(account) ? 'budget_exceeded' : null;
  const rate = rateWindowOf(windows, rateLimit);
  const tokens = windows.find(({ kind, count, unit }) => kind === 'tokens' && count === 1 && unit === 'm');
  return {
    api_key: secret ?? key.id,
    key_id: key.id,
    key_hint: key.secretHint,
    ...labels,
    name: key.name,
    created_at: secondsOf(key.createdAt),
    updated_at: secondsOf(key.updatedAt),
    is_active: why === null,
    deactivated_reason: why,
    rate_limit: rate ? Number(rate.limit) : null,
    tpm_limit: tokens ? Number(tokens.limit) : null,
    service_tier: 'default',
    cache_ttl: key.cacheTtl ?? '',
    monthly_budget: numberOf(limits.monthlyBudget ?? 0n),
    budget_used: numberOf(lifetimeOf(account)),
    budget_used_mtd: numberOf(current.spent),
    budget_mtd_month: current.month,
    budget_history: previous ? JSON.stringify({ [previous.month]: numberOf(previous.spent) }) : null,
    metadata: null,
    ...totalsOf(measures),
  };
}

export function labelsOf(item: Item): Labels {
  const kept = (item.convertor ?? {}) as Partial<Labels>;
  return { user_id: kept.user_id ?? String(item.userId ?? ''), owner_name: kept.owner_name ?? '', role: kept.role ?? 'Full Access' };
}

/** The month's budget is spent. The next month the key just works: nobody has to bring it back. */
export function isUsedUp({ limits: { monthlyBudget, balance }, current }: Account): boolean {
  return monthlyBudget !== null && balance === null && current.spent >= monthlyBudget;
}

/** JSON numbers: shown, never reckoned with. */
export function numberOf(amount: Picodollars): number {
  return Number(formatUsd(amount));
}

function reasonOf(reason: string): string {
  if (reason === LIFETIME_REASON) return 'budget_exceeded';
  return reason === EXPIRED_REASON ? 'expired' : 'manual';
}

function secondsOf(at: number): number {
  return Math.floor(at / 1000);
}
