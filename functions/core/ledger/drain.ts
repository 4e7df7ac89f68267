// Books a call that was made while the database was away. Law: once, however often it is asked, by however many at a time, and whatever
// dies in between.
//
//   look at the account ─► look at the journal ─► hold, if the account is as it was ─► … all accounts ─► entry ─► hold replaced by its cost
//
// The hold is placed before the entry, so an entry says that all holds are there or applied. It is placed only on the version that was looked
// at before the journal was, and raises it, so whoever looked earlier, or an admission still on its way, places none. A repair may take the
// hold for abandoned in between: then its entry decides, and the real result is the correction of it.
import { monthOf } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Item } from '../store/client.ts';
import { accountKey } from '../store/keys.ts';
import { type Account, accountOf, HOLD, type HoldRecord, holdOf, MARK, markOf } from './account.ts';
import { adoption, belatedHold, type Period } from './changes.ts';
import type { DeferredRecord } from './deferred.ts';
import { accountsOf } from './grace.ts';
import type { DeferredHold } from './hold.ts';
import type { Entry } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerDependencies, tooBusy } from './place-hold.ts';
import { NO_USAGE, tokensOf } from './usage.ts';

const ATTEMPTS = 20;

export type Drain = ReturnType<typeof createDrain>;

export function createDrain(dependencies: LedgerDependencies & { ledger: Ledger; log: Log }) {
  const { store, journal, ledger, clock, processId, holdMs, log } = dependencies;
  const installation = processId.slice(0, processId.indexOf('.') + 1);

  /** Nobody will tell any more what became of the call: its time is over, or its process was an earlier start of this installation. */
  function isAbandoned({ deadline, by }: DeferredHold): boolean {
    return deadline < clock() || (installation !== '' && by.startsWith(installation) && by !== processId);
  }

  /** Whether the journal says in full what the call cost. Then every account has its hold, or has had it. */
  async function isDecided({ parties, requestId }: DeferredHold): Promise<boolean> {
    const entry = await journal.read(parties.keyId, requestId);
    if (!entry) return false;
    return !entry.isRepair || (await journal.readCorrection(parties.keyId, requestId)) !== undefined;
  }

  /** One look at an account and one write: the month it is booked in, or the item when the write did not hold. */
  async function placeOnce(item: Item, hold: HoldRecord, deferred: DeferredHold): Promise<string | Item | undefined> {
    const { requestId } = deferred;
    const account = accountOf(item);
    if (await isDecided(deferred)) return hold.month;
    const held = holdOf(item, requestId);
    const found = held ?? markOf(item, requestId);
    const { period, month } = placeOf(account, hold.month);
    const change = found ? adoption(account, requestId, held ? HOLD : MARK) : belatedHold(account, requestId, { ...hold, month }, period);
    const written = await store.update(accountKey(account.id), change);
    return written.applied ? (found?.month ?? month) : written.item;
  }

  /** Answers the month the account books it in. */
  async function place(accountId: string, seen: Item | undefined, hold: HoldRecord, deferred: DeferredHold): Promise<string> {
    let item = seen;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (item && accountOf(item).current.month < hold.month) item = await ledger.present(accountId, hold.month);
      // What was deleted meanwhile has nothing left to be charged; the journal tells of the call all the same.
      if (!item) return hold.month;
      const placed = await placeOnce(item, hold, deferred);
      if (typeof placed === 'string') return placed;
      item = placed;
    }
    throw tooBusy();
  }

  async function write(entry: Entry): Promise<void> {
    const { requestId, accountId: keyId, groupId, userId } = entry;
    const earlier = await journal.write(entry);
    const isRepaired = earlier?.isRepair === true;
    const late = isRepaired ? (await journal.correct({ ...entry, cost: entry.cost - earlier.cost })).cost : 0n;
    const cost = (earlier?.cost ?? entry.cost) + late;
    if (cost !== entry.cost) log.warn('A deferred call is charged what the journal said of it already.', { requestId });
    const used = { cost, tokens: tokensOf(entry.usage), requests: 1 as const };
    for (const id of accountsOf({ keyId, groupId, userId })) await ledger.repair.apply(id, requestId, { used, late });
  }

  return {
    /** Books the call. False: it may still be under way, and what became of it will be told. */
    async book({ hold: deferred, outcome }: DeferredRecord): Promise<boolean> {
      if (!outcome && (await isDecided(deferred))) return true;
      if (!outcome && !isAbandoned(deferred)) return false;
      const { requestId, parties, tags, model, target, priceVersion, tokens, at } = deferred;
      const cost = outcome?.cost ?? deferred.amount;
      const seen: [id: string, item: Item | undefined][] = [];
      for (const id of accountsOf(parties)) seen.push([id, await store.get(accountKey(id))]);
      // Its own month, unless one of its accounts has left that behind, or never was in it.
      const isIn = seen.every(([, item]) => !item || placeOf(accountOf(item), deferred.month).month === deferred.month);
      // Of the bound, as the admission's that was thought lost: a finder takes the holds of one call to be of one amount.
      const named = { by: processId, model, target, priceVersion, parties, amount: deferred.amount };
      const hold: HoldRecord = {
        ...named,
        tokens,
        deadline: clock() + holdMs,
        month: isIn ? deferred.month : monthOf(clock()),
        windows: {},
      };
      let { month } = hold;
      // The key comes last, and its month is the entry's.
      for (const [id, item] of seen) month = await place(id, item, hold, deferred);
      if (month !== deferred.month) log.warn('A deferred call is booked in a later month.', { requestId, of: deferred.month, in: month });
      const unknown = { usage: NO_USAGE, cost, status: 'failed' as const, error: 'abandoned', isEstimated: true, isStream: false };
      const { keyId: accountId, groupId, userId } = parties;
      await write({
        ...(outcome ?? { ...unknown, priceVersion, latencyMs: null, firstTokenMs: null, at }),
        ...{ requestId, accountId, groupId, userId, tags, model, target, month, isRepair: false, isCorrection: false },
      });
      return true;
    },
  };
}

/** Where an account can book a call of that month: there, where it is this month, the one before or still to come; else in its own month. */
function placeOf({ current, previous }: Account, month: string): { period: Period; month: string } {
  if (previous?.month === month) return { period: 'previous', month };
  return { period: 'current', month: month > current.month ? month : current.month };
}
