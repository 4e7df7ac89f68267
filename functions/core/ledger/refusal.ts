// Why a call was not admitted, in the caller's words: which limit, on which account, how much is left, when it resets.
import { endOfMonth } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import { formatUsd, type Picodollars } from '../platform/money.ts';
import { type Account, ceilingsOf, mostOpenOf } from './account.ts';
import { rateHeaders } from './limit-headers.ts';
import { type Ask, endOf, isFull, needOf, type Window, type WindowLimit, windowAt } from './windows.ts';

export type Refusal = (
  | { limit: 'money'; kind: 'month' | 'lifetime'; left: Picodollars; needed: Picodollars; resetsAt: number | null }
  | { limit: 'window'; window: WindowLimit; left: bigint; needed: bigint; resetsAt: number }
  | { limit: 'parallel'; maxParallel: number }
  | { limit: 'revoked'; reason: string }
  | { limit: 'expired'; at: number }
  | { limit: 'price'; model: string }
  | { limit: 'gone' }
) & {
  /** Whose limit it is where it is not the key's own. */
  account?: 'group' | 'user';
};

export const EXPIRED_REASON = 'expired';
export const LIFETIME_REASON = 'lifetime budget reached';

/** What a call has no room for, as the account is at that moment; `undefined` when it has room after all. */
export function refusalOf(account: Account, ask: Ask, now: number): Refusal | undefined {
  const mostOpen = mostOpenOf(account);
  if (account.open >= mostOpen) return { limit: 'parallel', maxParallel: mostOpen };
  return moneyRefusal(account, ask.amount) ?? windowRefusal(account, ask, now);
}

/** The refusal for lack of money: names the tighter of the two limits. */
export function moneyRefusal(account: Account, needed: Picodollars): Refusal | undefined {
  const { month, lifetime } = ceilingsOf(account);
  const { committed } = account.current;
  const isLifetime = month === null || (lifetime !== null && lifetime < month);
  const ceiling = isLifetime ? lifetime : month;
  if (ceiling === null || committed + needed <= ceiling) return undefined;
  const left = ceiling - committed;
  const resetsAt = isLifetime || account.limits.monthlyBudget === null ? null : endOfMonth(account.current.month);
  return { limit: 'money', kind: isLifetime ? 'lifetime' : 'month', left: left > 0n ? left : 0n, needed, resetsAt };
}

/** The refusal for a full window: of several the one that is full longest, for before that no call gets through. */
function windowRefusal({ windows }: Account, ask: Ask, now: number): Refusal | undefined {
  const full = windows.filter((window) => isFull(window, ask, now));
  const refusals = full.map((window) => fullWindow(window, ask, now));
  return refusals.reduce<(typeof refusals)[number] | undefined>(
    (last, one) => (last === undefined || one.resetsAt > last.resetsAt ? one : last),
    undefined,
  );
}

function fullWindow(window: Window, ask: Ask, now: number) {
  const { kind, limit, count, unit } = window;
  const { start, used } = windowAt(window, now);
  const left = limit > used ? limit - used : 0n;
  const needed = needOf(kind, ask);
  return { limit: 'window' as const, window: { kind, limit, count, unit }, left, needed, resetsAt: endOf(window, start) };
}

/** No wait helps: the call is bigger than the whole window. */
export function isTooBig({ window, needed }: Extract<Refusal, { limit: 'window' }>): boolean {
  return needed > window.limit;
}

export function refusalError(refusal: Refusal, now: number): GatewayError {
  const whose = refusal.account === undefined ? 'key' : `key's ${refusal.account}`;
  switch (refusal.limit) {
    case 'money':
      return moneyError(refusal);
    case 'window':
      return windowError(refusal, whose, now);
    case 'parallel':
      return new GatewayError(
        'too_many_parallel_calls',
        `This ${whose} may run ${refusal.maxParallel} calls at a time and all of them are under way. Wait for one to end.`,
        { retryAfterSeconds: 1 },
      );
    case 'revoked':
      return new GatewayError('key_revoked', `The ${whose} has been revoked: ${refusal.reason}.`);
    case 'expired':
      return new GatewayError(
        'key_expired',
        `The ${whose} expired on ${new Date(refusal.at).toISOString()} (now ${new Date(now).toISOString()}).`,
      );
    case 'price': {
      const message = `${refusal.model} has no price, and this ${whose} has a budget. An administrator can set the price, or lift the limit.`;
      return new GatewayError('model_not_priced', message, { param: 'model' });
    }
    case 'gone':
      if (refusal.account) return new GatewayError('permission_denied', `The ${whose} has been deleted.`);
      return new GatewayError('invalid_api_key', 'Incorrect API key provided. The key has been deleted.');
  }
}

function moneyError({ kind, left, needed, resetsAt, account }: Extract<Refusal, { limit: 'money' }>): GatewayError {
  const budget = `${kind === 'month' ? 'budget of this month' : 'lifetime budget'}${account ? ` of the key's ${account}` : ''}`;
  const reset = resetsAt === null ? 'It does not reset.' : `It resets on ${new Date(resetsAt).toISOString()}.`;
  const message = `The ${budget} is used up. Please recharge. Left: ${formatUsd(left)} USD; this call may cost up to ${formatUsd(needed)} USD. ${reset}`;
  return new GatewayError('insufficient_quota', message, {
    shouldRetry: false,
    headers: { 'x-outcrop-budget-remaining': formatUsd(left) },
  });
}

function windowError(refusal: Extract<Refusal, { limit: 'window' }>, whose: string, now: number): GatewayError {
  const { window, left, needed, resetsAt } = refusal;
  const { kind, limit, count, unit } = window;
  const amount = (value: bigint) => (kind === 'cost' ? `${formatUsd(value)} USD` : `${value} ${kind}`);
  const per = `${amount(limit)} per ${count === 1 ? '' : count}${unit}`;
  const headers = {
    ...(kind !== 'cost' && rateHeaders({ [kind]: { limit, remaining: left, resetsInMs: resetsAt - now } })),
    // What clients of other gateways read of a limit of requests; the moment in seconds since the epoch.
    ...(kind === 'requests' && {
      'x-ratelimit-limit': `${limit}`,
      'x-ratelimit-remaining': `${left}`,
      'x-ratelimit-reset': secondOf(resetsAt),
    }),
  };
  if (isTooBig(refusal)) {
    const message = `This ${whose} is limited to ${per}, and this call may use ${amount(needed)}. Ask for less.`;
    return new GatewayError('rate_limit_exceeded', message, { shouldRetry: false, headers });
  }
  const message = `This ${whose} is limited to ${per}. Left: ${amount(left)}; this call may use ${amount(needed)}. It resets on ${new Date(resetsAt).toISOString()}.`;
  return new GatewayError('rate_limit_exceeded', message, { retryAfterSeconds: Math.max(1, Math.ceil((resetsAt - now) / 1000)), headers });
}

function secondOf(at: number): string {
  return String(Math.ceil(at / 1_000));
}
