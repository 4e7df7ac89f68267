// The ledger's writes to the account item, each one conditional and atomic. Pure: expressions and their values, nothing is sent here.
import type { Picodollars } from '../platform/money.ts';
import type { Change } from '../store/client.ts';
import { type Account, ceilingOf, HOLD, type HoldRecord, holdAttribute, MARK, mostOpenOf, overflowOf, quotaOf } from './account.ts';
import { differenceOf, endOfId, needOf, START, startOf, USED, type Used, type Window } from './windows.ts';

/**
 * Sets aside what a call may use. Everything is decided by the one condition: the copy the caller decided by is current (no revocation, no
 * new limit, no new month since), the money fits, a parallel call is free, every window has room, and the request has no hold yet, nor one
 * that was taken for abandoned. `hold.windows` says in which stretch each window counts the call: `stretchesOf`.
 */
export function admission(account: Account, requestId: string, hold: HoldRecord): Change {
  const isCurrent = '#version = :version AND #month = :month';
  const isNew = 'attribute_not_exists(#hold) AND attribute_not_exists(#mark)';
  const hasFreeCall = '#open < :mostOpen';
  const conditions = [isCurrent, isNew, hasFreeCall];
  const sets = ['#committed = #committed + :amount', '#hold = :hold', '#open = #open + :one'];
  const names: Change['names'] = {
    ...{ '#version': 'version', '#month': 'month', '#committed': 'committed', '#open': 'open' },
    ...{ '#hold': HOLD + requestId, '#mark': MARK + requestId },
  };
  const values: Change['values'] = {
    ...{ ':version': account.version, ':month': account.current.month, ':amount': hold.amount, ':one': 1n },
    ...{ ':hold': holdAttribute(account.id, hold), ':mostOpen': BigInt(mostOpenOf(account)) },
  };
  const ceiling = ceilingOf(account);
  if (ceiling !== null) {
    const hasRoom = '#committed <= :highest';
    conditions.push(hasRoom);
    values[':highest'] = ceiling - hold.amount;
  }
  account.windows.forEach((window, number) => {
    const part = windowPart(window, number, hold);
    conditions.push(part.condition);
    sets.push(...part.sets);
    Object.assign(names, { [`#start${number}`]: START + window.id, [`#used${number}`]: USED + window.id });
    Object.assign(values, part.values);
  });
  const isWatched = ceiling !== null || account.windows.length > 0;
  return { update: `SET ${sets.join(', ')}`, condition: conditions.join(' AND '), names, values, returnsUpdated: isWatched };
}

/**
 * Books the hold of a call that has been made already: no limit is asked. The version is raised with it, so that no admission of that call
 * that is still on its way, and nobody else who looked before, can place it once more.
 */
export function belatedHold(account: Account, requestId: string, hold: HoldRecord, period: Period): Change {
  const { month, committed } = COUNTERS[period];
  return {
    update: 'SET #committed = #committed + :amount, #hold = :hold, #open = #open + :one, #version = #version + :one',
    condition: '#version = :version AND #month = :month AND attribute_not_exists(#hold) AND attribute_not_exists(#mark)',
    names: {
      ...{ '#version': 'version', '#month': month, '#committed': committed, '#open': 'open' },
      ...{ '#hold': HOLD + requestId, '#mark': MARK + requestId },
    },
    values: {
      ...{ ':version': account.version, ':month': hold.month, ':amount': hold.amount, ':one': 1n },
      ':hold': holdAttribute(account.id, hold),
    },
  };
}

/** Keeps what is there of a call, a hold or a mark, from ever coming twice: its admission may still be on its way. */
export function adoption(account: Account, requestId: string, found: typeof HOLD | typeof MARK): Change {
  return {
    update: 'SET #version = #version + :one',
    condition: '#version = :version AND attribute_exists(#found)',
    names: { '#version': 'version', '#found': found + requestId },
    values: { ':version': account.version, ':one': 1n },
  };
}

/** The stretch in which each window would count a call now. */
export function stretchesOf({ windows }: Account, now: number): Record<string, number> {
  return Object.fromEntries(windows.map((window) => [window.id, Math.max(window.start, startOf(window, now))]));
}

/** The windows that still count a hold's call, as the item says. */
export function stretchesIn({ windows: counted }: HoldRecord, { windows }: Account): string[] {
  return windows.filter(({ id, start }) => counted[id] === start).map(({ id }) => id);
}

/** The same as the clock says. A stretch that is over counts nothing any more, so that nothing is corrected in it. */
export function stretchesOpen({ windows: counted }: HoldRecord, now: number): string[] {
  return Object.keys(counted).filter((id) => endOfId(id, counted[id]!) > now);
}

/**
 * A window either counts on in its stretch or begins a new one; the copy tells which, and the condition whether that is still so. What could
 * not even fit into an empty window is asked for as if the window counted on, which never holds.
 */
function windowPart({ id, kind, limit, start }: Window, number: number, hold: HoldRecord) {
  const need = needOf(kind, hold);
  const begins = hold.windows[id]! > start && need <= limit;
  const values = { [`:start${number}`]: BigInt(start), [`:need${number}`]: need };
  if (begins) {
    return {
      condition: `#start${number} = :start${number}`,
      sets: [`#start${number} = :next${number}`, `#used${number} = :need${number}`],
      values: { ...values, [`:next${number}`]: BigInt(hold.windows[id]!) },
    };
  }
  return {
    condition: `#start${number} = :start${number} AND #used${number} <= :room${number}`,
    sets: [`#used${number} = #used${number} + :need${number}`],
    values: { ...values, [`:room${number}`]: limit - need },
  };
}

export type Period = 'current' | 'previous';

/** Attribute names of a period's counters. */
const COUNTERS = {
  current: { month: 'month', committed: 'committed', spent: 'spent' },
  previous: { month: 'previousMonth', committed: 'previousCommitted', spent: 'previousSpent' },
} as const;

/**
 * Replaces a hold by what was used, in the month it was admitted in. The previous month's money bounds this month's ceiling, so a change
 * there makes every copy out of date. `stretches`: the windows that still count the call, by id. `leaveMark`: a result may still come.
 */
export function settlement(
  requestId: string,
  hold: HoldRecord,
  used: Used,
  period: Period,
  stretches: readonly string[],
  leaveMark?: { at: number; keyId?: string },
): Change {
  const { month, committed, spent } = COUNTERS[period];
  const conditions = ['attribute_exists(#hold)', '#month = :month'];
  const sets = ['#committed = #committed + :difference', '#spent = #spent + :cost', '#open = #open - :one'];
  const names: Change['names'] = { '#month': month, '#committed': committed, '#spent': spent, '#open': 'open', '#hold': HOLD + requestId };
  const values: Change['values'] = { ':month': hold.month, ':difference': used.cost - hold.amount, ':cost': used.cost, ':one': 1n };
  if (period === 'previous') {
    sets.push('#version = #version + :one');
    names['#version'] = 'version';
  }
  stretches.forEach((id, number) => {
    const difference = differenceOf(id, hold, used);
    if (difference === 0n) return;
    const isSameStretch = `#start${number} = :start${number}`;
    conditions.push(isSameStretch);
    sets.push(`#used${number} = #used${number} + :used${number}`);
    Object.assign(names, { [`#start${number}`]: START + id, [`#used${number}`]: USED + id });
    Object.assign(values, { [`:start${number}`]: BigInt(hold.windows[id]!), [`:used${number}`]: difference });
  });
  if (leaveMark) {
    sets.push('#mark = :mark');
    names['#mark'] = MARK + requestId;
    const { at, keyId } = leaveMark;
    values[':mark'] = { amount: hold.amount, at, month: hold.month, ...(keyId !== undefined && { key: keyId }) };
  }
  return { update: `SET ${sets.join(', ')} REMOVE #hold`, condition: conditions.join(' AND '), names, values };
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
