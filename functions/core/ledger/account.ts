// The account item: limits, counters and open holds, and the arithmetic of months on them. Pure.
//
//   committed   spent + held of this month; admission compares it with a ceiling
//   previous…   the same of the month before, for as long as its calls may still end
//   earlier     spent in all months before that
//   balance     prepaid money at the start of this month; what a month took from it is taken off when it rolls
//   paid, drawn what payments brought into the balance, and what months that rolled took off: balance = paid - drawn
//   paySeq      number of the last payment that is in the balance; opening: the balance the account was made with
//   monthQuota  what this month's quota pays: the budget, or what it had already paid when the budget was lowered
//   h:<id>      an open hold        m:<id>   a hold that was charged in full because its call vanished
import type { Picodollars } from '../platform/money.ts';
import type { Attribute, Item } from '../store/client.ts';

export type Limits = {
  /** Per calendar month, UTC. `null`: no limit, unless there is a balance, which then is all there is. */
  monthlyBudget: Picodollars | null;
  /** Prepaid money, used after the monthly budget. */
  balance: Picodollars | null;
  lifetimeBudget: Picodollars | null;
  maxParallel: number | null;
};

export type HoldRecord = { amount: Picodollars; deadline: number; by: string; month: string; model: string; target: string };
export type Mark = { amount: Picodollars; at: number; month: string };
export type Period = { month: string; committed: Picodollars; spent: Picodollars; quota: Picodollars | null };

export type Account = {
  id: string;
  version: bigint;
  limits: Limits;
  current: Period;
  previous: Period | null;
  earlier: Picodollars;
  drawn: Picodollars;
  open: number;
  expiresAt: number | null;
  revoked: string | null;
};

export const HOLD = 'h:';
export const MARK = 'm:';

/** The ledger's attributes of a new account. */
export function newAccount(limits: Limits, month: string): Record<string, Attribute> {
  const opening = limits.balance ?? 0n;
  const prepaid = { opening, paid: opening, drawn: 0n, paySeq: 0n };
  return { ...limitAttributes(limits), ...prepaid, monthQuota: quotaOf(limits), month, committed: 0n, spent: 0n, earlier: 0n, open: 0n };
}

function limitAttributes({ monthlyBudget, balance, lifetimeBudget, maxParallel }: Limits): Record<string, Attribute> {
  return { monthlyBudget, balance, lifetimeBudget, maxParallel: maxParallel === null ? null : BigInt(maxParallel) };
}

const parsed = new WeakMap<Item, Account>();

/** Reads the ledger's part of an item; an item is read once. */
export function accountOf(item: Item): Account {
  const known = parsed.get(item);
  if (known) return known;
  const account: Account = {
    id: String(item.id),
    version: item.version as bigint,
    limits: {
      monthlyBudget: item.monthlyBudget as bigint | null,
      balance: item.balance as bigint | null,
      lifetimeBudget: item.lifetimeBudget as bigint | null,
      maxParallel: item.maxParallel === null ? null : Number(item.maxParallel),
    },
    current: {
      month: String(item.month),
      committed: item.committed as bigint,
      spent: item.spent as bigint,
      quota: item.monthQuota as bigint | null,
    },
    previous:
      item.previousMonth === undefined
        ? null
        : {
            month: String(item.previousMonth),
            committed: item.previousCommitted as bigint,
            spent: item.previousSpent as bigint,
            quota: item.previousQuota as bigint | null,
          },
    earlier: item.earlier as bigint,
    drawn: (item.drawn as bigint | undefined) ?? 0n,
    open: Number(item.open),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: item.revokedAt === null ? null : String(item.revokedReason),
  };
  parsed.set(item, account);
  return account;
}

/** The words that what is charged to the account is summed up by. */
export function tagsOf(item: Item): string[] {
  return (item.tags as string[] | undefined) ?? [];
}

export function holdsOf(item: Item): [requestId: string, hold: HoldRecord][] {
  return idsOf(item, HOLD).map((id) => [id, holdOf(item, id)!]);
}

export function marksOf(item: Item): [requestId: string, mark: Mark][] {
  return idsOf(item, MARK).map((id) => [id, markOf(item, id)!]);
}

export function holdOf(item: Item, requestId: string): HoldRecord | undefined {
  const hold = item[HOLD + requestId] as Record<string, Attribute> | undefined;
  return (
    hold && {
      amount: hold.amount as bigint,
      deadline: Number(hold.deadline),
      by: String(hold.by),
      month: String(hold.month),
      model: String(hold.model),
      target: String(hold.target),
    }
  );
}

export function markOf(item: Item, requestId: string): Mark | undefined {
  const mark = item[MARK + requestId] as Record<string, Attribute> | undefined;
  return mark && { amount: mark.amount as bigint, at: Number(mark.at), month: String(mark.month) };
}

/** The month's quota where money is limited at all: a balance without a budget is a quota of nothing and the balance after it. */
export function quotaOf({ monthlyBudget, balance }: Pick<Limits, 'monthlyBudget' | 'balance'>): Picodollars | null {
  return monthlyBudget ?? (balance === null ? null : 0n);
}

/** What a month took, or may still take, from the balance. */
export function overflowOf(period: Period | null): Picodollars {
  if (!period || period.quota === null || period.committed <= period.quota) return 0n;
  return period.committed - period.quota;
}

/** What is left of the prepaid money, money held for open calls taken off; `null` when the account has none. */
export function balanceLeft({ limits, current, previous }: Account): Picodollars | null {
  return limits.balance === null ? null : limits.balance - overflowOf(previous) - overflowOf(current);
}

/** What `committed` may reach this month by each limit. `null`: that limit is not set. */
export function ceilingsOf({ limits, current, previous, earlier }: Account): { month: Picodollars | null; lifetime: Picodollars | null } {
  const balance = limits.balance === null ? 0n : limits.balance - overflowOf(previous);
  const month = current.quota === null ? null : current.quota + balance;
  const lifetime = limits.lifetimeBudget === null ? null : limits.lifetimeBudget - earlier - (previous?.committed ?? 0n);
  return { month, lifetime };
}

/** The lower of the ceilings, `null` when money is not limited. */
export function ceilingOf(account: Account): Picodollars | null {
  const { month, lifetime } = ceilingsOf(account);
  if (month === null || lifetime === null) return month ?? lifetime;
  return month < lifetime ? month : lifetime;
}

/** Whether a hold of that amount has room: what the condition of an admission asks. */
export function hasRoom(account: Account, amount: Picodollars): boolean {
  const ceiling = ceilingOf(account);
  const { maxParallel } = account.limits;
  return (ceiling === null || account.current.committed + amount <= ceiling) && (maxParallel === null || account.open < maxParallel);
}

/**
 * The attributes that new limits put in place of the old. `balance` is what shall be left of it from now on, `undefined` to leave it alone.
 * A lowered budget is never charged to the balance afterwards: what the quota has paid stays paid by the quota.
 */
export function changedLimits(account: Account, change: Partial<Limits>): Record<string, Attribute> {
  const { limits, current, previous } = account;
  const next: Limits = { ...limits, ...change };
  const asked = quotaOf(next);
  const paid = current.quota === null || current.spent < current.quota ? current.spent : current.quota;
  const monthQuota = asked === null || asked > paid ? asked : paid;
  if (change.balance != null) next.balance = change.balance + overflowOf(previous) + overflowOf({ ...current, quota: monthQuota });
  return { ...limitAttributes(next), monthQuota };
}

/** The account as it is once it has rolled into `month`; itself when it is in that month, or ahead of it, already. */
export function rolled(account: Account, month: string): Account {
  const { current, previous, limits } = account;
  if (current.month >= month) return account;
  const taken = limits.balance === null ? 0n : overflowOf(previous);
  const balance = limits.balance === null ? null : limits.balance - taken;
  return {
    ...account,
    drawn: account.drawn + taken,
    limits: { ...limits, balance },
    current: { month, committed: 0n, spent: 0n, quota: quotaOf(limits) },
    previous: current,
    earlier: account.earlier + (previous?.spent ?? 0n),
  };
}

function idsOf(item: Item, prefix: string): string[] {
  return Object.keys(item)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}
