// What a call asks of the ledger, what it is given, and what it says in the end. Types only.

import type { Picodollars } from '../platform/money.ts';
import type { Item } from '../store/client.ts';
import type { HoldRecord, Parties } from './account.ts';
import type { Entry } from './journal.ts';
import type { Left } from './left.ts';
import type { Refusal } from './refusal.ts';

export type Asked = {
  requestId: string;
  /** The most the call can cost; `null` when the model has no price, which an account with a limit of money is refused for. */
  amount: Picodollars | null;
  /** The most tokens the call can use. */
  tokens: number;
  /** The price of the smallest call of this kind: less left than that, with nothing open, and a lifetime budget has been reached. */
  smallestAmount: Picodollars;
  model: string;
  target: string;
  /** Goes into the hold, so that whoever ends it knows what it was reckoned by. */
  priceVersion?: string | null;
};

/** A call's hold on its key's account, with those on the accounts of its group and its user. */
export type Hold = HoldRecord & {
  accountId: string;
  requestId: string;
  tags?: string[];
  others: PartHold[];
  /** The database was away: the call is kept in a queue, and nothing is in its accounts yet. */
  deferred?: DeferredHold;
};

export type PartHold = HoldRecord & { accountId: string };

export type Admission = Asked & {
  /** The key's. Which group and user pay too, its item says. */
  accountId: string;
  /** Sees the items of key and group that the admission is decided by, which may be newer than the caller's. May throw a refusal. */
  check?: (key: Item, group: Item | undefined) => void;
};

/** `left`: what the call's accounts have left once it is admitted. */
export type Admitted = { hold: Hold; left: Left; refusal?: undefined } | { hold?: undefined; refusal: Refusal };

/** What became of a call. The rest of its entry is in the hold. */
export type Outcome = Omit<
  Entry,
  'requestId' | 'accountId' | 'groupId' | 'userId' | 'tags' | 'model' | 'target' | 'month' | 'isRepair' | 'isCorrection'
>;

/** `amount`: the most the call can cost. `by`: the process that makes it. */
export type DeferredHold = {
  requestId: string;
  parties: Parties;
  tags: string[];
  model: string;
  target: string;
  priceVersion: string | null;
  amount: Picodollars;
  tokens: number;
  /** When the call is over whatever became of it (ms). */
  deadline: number;
  by: string;
  month: string;
  /** When it was admitted (ms). */
  at: number;
};
