// The ledger's writes to the account item, each one conditional and atomic. Pure: expressions and their values, nothing is sent here.
import type { Picodollars } from '../platform/money.ts';
import type { Change } from '../store/client.ts';
import { type Account, ceilingOf, HOLD, type HoldRecord, MARK, overflowOf, quotaOf } from './account.ts';

/**
 * Sets money aside. Everything is decided by the one condition: the copy the caller decided by is current (no revocation, no new limit, no
 * new month since), the money fits, a parallel call is free, and the request has no hold yet, nor one that was taken for abandoned.
 */
export function admission(account: Account, requestId: string, hold: HoldRecord): Change {
  const isCurrent = '#version = :version AND #month = :month';
  const isNew = 'attribute_not_exists(#hold) AND attribute_not_exists(#mark)';
  const conditions = [isCurrent, isNew];
  const values: Change['values'] = { ':version': account.version, ':month': account.current.month, ':amount': hold.amount, ':one': 1n };

  const ceiling = ceilingOf(account);
  if (ceiling !== null) {
    const hasRoom = '#committed <= :highest';
    conditions.push(hasRoom);
    values[':highest'] = ceiling - hold.amount;
  }
  if (account.limits.maxParallel !== null) {
    const hasFreeCall = '#open < :maxParallel';
    conditions.push(hasFreeCall);
    values[':maxParallel'] = BigInt(account.limits.maxParallel);
  }
  values[':hold'] = { ...hold };
  return {
    update: 'SET #committed = #committed + :amount, #hold = :hold, #open = #open + :one',
    condition: conditions.join(' AND '),
    names: {
      '#version': 'version',
      '#month': 'month',
      '#committed': 'committed',
      '#open': 'open',
      '#hold': HOLD + requestId,
      '#mark': MARK + requestId,
    },
    values,
  };
}

export type Period = 'current' | 'previous';

/** Attribute names of a period's counters. */
const COUNTERS = {
  current: { month: 'month', committed: 'committed', spent: 'spent' },
  previous: { month: 'previousMonth', committed: 'previousCommitted', spent: 'previousSpent' },
} as const;

/**
 * Replaces a hold by its cost in the month it was admitted in. The previous month's money bounds this month's ceiling, so a change there
 * makes every copy out of date. `leaveMark`: the cost is the whole hold, and a result may still come.
 */
export function settlement(requestId: string, hold: HoldRecord, cost: Picodollars, period: Period, leaveMark?: { at: number }): Change {
  const { month, committed, spent } = COUNTERS[period];
  const sets = ['#committed = #committed + :difference', '#spent = #spent + :cost', '#open = #open - :one'];
  const names: Change['names'] = { '#month': month, '#committed': committed, '#spent': spent, '#open': 'open', '#hold': HOLD + requestId };
  const values: Change['values'] = { ':month': hold.month, ':difference': cost - hold.amount, ':cost': cost, ':one': 1n };
  if (period === 'previous') {
    sets.push('#version = #version + :one');
    names['#version'] = 'version';
  }
  if (leaveMark) {
    sets.push('#mark = :mark');
    names['#mark'] = MARK + requestId;
    values[':mark'] = { amount: hold.amount, at: leaveMark.at, month: hold.month };
  }
  return { update: `SET ${sets.join(', ')} REMOVE #hold`, condition: 'attribute_exists(#hold) AND #month = :month', names, values };
}

/** Applies a late result to what was charged in full, while the mark is there, so once. */
export function correction(requestId: string, month: string, difference: Picodollars, period: Period): Change {
  const counters = COUNTERS[period];
  const sets = ['#committed = #committed + :difference', '#spent = #spent + :difference'];
  const names: Change['names'] = {
    '#month': counters.month,
    '#committed': counters.committed,
    '#spent': counters.spent,
    '#mark': MARK + requestId,
  };
  const values: Change['values'] = { ':month': month, ':difference': difference };
  if (period === 'previous') {
    sets.push('#version = #version + :one');
    names['#version'] = 'version';
    values[':one'] = 1n;
  }
  return { update: `SET ${sets.join(', ')} REMOVE #mark`, condition: 'attribute_exists(#mark) AND #month = :month', names, values };
}

/**
 * Rolls the item into a new month. This month becomes the previous one with its open holds; what the one before took from the balance is
 * final and taken off. Right sides see the item as it is at that moment, so no admission or settlement in between is lost.
 */
export function rolling(account: Account, month: string): Change {
  const { limits, current, previous } = account;
  const sets = [
    '#previousMonth = #month',
    '#previousCommitted = #committed',
    '#previousSpent = #spent',
    '#previousQuota = #monthQuota',
    '#month = :month',
    '#monthQuota = :quota',
    '#committed = :zero',
    '#spent = :zero',
    '#earlier = #earlier + :final',
    '#version = #version + :one',
  ];
  const names: Change['names'] = {
    '#previousMonth': 'previousMonth',
    '#previousCommitted': 'previousCommitted',
    '#previousSpent': 'previousSpent',
    '#previousQuota': 'previousQuota',
    '#month': 'month',
    '#monthQuota': 'monthQuota',
    '#committed': 'committed',
    '#spent': 'spent',
    '#earlier': 'earlier',
    '#version': 'version',
  };
  const values: Change['values'] = {
    ':month': month,
    ':old': current.month,
    ':quota': quotaOf(limits),
    ':zero': 0n,
    ':final': previous?.spent ?? 0n,
    ':one': 1n,
    ':version': account.version,
  };
  if (limits.balance !== null) {
    sets.push('#balance = #balance - :overflow', '#drawn = :drawn');
    names['#balance'] = 'balance';
    names['#drawn'] = 'drawn';
    values[':overflow'] = overflowOf(previous);
    values[':drawn'] = account.drawn + overflowOf(previous);
  }
  return { update: `SET ${sets.join(', ')}`, condition: '#version = :version AND #month = :old', names, values };
}

/** Marks the account as revoked for a reason that it found itself: its time or its lifetime budget has run out. */
export function revocation(account: Account, reason: string, at: number): Change {
  return {
    update: 'SET #revokedAt = :at, #reason = :reason, #version = #version + :one',
    condition: '#version = :version',
    names: { '#revokedAt': 'revokedAt', '#reason': 'revokedReason', '#version': 'version' },
    values: { ':at': at, ':reason': reason, ':version': account.version, ':one': 1n },
  };
}
