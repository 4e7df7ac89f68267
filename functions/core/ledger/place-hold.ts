// The hold of a call on one of its accounts: one conditional write, or the reason why not.
import type { Clock } from '../platform/clock.ts';
import { GatewayError, toGatewayError } from '../platform/errors.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import {
  type Account,
  accountOf,
  HOLD,
  type HoldRecord,
  holdOf,
  holdsOf,
  isMoneyLimited,
  markOf,
  marksOf,
  type Parties,
} from './account.ts';
import { admission, revocation, rolling, stretchesOf } from './changes.ts';
import type { Deferred } from './deferred.ts';
import type { Asked } from './hold.ts';
import type { Journal } from './journal.ts';
import { EXPIRED_REASON, LIFETIME_REASON, type Refusal, refusalOf } from './refusal.ts';
import type { createRepair } from './repair.ts';

/** `month`: the one the call counts for. `check` sees the item that decides; `isStill` whether it names the same accounts. */
export type PlaceRequest = Asked & {
  month: string;
  /** When the hold is taken for abandoned (ms). */
  deadline: number;
  parties: Parties;
  check?: ((item: Item) => void) | undefined;
  isStill?: (item: Item) => boolean;
};

/** `moved`: the account is in a later month, or belongs elsewhere. `lost`: nobody knows whether the hold is there. */
export type Placed =
  | { kind: 'placed'; hold: HoldRecord; item: Item }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'moved'; month: string }
  | { kind: 'lost'; hold: HoldRecord; item: Item; error: GatewayError };

export type LedgerDependencies = {
  store: Store;
  journal: Journal;
  copies: Copies;
  clock: Clock;
  /** Who makes the holds: `<installation>.<start>`. A later start of the same installation finishes the holds of earlier ones at once. */
  processId: string;
  /** How long a call can take at the most; a hold older than that has lost its process. */
  holdMs: number;
  /** Keeps calls of unlimited accounts while the database is away. Without it there are none then. */
  deferred?: Deferred | undefined;
  /** Told of the accounts of each call that has been settled. Must not throw; nobody waits for what it does. */
  settled?: (accountIds: string[]) => void;
};

export const ATTEMPTS = 10;

export function createPlaceHold(dependencies: LedgerDependencies, repair: ReturnType<typeof createRepair>) {
  const { store, copies, clock, processId } = dependencies;

  async function fetchItem(accountId: string): Promise<Item | undefined> {
    const item = await store.get(accountKey(accountId));
    if (item) copies.set(accountId, item);
    else copies.drop(accountId);
    return item;
  }

  async function update(accountId: string, change: Change): Promise<Item | 'applied' | undefined> {
    const written = await store.update(accountKey(accountId), change);
    if (written.applied) {
      if (written.updated) copies.patch(accountId, withoutHolds(written.updated));
      return 'applied';
    }
    if (written.item) copies.set(accountId, written.item);
    else copies.drop(accountId);
    return written.item;
  }

  /** Brings the item into a month. Nothing of the month that leaves it may be left open then: that is finished first. */
  async function roll(item: Item, month: string): Promise<Item | undefined> {
    const account = accountOf(item);
    const leaving = account.previous?.month;
    const isOpen = [...holdsOf(item), ...marksOf(item)].some(([, { month: of }]) => of === leaving);
    if (leaving !== undefined && isOpen) await repair.finishMonth(account.id, item, leaving);
    else await update(account.id, rolling(account, month));
    return fetchItem(account.id);
  }

  /** Whether the account could be marked as revoked; the item as it is when it has changed, or gone. */
  async function revoke(account: Account, reason: string): Promise<Item | 'applied' | undefined> {
    const written = await update(account.id, revocation(account, reason, clock()));
    if (written === 'applied') copies.drop(account.id);
    return written;
  }

  /** What a fresh item says about a call that did not fit. A lifetime budget that is used up, with nothing open, ends the account. */
  async function refuse(fresh: Item, refusal: Refusal, smallestAmount: Picodollars): Promise<Placed> {
    const account = accountOf(fresh);
    const isFinal = account.open === 0 && marksOf(fresh).length === 0;
    const isReached = refusal.limit === 'money' && refusal.kind === 'lifetime' && refusal.left < smallestAmount;
    if (isReached && isFinal) await revoke(account, LIFETIME_REASON);
    return { kind: 'refused', refusal };
  }

  /** Writes the hold. Where no answer comes, or so late that the hold was taken for abandoned, the caller has to end it. */
  async function write(account: Account, requestId: string, hold: HoldRecord): Promise<Item | 'applied' | undefined | GatewayError> {
    try {
      const written = await update(account.id, admission(account, requestId, hold));
      return written && written !== 'applied' && markOf(written, requestId) ? tooBusy() : written;
    } catch (thrown) {
      return toGatewayError(thrown);
    }
  }

  return {
    fetchItem,
    update,
    roll,

    /** Sets aside what the call asks for. A stale copy is refreshed and tried again. Throws what `check` throws, and when the account is too busy. */
    async place(accountId: string, { requestId, month, deadline, parties, check, isStill, ...asked }: PlaceRequest): Promise<Placed> {
      const { model, target, priceVersion = null, tokens, smallestAmount } = asked;
      const ask = { amount: asked.amount ?? 0n, tokens };
      let item = copies.get(accountId) ?? (await fetchItem(accountId));
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        if (!item) return { kind: 'refused', refusal: { limit: 'gone' } };
        if (isStill && !isStill(item)) return { kind: 'moved', month };
        const account = accountOf(item);
        if (account.revoked !== null) return { kind: 'refused', refusal: { limit: 'revoked', reason: account.revoked } };
        if (account.expiresAt !== null && account.expiresAt <= clock()) {
          const revoked = await revoke(account, EXPIRED_REASON);
          if (revoked === 'applied') return { kind: 'refused', refusal: { limit: 'expired', at: account.expiresAt } };
          item = revoked;
          continue;
        }
        check?.(item);
        if (asked.amount === null && isMoneyLimited(account)) return { kind: 'refused', refusal: { limit: 'price', model } };
        if (account.current.month > month) return { kind: 'moved', month: account.current.month };
        if (account.current.month < month) {
          item = await roll(item, month);
          continue;
        }
        const now = clock();
        const hold: HoldRecord = {
          ...{ ...ask, deadline, by: processId, month, model, target, priceVersion, parties },
          windows: stretchesOf(account, now),
        };
        const written = await write(account, requestId, hold);
        if (written instanceof GatewayError) return { kind: 'lost', hold, item, error: written };
        if (written === 'applied') return { kind: 'placed', hold, item: copies.get(accountId) ?? item };
        const placed = written && holdOf(written, requestId);
        if (placed) return { kind: 'placed', hold: placed, item: written };

        const refusal = written && isSame(accountOf(written), account) ? refusalOf(accountOf(written), ask, clock()) : undefined;
        item = written;
        if (!written || !refusal) continue;
        const finished = await repair.finishAbandoned(accountId, written);
        if (finished === 0) return refuse(written, refusal, smallestAmount);
        item = await fetchItem(accountId);
      }
      throw tooBusy();
    },
  };
}

const TOO_BUSY = 'The account is being changed by others at this moment. Please try again.';

export function tooBusy(): GatewayError {
  return new GatewayError('ledger_unavailable', TOO_BUSY, { retryAfterSeconds: 1 });
}

/** The database cannot be asked. An account that is too busy can. */
export function isOutage(thrown: unknown): boolean {
  return thrown instanceof GatewayError && thrown.code === 'ledger_unavailable' && thrown.message !== TOO_BUSY;
}

/** The copy that was decided by is current: then a refusal is about what there is room for. */
function isSame(fresh: Account, decidedBy: Account): boolean {
  return fresh.version === decidedBy.version && fresh.current.month === decidedBy.current.month;
}

function withoutHolds(attributes: Item): Item {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith(HOLD)));
}
