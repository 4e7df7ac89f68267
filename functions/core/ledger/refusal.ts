// Why a call was not admitted, in the caller's words: which limit, how much is left, when it resets.
import { endOfMonth } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import { formatUsd, type Picodollars } from '../platform/money.ts';
import { type Account, ceilingsOf } from './account.ts';

export type Refusal =
  | { limit: 'money'; kind: 'month' | 'lifetime'; left: Picodollars; needed: Picodollars; resetsAt: number | null }
  | { limit: 'parallel'; maxParallel: number }
  | { limit: 'revoked'; reason: string }
  | { limit: 'expired'; at: number }
  | { limit: 'price'; model: string }
  | { limit: 'gone' };

export const EXPIRED_REASON = 'expired';
export const LIFETIME_REASON = 'lifetime budget reached';

/** The refusal for lack of money: names the tighter of the two limits. */
export function moneyRefusal(account: Account, needed: Picodollars): Refusal {
  const { month, lifetime } = ceilingsOf(account);
  const { committed } = account.current;
  const isLifetime = month === null || (lifetime !== null && lifetime < month);
  const left = (isLifetime ? lifetime! : month!) - committed;
  const resetsAt = isLifetime || account.limits.monthlyBudget === null ? null : endOfMonth(account.current.month);
  return { limit: 'money', kind: isLifetime ? 'lifetime' : 'month', left: left > 0n ? left : 0n, needed, resetsAt };
}

export function refusalError(refusal: Refusal, now: number): GatewayError {
  switch (refusal.limit) {
    case 'money':
      return moneyError(refusal);
    case 'parallel':
      return new GatewayError(
        'too_many_parallel_calls',
        `This key may run ${refusal.maxParallel} calls at a time and all of them are under way. Wait for one to end.`,
        { retryAfterSeconds: 1 },
      );
    case 'revoked':
      return new GatewayError('key_revoked', `The key has been revoked: ${refusal.reason}.`);
    case 'expired':
      return new GatewayError(
        'key_expired',
        `The key expired on ${new Date(refusal.at).toISOString()} (now ${new Date(now).toISOString()}).`,
      );
    case 'price': {
      const message = `${refusal.model} has no price, and this key has a budget. An administrator can set the price, or lift the limit.`;
      return new GatewayError('model_not_priced', message, { param: 'model' });
    }
    case 'gone':
      return new GatewayError('invalid_api_key', 'Incorrect API key provided. The key has been deleted.');
  }
}

function moneyError({ kind, left, needed, resetsAt }: Extract<Refusal, { limit: 'money' }>): GatewayError {
  const budget = kind === 'month' ? 'budget of this month' : 'lifetime budget';
  const reset = resetsAt === null ? 'It does not reset.' : `It resets on ${new Date(resetsAt).toISOString()}.`;
  const message = `The ${budget} is used up. Please recharge. Left: ${formatUsd(left)} USD; this call may cost up to ${formatUsd(needed)} USD. ${reset}`;
  return new GatewayError('insufficient_quota', message, {
    shouldRetry: false,
    headers: { 'x-outcrop-budget-remaining': formatUsd(left) },
  });
}
