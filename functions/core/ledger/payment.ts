// One payment: its record in the journal, its order, and the write that brings it into the balance. Pure.
import type { Picodollars } from '../platform/money.ts';
import type { Attribute, Change, Item } from '../store/client.ts';
import { accountOf, changedLimits } from './account.ts';

/** An account as somebody saw it: what was left of its balance, and the number of payments it stood at. */
export type Seen = { left: Picodollars | null; number: bigint };

/**
 * What somebody wants. A recharge is more than nothing; a correction goes either way; `set` says what shall be left, `null`: no balance. What
 * is set `since` it was seen counts as done then: payments and charges that have come in between are added to it, as if they had come after.
 */
export type Wish =
  | { kind: 'recharge'; amount: Picodollars; reason: string | null }
  | { kind: 'correction'; amount: Picodollars; reason: string }
  | { kind: 'set'; left: Picodollars | null; reason: string; since?: Seen };

/** `add` to a balance that is there, `open` one with the amount, `close` it: from then on the account has none. */
export type Effect = 'add' | 'open' | 'close';

export type Payment = {
  id: string;
  accountId: string;
  number: bigint;
  kind: 'recharge' | 'correction';
  amount: Picodollars;
  effect: Effect;
  reason: string | null;
  /** Who did it: `master`, or the id of an administrator's key or user. */
  author: string;
  at: number;
};

export function paymentItem({ accountId: _, ...payment }: Payment): Item {
  return payment;
}

export function paymentOf(item: Item): Payment {
  return {
    id: String(item.id),
    accountId: String(item.pk),
    number: item.number as bigint,
    kind: item.kind as Payment['kind'],
    amount: item.amount as bigint,
    effect: item.effect as Effect,
    reason: item.reason === null ? null : String(item.reason),
    author: String(item.author),
    at: Number(item.at),
  };
}

/** What was ordered, as text: equal for equal wishes. */
export function orderOf(wish: Wish, order: { accountId: string; id: string; author: string; at: number; kind: string }): Item {
  return { ...order, wish: JSON.stringify(wish, (_name, value) => (typeof value === 'bigint' ? value.toString() : value)) };
}

/**
 * Brings a payment into the balance of an account that stands at the number before it. The balance itself is added to, so that a month may
 * roll meanwhile; opening or closing one changes what the month's quota is, which was computed from what was spent.
 */
export function payingIn(item: Item, { number, amount, effect }: Payment): Change {
  const names: Change['names'] = { '#paySeq': 'paySeq', '#balance': 'balance', '#paid': 'paid', '#version': 'version' };
  const values: Change['values'] = { ':number': number, ':one': 1n };
  const sets = ['#paySeq = :number', '#version = #version + :one', '#paid = :paid'];
  const conditions = [item.paySeq === undefined ? 'attribute_not_exists(#paySeq)' : '#paySeq = :before'];
  if (item.paySeq !== undefined) values[':before'] = number - 1n;
  if (effect === 'add') {
    sets.push('#balance = #balance + :amount');
    values[':amount'] = amount;
    values[':paid'] = ((item.paid as bigint | undefined) ?? 0n) + amount;
  } else {
    const balance = effect === 'open' ? amount : null;
    const set: Record<string, Attribute> = {
      balance,
      drawn: 0n,
      opening: 0n,
      monthQuota: changedLimits(accountOf(item), { balance }).monthQuota!,
    };
    for (const [name, value] of Object.entries(set)) {
      names[`#${name}`] = name;
      values[`:${name}`] = value;
      sets.push(`#${name} = :${name}`);
    }
    values[':paid'] = balance ?? 0n;
    for (const name of ['version', 'spent']) {
      names[`#${name}`] = name;
      values[`:${name}`] = item[name]!;
      conditions.push(`#${name} = :${name}`);
    }
  }
  return { update: `SET ${sets.join(', ')}`, condition: conditions.join(' AND '), names, values };
}
