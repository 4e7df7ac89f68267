// Finishing what a vanished process left: holds past their deadline, and late results that were written but not applied. Every step may be
// done by several finders at once; conditions let one of them win.
import type { Clock } from '../platform/clock.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { accountOf, HOLD, type HoldRecord, holdsOf, MARK, marksOf } from './account.ts';
import { correction, forgetting, type Period, settlement } from './changes.ts';
import type { Entry, Journal } from './journal.ts';
import { NO_USAGE } from './usage.ts';

export type Repair = ReturnType<typeof createRepair>;

/** No process outlives this after its call's deadline, so no result can come for an older mark. */
const MARK_LIFE_MS = 24 * 60 * 60 * 1000;

export function createRepair(dependencies: { store: Store; journal: Journal; copies: Copies; clock: Clock; processId: string }) {
  const { store, journal, copies, clock, processId } = dependencies;
  const installation = processId.slice(0, processId.indexOf('.') + 1);

  function isAbandoned(hold: HoldRecord): boolean {
    const isOfEarlierStart = installation !== '' && hold.by.startsWith(installation) && hold.by !== processId;
    return hold.deadline < clock() || isOfEarlierStart;
  }

  async function update(accountId: string, change: Change): Promise<boolean> {
    const written = await store.update(accountKey(accountId), change);
    if (!written.applied && written.item) copies.set(accountId, written.item);
    return written.applied;
  }

  /** Applies a change in the month it belongs to, be that this one or the one before. False: somebody else has done it. */
  async function updateInMonth(accountId: string, changeIn: (period: Period) => Change): Promise<boolean> {
    return (await update(accountId, changeIn('current'))) || (await update(accountId, changeIn('previous')));
  }

  /** Ends one abandoned hold: by its entry where there is one, else by charging it in full. */
  async function finishHold(accountId: string, requestId: string, hold: HoldRecord): Promise<void> {
    const found = (await journal.read(accountId, requestId)) ?? (await journal.write(estimateOf(accountId, requestId, hold, clock())));
    const isEstimate = !found || found.isRepair;
    const cost = found ? found.cost : hold.amount;
    await updateInMonth(accountId, (period) => settlement(requestId, hold, cost, period, isEstimate ? { at: clock() } : undefined));
  }

  async function finishMark(accountId: string, requestId: string, markedAt: number, month: string): Promise<void> {
    const late = await journal.readCorrection(accountId, requestId);
    if (late) await updateInMonth(accountId, (period) => correction(requestId, month, late.cost, period));
    else if (markedAt + MARK_LIFE_MS < clock()) await update(accountId, forgetting(requestId));
  }

  return {
    /**
     * Finishes the abandoned holds of an account (all of `month` if given) and applies late results; answers how many holds it finished.
     * Called by the next refused admission, by a roll, at a restart and by the sweeper.
     */
    async finishAbandoned(accountId: string, item: Item, month?: string): Promise<number> {
      const abandoned = holdsOf(item).filter(([, hold]) => (month === undefined || hold.month === month) && isAbandoned(hold));
      for (const [requestId, hold] of abandoned) await finishHold(accountId, requestId, hold);
      for (const [requestId, mark] of marksOf(item)) await finishMark(accountId, requestId, mark.at, mark.month);
      return abandoned.length;
    },

    /** A settlement did not apply: the month has rolled, or it was applied and its answer lost, or a finder was first. */
    async settleAgain(accountId: string, requestId: string, cost: Picodollars): Promise<void> {
      const item = await store.get(accountKey(accountId));
      const hold = item?.[HOLD + requestId] && holdsOf(item).find(([id]) => id === requestId)?.[1];
      if (!item || !hold) return;
      copies.set(accountId, item);
      const period = accountOf(item).current.month === hold.month ? 'current' : 'previous';
      await update(accountId, settlement(requestId, hold, cost, period));
    },

    /**
     * Applies a late result: to the mark of the repair, or, where the repair has not come so far, to the hold itself. Between two looks the
     * repair may go on, so it is tried until one of the two applied or neither is there.
     */
    async applyCorrection(accountId: string, requestId: string, late: Entry, hold: HoldRecord): Promise<void> {
      for (;;) {
        if (await updateInMonth(accountId, (period) => correction(requestId, late.month, late.cost, period))) return;
        if (await updateInMonth(accountId, (period) => settlement(requestId, hold, hold.amount + late.cost, period))) return;
        const item = await store.get(accountKey(accountId));
        const isOpen = item !== undefined && (HOLD + requestId in item || MARK + requestId in item);
        if (!isOpen) return;
      }
    },
  };
}

function estimateOf(accountId: string, requestId: string, hold: HoldRecord, now: number): Entry {
  return {
    requestId,
    accountId,
    model: hold.model,
    target: hold.target,
    usage: NO_USAGE,
    cost: hold.amount,
    status: 'failed',
    error: 'abandoned',
    isEstimated: true,
    isRepair: true,
    isCorrection: false,
    isStream: false,
    priceVersion: null,
    month: hold.month,
    latencyMs: null,
    firstTokenMs: null,
    at: now,
  };
}
