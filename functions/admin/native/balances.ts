// Balances of keys, groups and users: what a new account begins with, and how a change of one is done. Law: all money comes and goes by
// payments, so a balance is the sum of its payments less what was drawn.
import { type Limits, newAccount } from '../../core/ledger/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Payments } from '../../core/ledger/payments.ts';
import type { WindowLimit } from '../../core/ledger/windows.ts';
import { type Clock, monthOf } from '../../core/platform/clock.ts';
import type { Picodollars } from '../../core/platform/money.ts';
import type { Attribute, Item } from '../../core/store/client.ts';
import { alertsChangeOf } from './key-change.ts';

const SET_BY_ADMIN = 'set by a change of the account';
const OPENING = 'opening balance';
/** With a blank in it, so that it is nobody's Idempotency-Key: what begins an account is paid once. */
const OPENING_ORDER = 'opening balance';

export type BalancesDependencies = { ledger: Ledger; payments: Payments; clock: Clock };

type NewAccountInput = Partial<Limits> & { windows?: WindowLimit[]; alerts?: number[] };
type Find = (id: string) => Promise<Item>;

/** The account of a new key, group or user. A balance begins with nothing: `payOpening` brings the money. */
export function openingAccount(input: NewAccountInput, now: number): Record<string, Attribute> {
  const { monthlyBudget = null, balance = null, lifetimeBudget = null, maxParallel = null } = input;
  const limits = { monthlyBudget, balance: balance && 0n, lifetimeBudget, maxParallel };
  return { ...newAccount(limits, monthOf(now), input.windows), ...alertsChangeOf(input) };
}

/** The money that a new account begins with; answers the account as it is then. */
export async function payOpening(
  payments: Payments,
  item: Item,
  { balance, author, read }: { balance: Picodollars | null | undefined; author: string; read: Find },
): Promise<Item> {
  if (!balance) return item;
  await payments.pay(String(item.id), { kind: 'recharge', amount: balance, reason: OPENING }, author, OPENING_ORDER);
  return read(String(item.id));
}

/**
 * Does a change, and sets what shall be left of the balance by a correction. It is opened before another limit goes and closed after another
 * has come, so that the account is never without one in between. `left`: `undefined` leaves it alone.
 */
export async function changeBalance(
  payments: Payments,
  before: Item | undefined,
  { id, left, author, change, read }: { id: string; left: Picodollars | null | undefined; author: string; change: Find; read: Find },
): Promise<Item> {
  const set = (to: Picodollars | null) => payments.pay(id, { kind: 'set', left: to, reason: SET_BY_ADMIN }, author);
  if (left != null && before?.balance === null) await set(left);
  const item = await change(id);
  return left !== undefined && (await set(left)) ? read(id) : item;
}
