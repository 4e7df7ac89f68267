// Finishing what a vanished process left: holds past their deadline, and late results that were written but not applied. Every step may be
// done by several finders at once; conditions let one of them win.
import type { Clock } from '../platform/clock.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Change, Item, Store, Written } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { accountOf, type HoldRecord, holdOf, holdsOf, type Mark, markOf, marksOf, type Parties, tagsOf } from './account.ts';
import { correction, type Period, settlement, stretchesIn } from './changes.ts';
import type { Entry, Journal } from './journal.ts';
import { NO_USAGE, tokensOf } from './usage.ts';
import type { Used } from './windows.ts';

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

  async function update(accountId: string, change: Change): Promise<Written> {
    const written = await store.update(accountKey(accountId), change);
    if (!written.applied && written.item) copies.set(accountId, written.item);
    return written;
  }

  /** Applies a correction in the month it belongs to, be that this one or the one before, unless somebody else has done it. */
  async function correctIn(accountId: string, changeIn: (period: Period) => Change): Promise<void> {
    const { applied } = await update(accountId, changeIn('current'));
    if (!applied) await update(accountId, changeIn('previous'));
  }

  /** Whether the call can have begun: a call begins when all of its accounts have its hold, and then each keeps it until an entry is there. */
  async function isWhole(requestId: string, parties: Parties, known: Map<string, Item | undefined>): Promise<boolean> {
    for (const id of accountsOf(parties)) {
      const item = known.has(id) ? known.get(id) : await store.get(accountKey(id));
      if (item && !holdOf(item, requestId) && !markOf(item, requestId)) return false;
    }
    return true;
  }

  /** Ends one abandoned hold: by its entry where there is one, else by charging it in full, or not at all if the call cannot have begun. */
  async function finishHold(accountId: string, requestId: string, hold: HoldRecord, item: Item): Promise<void> {
    const { keyId } = hold.parties;
    const keyItem = keyId === accountId ? item : await store.get(accountKey(keyId));
    // The key's hold is the last to be placed: it says what accounts the call has in the end.
    const parties = (keyItem && holdOf(keyItem, requestId)?.parties) ?? hold.parties;
    const known = new Map([
      [keyId, keyItem],
      [accountId, item],
    ]);
    const cost = (await isWhole(requestId, parties, known)) ? hold.amount : 0n;
    const tags = keyItem ? tagsOf(keyItem) : [];
    const written = { ...estimateOf(requestId, { ...hold, parties }, cost, clock()), tags };
    const entry = (await journal.write(written)) ?? written;
    // A hold on an account that the key had left by then belongs to no call.
    const isCharged = [entry.accountId, entry.groupId, entry.userId].includes(accountId);
    if (!isCharged) return apply(accountId, requestId, { used: NOTHING_USED, late: 0n }, item);
    if (!entry.isRepair) return apply(accountId, requestId, { used: usedOf(entry), late: 0n }, item);
    const used = entry.cost === hold.amount ? { ...hold, cost: entry.cost, requests: 1 as const } : NOTHING_USED;
    await apply(accountId, requestId, { used, late: 0n, leavesMark: true }, item);
  }

  /**
   * Applies what the journal says of a call to what the account still has of it: its hold, which is replaced by what was used, or the mark of
   * a repair, which then costs `late` more. A repair or a new month may come between a look and a write, so it is looked again.
   */
  async function apply(accountId: string, requestId: string, { used, late, leavesMark }: Ending, seen?: Item): Promise<void> {
    let item = seen ?? (await store.get(accountKey(accountId)));
    for (let attempt = 0; item && attempt < ATTEMPTS; attempt += 1) {
      const hold = holdOf(item, requestId);
      const mark = markOf(item, requestId);
      if (!hold && (!mark || leavesMark)) return;
      const account = accountOf(item);
      const period: Period = (hold ?? mark)!.month === account.current.month ? 'current' : 'previous';
      const keyId = hold && hold.parties.keyId !== accountId ? hold.parties.keyId : undefined;
      const change = hold
        ? settlement(requestId, hold, used, period, stretchesIn(hold, account), leavesMark ? { at: clock(), keyId } : undefined)
        : correction(requestId, mark!.month, late, period);
      const written = await update(accountId, change);
      if (written.applied) return;
      item = written.item;
    }
  }

  /**
   * Applies the late result of a mark. One that shall wait no longer is closed by a correction of nothing: a result that comes even later
   * finds that in the journal, and changes neither the journal nor the account. True: the account is not what it was.
   */
  async function finishMark(accountId: string, requestId: string, { at, month, keyId }: Mark, isFinal: boolean): Promise<boolean> {
    const isOld = at + MARK_LIFE_MS < clock();
    const late = (await journal.readCorrection(keyId, requestId)) ?? (isFinal || isOld ? await close(keyId, requestId) : undefined);
    if (late === undefined) return false;
    await correctIn(accountId, (period) => correction(requestId, month, late.cost, period));
    return true;
  }

  async function close(keyId: string, requestId: string): Promise<{ cost: Picodollars }> {
    const estimate = await journal.read(keyId, requestId);
    return estimate ? journal.correct({ ...estimate, cost: 0n, at: clock() }) : { cost: 0n };
  }

  async function finish(accountId: string, item: Item, isWanted: (month: string) => boolean, isFinal: boolean): Promise<number> {
    const abandoned = holdsOf(item).filter(([, hold]) => isWanted(hold.month) && isAbandoned(hold));
    for (const [requestId, hold] of abandoned) await finishHold(accountId, requestId, hold, item);
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

    apply,
  };
}

/** What becomes of a call in one account: what its hold is replaced by, and what a mark is corrected by. */
type Ending = { used: Used; late: Picodollars; leavesMark?: boolean };

const NOTHING_USED: Used = { cost: 0n, tokens: 0, requests: 0 };

/** The accounts of a call, its key's first. */
function accountsOf({ keyId, groupId, userId }: Parties): string[] {
  return [keyId, groupId, userId].filter((id) => id !== null);
}

function usedOf({ cost, usage }: Entry): Used {
  return { cost, tokens: tokensOf(usage), requests: 1 };
}

function estimateOf(requestId: string, { parties, ...hold }: HoldRecord, cost: Picodollars, now: number): Entry {
  return {
    requestId,
    accountId: parties.keyId,
    groupId: parties.groupId,
    userId: parties.userId,
    model: hold.model,
    target: hold.target,
    usage: NO_USAGE,
    cost,
    status: 'failed',
    error: 'abandoned',
    isEstimated: true,
    isRepair: true,
    isCorrection: false,
    isStream: false,
    priceVersion: hold.priceVersion,
    month: hold.month,
    latencyMs: null,
    firstTokenMs: null,
    at: now,
  };
}
