// Finishing what a vanished process left: holds past their deadline, and late results that were written but not applied. Every step may be
// done by several finders at once; conditions let one of them win.
import type { Clock } from '../platform/clock.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { accountOf, type HoldRecord, holdOf, holdsOf, type Mark, markOf, marksOf, tagsOf } from './account.ts';
import { correction, type Period, settlement } from './changes.ts';
import type { Entry, Journal } from './journal.ts';
import { NO_USAGE } from './usage.ts';

/** No process outlives its call's deadline by so much, so no result is waited for any longer. */
const MARK_LIFE_MS = 24 * 60 * 60 * 1000;
const ATTEMPTS = 20;

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

  /** Applies a change in the month it belongs to, be that this one or the one before, unless somebody else has done it. */
  async function updateInMonth(accountId: string, changeIn: (period: Period) => Change): Promise<void> {
    if (!(await update(accountId, changeIn('current')))) await update(accountId, changeIn('previous'));
  }

  /** Ends one abandoned hold: by its entry where there is one, else by charging it in full. */
  async function finishHold(accountId: string, requestId: string, hold: HoldRecord, tags: string[]): Promise<void> {
    const found = await journal.write({ ...estimateOf(accountId, requestId, hold, clock()), tags });
    const isEstimate = !found || found.isRepair;
    const cost = found ? found.cost : hold.amount;
    await updateInMonth(accountId, (period) => settlement(requestId, hold, cost, period, isEstimate ? { at: clock() } : undefined));
  }

  /**
   * Applies the late result of a mark. One that shall wait no longer is closed by a correction of nothing: a result that comes even later
   * finds that in the journal, and changes neither the journal nor the account. True: the account is not what it was.
   */
  async function finishMark(accountId: string, requestId: string, { at, month }: Mark, isFinal: boolean): Promise<boolean> {
    const isOld = at + MARK_LIFE_MS < clock();
    const late = (await journal.readCorrection(accountId, requestId)) ?? (isFinal || isOld ? await close(accountId, requestId) : undefined);
    if (late === undefined) return false;
    await updateInMonth(accountId, (period) => correction(requestId, month, late.cost, period));
    return true;
  }

  async function close(accountId: string, requestId: string): Promise<{ cost: Picodollars }> {
    const estimate = await journal.read(accountId, requestId);
    return estimate ? journal.correct({ ...estimate, cost: 0n, at: clock() }) : { cost: 0n };
  }

  async function finish(accountId: string, item: Item, isWanted: (month: string) => boolean, isFinal: boolean): Promise<number> {
    const abandoned = holdsOf(item).filter(([, hold]) => isWanted(hold.month) && isAbandoned(hold));
    for (const [requestId, hold] of abandoned) await finishHold(accountId, requestId, hold, tagsOf(item));
    let finished = abandoned.length;
    for (const [requestId, mark] of marksOf(item)) {
      if (isWanted(mark.month) && (await finishMark(accountId, requestId, mark, isFinal))) finished += 1;
    }
    return finished;
  }

  return {
    /**
     * Finishes the abandoned holds of an account and applies late results; answers how many of both it found. Called by the next refused
     * admission, at a restart and by the sweeper.
     */
    finishAbandoned(accountId: string, item: Item): Promise<number> {
      return finish(accountId, item, () => true, false);
    },

    /** The same for one month that is about to leave the account: no late result can be applied after that, so none is waited for. */
    finishMonth(accountId: string, item: Item, month: string): Promise<number> {
      return finish(accountId, item, (one) => one === month, true);
    },

    /**
     * Applies what the journal says of a call to what the account still has of it: its hold, which then costs `cost`, or the mark of a
     * repair, which then costs `late` more. A repair or a new month may come between a look and a write, so it is looked again.
     */
    async apply(
      accountId: string,
      requestId: string,
      { cost, late }: { cost: Picodollars; late: Picodollars },
      seen?: Item,
    ): Promise<void> {
      let item = seen;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        item ??= await store.get(accountKey(accountId));
        if (!item) return;
        const hold = holdOf(item, requestId);
        const mark = markOf(item, requestId);
        if (!hold && !mark) return;
        const { current } = accountOf(item);
        const period: Period = (hold ?? mark)!.month === current.month ? 'current' : 'previous';
        const change = hold ? settlement(requestId, hold, cost, period) : correction(requestId, mark!.month, late, period);
        if (await update(accountId, change)) return;
        item = undefined;
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
