// Admission and settling. Law: an account never spends more than its limits, and every admitted call is charged exactly once, whatever
// dies in between.
//
//   admit ── hold ──► call ──► entry in the journal ──► hold replaced by its cost
//                       │             │
//        crash here: the hold passes  crash here: whoever finds the hold
//        its deadline, is charged in  finds the entry and finishes it
//        full and leaves a mark
import { type Clock, monthOf } from '../platform/clock.ts';
import { GatewayError, toGatewayError } from '../platform/errors.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import {
  type Account,
  accountOf,
  ceilingOf,
  type HoldRecord,
  hasRoom,
  holdOf,
  holdsOf,
  markOf,
  marksOf,
  rolled,
  tagsOf,
} from './account.ts';
import { admission, revocation, rolling, settlement } from './changes.ts';
import type { Entry, Journal } from './journal.ts';
import { EXPIRED_REASON, LIFETIME_REASON, moneyRefusal, type Refusal } from './refusal.ts';
import { createRepair } from './repair.ts';
import { NO_USAGE } from './usage.ts';

export type Hold = HoldRecord & { accountId: string; requestId: string; tags?: string[] };

export type Admission = {
  accountId: string;
  requestId: string;
  /** The most the call can cost; `null` when the model has no price, which an account with a limit is refused for. */
  amount: Picodollars | null;
  /** The price of the smallest call of this kind: less left than that, with nothing open, and a lifetime budget has been reached. */
  smallestAmount: Picodollars;
  model: string;
  target: string;
  /** Sees the item that the admission is decided by, which may be newer than the one the caller was let in by. May throw a refusal. */
  check?: (item: Item) => void;
};

export type Admitted = { hold: Hold; refusal?: undefined } | { hold?: undefined; refusal: Refusal };

/** What became of a call. The rest of its entry is in the hold. */
export type Outcome = Omit<Entry, 'requestId' | 'accountId' | 'model' | 'target' | 'tags' | 'month' | 'isRepair' | 'isCorrection'>;

export type Ledger = ReturnType<typeof createLedger>;

const ATTEMPTS = 10;

/** Longer than any call may take (see PATIENCE in core/bedrock/converse.ts), shorter than anybody would wait for the money. */
export const HOLD_MS = 16 * 60 * 1000;

export function createLedger(dependencies: {
  store: Store;
  journal: Journal;
  copies: Copies;
  clock: Clock;
  /** Who makes the holds: `<installation>.<start>`. A later start of the same installation finishes the holds of earlier ones at once. */
  processId: string;
  /** How long a call can take at the most; a hold older than that has lost its process. */
  holdMs: number;
}) {
  const { store, journal, copies, clock, processId, holdMs } = dependencies;
  const repair = createRepair(dependencies);

  async function fetchItem(accountId: string): Promise<Item | undefined> {
    const item = await store.get(accountKey(accountId));
    if (item) copies.set(accountId, item);
    else copies.drop(accountId);
    return item;
  }

  async function update(accountId: string, change: Change): Promise<Item | 'applied' | undefined> {
    const written = await store.update(accountKey(accountId), change);
    if (written.applied) return 'applied';
    if (written.item) copies.set(accountId, written.item);
    else copies.drop(accountId);
    return written.item;
  }

  /** Brings the item into the present month. Nothing of the month that leaves it may be left open then: that is finished first. */
  async function roll(item: Item): Promise<Item | undefined> {
    const account = accountOf(item);
    const leaving = account.previous?.month;
    const isOpen = [...holdsOf(item), ...marksOf(item)].some(([, { month }]) => month === leaving);
    if (leaving !== undefined && isOpen) await repair.finishMonth(account.id, item, leaving);
    else await update(account.id, rolling(account, monthOf(clock())));
    return fetchItem(account.id);
  }

  /** Whether the account could be marked as revoked; the item as it is when it has changed, or gone. */
  async function revoke(account: Account, reason: string): Promise<Item | 'applied' | undefined> {
    const written = await update(account.id, revocation(account, reason, clock()));
    if (written === 'applied') copies.drop(account.id);
    return written;
  }

  /** What a fresh item says about a hold that did not fit. */
  async function refusalOf(fresh: Item, amount: Picodollars, smallestAmount: Picodollars): Promise<Refusal> {
    const account = accountOf(fresh);
    const { maxParallel } = account.limits;
    if (maxParallel !== null && account.open >= maxParallel) return { limit: 'parallel', maxParallel };
    const refusal = moneyRefusal(account, amount);
    const isFinal = account.open === 0 && marksOf(fresh).length === 0;
    const isReached = refusal.limit === 'money' && refusal.kind === 'lifetime' && refusal.left < smallestAmount;
    if (isReached && isFinal) await revoke(account, LIFETIME_REASON);
    return refusal;
  }

  /** Writes what became of a call and replaces its hold by its cost. May be called again after any failure. */
  async function settle(hold: Hold, outcome: Outcome): Promise<void> {
    const { accountId, requestId, tags, model, target, month } = hold;
    const entry: Entry = { ...outcome, requestId, accountId, tags, model, target, month, isRepair: false, isCorrection: false };
    const earlier = await journal.write(entry);
    if (earlier?.isRepair) {
      const { cost: late } = await journal.correct({ ...entry, cost: entry.cost - earlier.cost });
      return repair.apply(accountId, requestId, { cost: earlier.cost + late, late });
    }
    // The journal decides: an entry that was there already says what the call cost.
    const cost = earlier?.cost ?? entry.cost;
    const written = await update(accountId, settlement(requestId, hold, cost, 'current'));
    if (written !== 'applied') await repair.apply(accountId, requestId, { cost, late: 0n }, written);
  }

  /**
   * Writes the hold. Where no answer comes, or so late that the hold was taken for abandoned, it may or may not be there, and no call will
   * follow: an entry of nothing ends it without a charge.
   */
  async function place(hold: Hold, account: Account): Promise<Item | 'applied' | undefined> {
    const { accountId, requestId, ...record } = hold;
    try {
      const written = await update(accountId, admission(account, requestId, record));
      if (written && written !== 'applied' && markOf(written, requestId)) throw tooBusy();
      return written;
    } catch (thrown) {
      const error = toGatewayError(thrown);
      await settle(hold, neverCalled(error.code, clock())).catch(() => undefined);
      throw error;
    }
  }

  return {
    repair,

    /** Sets the amount aside in one conditional write, or says why not. A stale copy is refreshed and tried again. */
    async admit(request: Admission): Promise<Admitted> {
      const { accountId, requestId, smallestAmount, model, target } = request;
      const amount = request.amount ?? 0n;
      let item = copies.get(accountId) ?? (await fetchItem(accountId));
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        if (!item) return { refusal: { limit: 'gone' } };
        const account = accountOf(item);
        if (account.revoked !== null) return { refusal: { limit: 'revoked', reason: account.revoked } };
        if (account.expiresAt !== null && account.expiresAt <= clock()) {
          const revoked = await revoke(account, EXPIRED_REASON);
          if (revoked === 'applied') return { refusal: { limit: 'expired', at: account.expiresAt } };
          item = revoked;
          continue;
        }
        request.check?.(item);
        if (request.amount === null && ceilingOf(account) !== null) return { refusal: { limit: 'price', model } };
        if (account.current.month < monthOf(clock())) {
          item = await roll(item);
          continue;
        }
        const hold: HoldRecord = { amount, deadline: clock() + holdMs, by: processId, month: account.current.month, model, target };
        const written = await place({ ...hold, accountId, requestId }, account);
        const named = { accountId, requestId, tags: tagsOf(item) };
        if (written === 'applied') return { hold: { ...hold, ...named } };
        const placed = written && holdOf(written, requestId);
        if (placed) return { hold: { ...placed, ...named } };

        const isByMoneyOrCalls = written !== undefined && isSame(accountOf(written), account) && !hasRoom(accountOf(written), amount);
        item = written;
        if (!isByMoneyOrCalls) continue;
        const finished = await repair.finishAbandoned(accountId, written);
        if (finished === 0) return { refusal: await refusalOf(written, amount, smallestAmount) };
        item = await fetchItem(accountId);
      }
      throw tooBusy();
    },

    settle,

    /** The account in the present month, rolled if need be; `undefined` when there is none. */
    async present(accountId: string): Promise<Item | undefined> {
      let item = await fetchItem(accountId);
      for (let attempt = 0; item && accountOf(item).current.month < monthOf(clock()) && attempt < ATTEMPTS; attempt += 1)
        item = await roll(item);
      return item;
    },

    /** The account as it would look after rolling into the present month. Writes nothing. */
    view(item: Item): Account {
      return rolled(accountOf(item), monthOf(clock()));
    },
  };
}

function tooBusy(): GatewayError {
  return new GatewayError('ledger_unavailable', 'The account is being changed by others at this moment. Please try again.', {
    retryAfterSeconds: 1,
  });
}

function neverCalled(error: string, at: number): Outcome {
  const times = { latencyMs: null, firstTokenMs: null, at };
  return { usage: NO_USAGE, cost: 0n, status: 'failed', error, isEstimated: false, isStream: false, priceVersion: null, ...times };
}

/** The copy that was decided by is current: then a refusal is about money or parallel calls. */
function isSame(fresh: Account, decidedBy: Account): boolean {
  return fresh.version === decidedBy.version && fresh.current.month === decidedBy.current.month;
}
