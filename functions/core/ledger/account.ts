// The account item: limits, counters and open holds, and the arithmetic of months on them. Pure.
//
//   committed   spent + held of this month; admission compares it with a ceiling
//   previous…   the same of the month before, for as long as its calls may still end
//   earlier     spent in all months before that
//   balance     prepaid money at the start of this month; what a month took from it is taken off when it rolls
//   paid, drawn what payments brought into the balance, and what months that rolled took off: balance = paid - drawn
//   paySeq      number of the last payment that is in the balance; opening: the balance the account was made with
//   monthQuota  what this month's quota pays: the budget, or what it had already paid when the budget was lowered
//   ws:<id>     start of the stretch that a window counts, wu:<id> what was used in it (windows.ts)
//   h:<id>      an open hold        m:<id>   a hold that was charged because its call vanished
import type { Picodollars } from '../platform/money.ts';
import type { Attribute, Item } from '../store/client.ts';
import { type Ask, type Window, type WindowLimit, windowAttributes, windowsOf } from './windows.ts';

export type Limits = {
  /** Per calendar month, UTC. `null`: no limit, unless there is a balance, which then is all there is. */
  monthlyBudget: Picodollars | null;
  /** Prepaid money, used after the monthly budget. */
  balance: Picodollars | null;
  lifetimeBudget: Picodollars | null;
  maxParallel: number | null;
};

/** The accounts of one call: the key's own, and those of its group and its user. */
export type Parties = { keyId: string; groupId: string | null; userId: string | null };

export type HoldRecord = Ask & {
  deadline: number;
  by: string;
  month: string;
  model: string;
  target: string;
  /** The version of the price it was reckoned by; the call is settled by the same. `null`: the model has none. */
  priceVersion: string | null;
  /** The start of the stretch in which each window counts the call, by the window's id. */
  windows: Record<string, number>;
  parties: Parties;
};
export type Mark = { amount: Picodollars; at: number; month: string; keyId: string };
export type Period = { month: string; committed: Picodollars; spent: Picodollars; quota: Picodollars | null };

export type Account = {
  id: string;
  version: bigint;
  limits: Limits;
  windows: Window[];
  current: Period;
  previous: Period | null;
  earlier: Picodollars;
  drawn: Picodollars;
  open: number;
  expiresAt: number | null;
  revoked: string | null;
};

export const HOLD = 'h:' as const;
export const MARK = 'm:' as const;

/** Holds in one item. However long their names are, and with all windows, an item stays under 100 KB (`bench/holds.ts`). */
export const MOST_OPEN = 240;
/** The largest hold there can be, and what each window adds to it. */
const HOLD_BYTES = 400;
const WINDOW_BYTES = 24;
const HOLDS_BYTES = 97_500;
/** Names in a hold are cut here: they only tell what an abandoned call was. */
const NAME_LENGTH = 100;

/** The ledger's attributes of a new account. */
export function newAccount(limits: Limits, month: string, windows: readonly WindowLimit[] = []): Record<string, Attribute> {
  const opening = limits.balance ?? 0n;
  const prepaid = { opening, paid: opening, drawn: 0n, paySeq: 0n };
  const counters = { monthQuota: quotaOf(limits), month, committed: 0n, spent: 0n, earlier: 0n, open: 0n };
  const counted = windowAttributes([], windows, 0n) as Record<string, Attribute>;
  return { ...limitAttributes(limits), ...prepaid, ...counted, ...counters };
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
    windows: windowsOf(item),
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
  if (!hold) return undefined;
  const windows = Object.entries((hold.w ?? {}) as Record<string, Attribute>);
  return {
    amount: hold.a as bigint,
    tokens: Number(hold.t ?? 0),
    deadline: Number(hold.d),
    by: String(hold.b),
    month: String(hold.m),
    model: String(hold.n),
    target: String(hold.r),
    priceVersion: textOrNull(hold.p),
    windows: Object.fromEntries(windows.map(([id, start]) => [id, Number(start)])),
    parties: { keyId: String(hold.k ?? item.id), groupId: textOrNull(hold.g), userId: textOrNull(hold.u) },
  };
}

/** A hold as it is kept. Every byte of an item is written with every call: names have a letter, and what goes without saying is not said. */
export function holdAttribute(accountId: string, hold: HoldRecord): Record<string, Attribute> {
  const { amount, deadline, by, month, model, target, priceVersion, windows, tokens, parties } = hold;
  const { keyId, groupId, userId } = parties;
  return {
    ...{ a: amount, d: deadline, b: by, m: month, n: shortened(model), r: shortened(target), p: priceVersion },
    ...(Object.keys(windows).length > 0 && { w: windows, t: tokens }),
    ...(keyId !== accountId && { k: keyId }),
    ...(groupId !== null && { g: groupId }),
    ...(userId !== null && { u: userId }),
  };
}

/** At most so many bytes, for what is longer is cut at characters of one. */
function shortened(name: string): string {
  return Buffer.byteLength(name) <= NAME_LENGTH ? name : encodeURI(name).slice(0, NAME_LENGTH);
}

export function markOf(item: Item, requestId: string): Mark | undefined {
  const mark = item[MARK + requestId] as Record<string, Attribute> | undefined;
  return mark && { amount: mark.amount as bigint, at: Number(mark.at), month: String(mark.month), keyId: String(mark.key ?? item.id) };
}

/** The accounts that a call of the key is charged to. */
export function partiesOf(item: Item): Parties {
  return { keyId: String(item.id), groupId: textOrNull(item.groupId), userId: textOrNull(item.userId) };
}

function textOrNull(value: Attribute | undefined): string | null {
  return value == null ? null : String(value);
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

/** Calls under way at a time. Without a limit of its own an account still has one, for each makes its item bigger. */
export function mostOpenOf({ limits: { maxParallel }, windows }: Pick<Account, 'limits' | 'windows'>): number {
  const most = Math.min(MOST_OPEN, Math.floor(HOLDS_BYTES / (HOLD_BYTES + WINDOW_BYTES * windows.length)));
  return maxParallel === null || maxParallel > most ? most : maxParallel;
}

/** Whether a call without a price could pass a limit unseen. */
export function isMoneyLimited(account: Account): boolean {
  return ceilingOf(account) !== null || account.windows.some(({ kind }) => kind === 'cost');
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
