// Balances of keys, groups and users: what a new account begins with, and how a change of one is done. Law: all money comes and goes by
// payments, so a balance is the sum of its payments less what was drawn.
import type { Attributes } from '../../core/access/owners.ts';
import { type Limits, newAccount } from '../../core/ledger/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { type Payments, seenIn } from '../../core/ledger/payments.ts';
import type { WindowLimit } from '../../core/ledger/windows.ts';
import { type Clock, monthOf } from '../../core/platform/clock.ts';
import type { Picodollars } from '../../core/platform/money.ts';
import type { Attribute, Item } from '../../core/store/client.ts';
import { type AccountChangeInput, accountChangeOf, alertsChangeOf } from './key-change.ts';

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

/** As it is in the present month, which begins with a version of its own: whoever changes what he sees here shall not be told of another. */
export async function readPresent(ledger: Ledger, { read }: { read: Find }, id: string): Promise<Item> {
  return (await ledger.present(id)) ?? read(id);
}

type Owners<IdentityChange> = {
  change: (id: string, change: IdentityChange, account: (item: Item) => Attributes) => Promise<Item>;
  read: Find;
};
type Asked<IdentityChange> = {
  id: string;
  /** Who the owner is. */
  change: IdentityChange;
  /** What it may spend; `balance`: what shall be left of it, `undefined` leaves it alone. */
  limits: AccountChangeInput;
  author: string;
  /** Throws where the account is not as it was seen. */
  check: (item: Item) => void;
};

/**
 * Does a change. Law: it counts as done in its first write, which is decided by the version of the item that was checked. The balance follows by
 * a payment of what was to be changed of it there, so that payments of others in between are neither lost nor undone.
 *
 *   the change, as checked ──► payment: opens, adds or closes ──► limits that a new balance stands in for are taken away
 *
 * So the account is never without a limit in between.
 */
export async function changeAccount<IdentityChange extends object>(
  payments: Payments,
  owners: Owners<IdentityChange>,
  { id, change, limits: { balance: left, ...limits }, author, check }: Asked<IdentityChange>,
): Promise<Item> {
  let seen: Item = {};
  let waiting: AccountChangeInput = {};
  const item = await owners.change(id, change, (before) => {
    check(before);
    const opens = left != null && before.balance === null;
    waiting = opens ? liftedOf(limits) : {};
    const attributes = accountChangeOf({ ...limits, ...kept(waiting) }, before);
    seen = { ...before, ...(attributes as Item) };
    return attributes;
  });
  if (left === undefined) return item;
  await payments.pay(id, { kind: 'set', left, reason: SET_BY_ADMIN, since: seenIn(seen) }, author);
  if (Object.keys(waiting).length === 0) return owners.read(id);
  const isAsSeen = (now: Item) => LIFTABLE.every((limit) => now[limit] === seen[limit]);
  return owners.change(id, {} as IdentityChange, (now) => (isAsSeen(now) ? accountChangeOf(waiting, now) : {}));
}

const LIFTABLE = ['monthlyBudget', 'lifetimeBudget'] as const;

/** Limits of money that shall be none. */
function liftedOf(limits: AccountChangeInput): AccountChangeInput {
  return Object.fromEntries(LIFTABLE.filter((limit) => limits[limit] === null).map((limit) => [limit, null]));
}

/** Names those limits as not asked for. */
function kept(waiting: AccountChangeInput): AccountChangeInput {
  return Object.fromEntries(Object.keys(waiting).map((limit) => [limit, undefined]));
}
