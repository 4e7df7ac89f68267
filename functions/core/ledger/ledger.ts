// Admission and settling. Law: an account never spends more than its limits, and every admitted call is charged exactly once, whatever
// dies in between.
//
//   admit ── hold ──► call ──► entry in the journal ──► hold replaced by its cost
//                       │             │
//        crash here: the hold passes  crash here: whoever finds the hold
//        its deadline, is charged in  finds the entry and finishes it
//        full and leaves a mark
//
// A key's group and user have accounts too. Their holds are placed first, both at once, and the key's last: so a call has begun if and only
// if its key has the hold, a refusal by any of them takes back what the others gave without a trace, and nothing has to be done together.
import { monthOf } from '../platform/clock.ts';
import type { GatewayError } from '../platform/errors.ts';
import type { Item } from '../store/client.ts';
import { type Account, accountOf, type Parties, partiesOf, rolled, tagsOf } from './account.ts';
import { settlement, stretchesOpen } from './changes.ts';
import { createGrace } from './grace.ts';
import type { Admission, Admitted, Hold, Outcome, PartHold } from './hold.ts';
import type { Entry } from './journal.ts';
import { leftOf } from './left.ts';
import { ATTEMPTS, createPlaceHold, isOutage, type LedgerDependencies, type Placed, type PlaceRequest, tooBusy } from './place-hold.ts';
import { createRepair } from './repair.ts';
import { NO_USAGE, tokensOf } from './usage.ts';
import type { Used } from './windows.ts';

export type Ledger = ReturnType<typeof createLedger>;

/** Longer than any call may take (see core/platform/watch-silence.ts), shorter than anybody would wait for the money. */
export const HOLD_MS = 16 * 60 * 1000;

type PartPlaced = Placed | { kind: 'thrown'; error: unknown };

export function createLedger(dependencies: LedgerDependencies) {
  const { journal, copies, clock, holdMs, deferred } = dependencies;
  const repair = createRepair(dependencies);
  const grace = deferred && createGrace(deferred, dependencies);
  const { fetchItem, update, roll, place } = createPlaceHold(dependencies, repair);

  /** Writes what became of a call and replaces its holds by what was used. May be called again after any failure. */
  async function settle(hold: Hold, outcome: Outcome, requests: Used['requests'] = 1): Promise<void> {
    if (hold.deferred) return grace!.settle(hold.deferred, outcome);
    const { requestId, tags, model, target, month, parties, others } = hold;
    const { keyId: accountId, groupId, userId } = parties;
    const named = { requestId, accountId, groupId, userId, tags, model, target, month };
    const entry: Entry = { ...outcome, ...named, isRepair: false, isCorrection: false };
    const earlier = await journal.write(entry);
    const tokens = tokensOf(outcome.usage);
    let settlePart: (part: PartHold) => Promise<void>;
    if (earlier?.isRepair) {
      const { cost: late } = await journal.correct({ ...entry, cost: entry.cost - earlier.cost });
      const used = { cost: earlier.cost + late, tokens, requests };
      settlePart = (part) => repair.apply(part.accountId, requestId, { used, late });
    } else {
      // The journal decides: an entry that was there already says what the call cost.
      const used = { cost: earlier?.cost ?? entry.cost, tokens, requests };
      settlePart = async (part) => {
        const written = await update(part.accountId, settlement(requestId, part, used, 'current', stretchesOpen(part, clock())));
        if (written !== 'applied') await repair.apply(part.accountId, requestId, { used, late: 0n }, written);
      };
    }
    const settled = await Promise.allSettled([hold, ...others].map(settlePart));
    for (const { reason } of settled.filter((one) => one.status === 'rejected')) throw reason;
    dependencies.settled?.([hold, ...others].map((part) => part.accountId));
  }

  /** Takes a hold back whose call was not admitted. One that stays behind costs nothing: its key has no hold. */
  async function release(requestId: string, part: PartHold): Promise<void> {
    const used = { cost: 0n, tokens: 0, requests: 0 } as const;
    const written = await update(part.accountId, settlement(requestId, part, used, 'current', stretchesOpen(part, clock())));
    if (written !== 'applied') await repair.apply(part.accountId, requestId, { used, late: 0n }, written);
  }

  /** Ends a call that was never made, but whose hold may be there. */
  async function neverMade(hold: Hold, error: GatewayError): Promise<never> {
    await settle(hold, neverCalled(hold, error.code, clock()), 0).catch(() => undefined);
    throw error;
  }

  /**
   * Places one call's holds for one month, and answers what became of that; takes back what it placed where the call is not admitted. `defer`
   * may admit it while the database is away: then what was placed stays, for whoever books the call.
   */
  async function admitIn(
    request: Admission & Pick<PlaceRequest, 'month' | 'deadline' | 'parties'>,
    defer?: (error: unknown) => Promise<Admitted | undefined>,
  ): Promise<Admitted | { month: string }> {
    const { accountId, check, ...placing } = request;
    const { requestId, parties, deadline } = request;
    const placedOthers = await Promise.all(
      othersOf(parties).map(async (id) => ({
        id,
        placed: await place(id, placing).catch((error): PartPlaced => ({ kind: 'thrown', error })),
      })),
    );
    const others = placedOthers.flatMap(({ id, placed }) => ('hold' in placed ? [{ ...placed.hold, accountId: id }] : []));
    const takeBack = () => Promise.all(others.map((part) => release(requestId, part).catch(() => undefined)));
    const failed = placedOthers.find(({ placed }) => placed.kind !== 'placed');
    const ofGroup = placedOthers.find(({ id }) => id === parties.groupId)?.placed;
    const group = ofGroup?.kind === 'placed' ? ofGroup.item : undefined;
    const isStill = (item: Item) => isSameParties(partiesOf(item), parties);
    const placed: PartPlaced = failed
      ? failed.placed
      : await place(accountId, { ...placing, check: (item) => check?.(item, group), isStill }).catch((error) => ({
          kind: 'thrown',
          error,
        }));

    if (placed.kind === 'placed') {
      const hold: Hold = { ...placed.hold, accountId, requestId, tags: tagsOf(placed.item), others };
      // Whoever has taken a hold of this admission for abandoned meanwhile saw that the key had none.
      if (deadline <= clock()) return neverMade(hold, tooBusy());
      const accounts = placedOthers.flatMap((other) => (other.placed.kind === 'placed' ? accountOf(other.placed.item) : []));
      return { hold, left: leftOf([accountOf(placed.item), ...accounts], clock()) };
    }
    const deferred = 'error' in placed && (await defer?.(placed.error));
    if (deferred) return deferred;
    if (placed.kind === 'lost' && !failed) {
      return neverMade({ ...placed.hold, accountId, requestId, tags: tagsOf(placed.item), others }, placed.error);
    }
    await takeBack();
    if (placed.kind === 'moved') return { month: placed.month };
    if (placed.kind !== 'refused') throw placed.error;
    // Another's refusal counts only while the key still belongs to it, and that was read from a copy.
    const item = failed && (await fetchItem(accountId));
    if (item && !isStill(item)) return { month: request.month };
    const account = failed && (failed.id === parties.groupId ? ('group' as const) : ('user' as const));
    return { refusal: account ? { ...placed.refusal, account } : placed.refusal };
  }

  async function findItem(
    accountId: string,
    defer: (error: unknown) => Promise<Admitted | undefined>,
  ): Promise<{ item: Item | undefined; admitted?: undefined } | { admitted: Admitted }> {
    try {
      return { item: copies.get(accountId) ?? (await fetchItem(accountId)) };
    } catch (thrown) {
      const admitted = await defer(thrown);
      if (!admitted) throw thrown;
      return { admitted };
    }
  }

  return {
    repair,

    /** Sets aside what a call can use on each of its accounts, or says why not. */
    async admit(request: Admission): Promise<Admitted> {
      const at = clock();
      let month = monthOf(at);
      const deadline = at + holdMs;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        // Only while nothing was placed but what the call would be booked by: not once its group or its month has turned out another.
        const defer = async (error: unknown) => (grace && attempt === 0 && isOutage(error) ? grace.admit(request, at) : undefined);
        const found = await findItem(request.accountId, defer);
        if (found.admitted) return found.admitted;
        if (!found.item) return { refusal: { limit: 'gone' } };
        const admitted = await admitIn({ ...request, month, deadline, parties: partiesOf(found.item) }, defer);
        if (!('month' in admitted)) return admitted;
        month = admitted.month;
      }
      throw tooBusy();
    },

    settle,

    /** The account in the present month, or in `month`, rolled if need be; `undefined` when there is none. */
    async present(accountId: string, month = monthOf(clock())): Promise<Item | undefined> {
      let item = await fetchItem(accountId);
      for (let attempt = 0; item && accountOf(item).current.month < month && attempt < ATTEMPTS; attempt += 1)
        item = await roll(item, month);
      return item;
    },

    /** The account as it would look after rolling into the present month. Writes nothing. */
    view(item: Item): Account {
      return rolled(accountOf(item), monthOf(clock()));
    },
  };
}

function othersOf({ groupId, userId }: Parties): string[] {
  return [groupId, userId].filter((id) => id !== null);
}

function isSameParties(a: Parties, b: Parties): boolean {
  return a.groupId === b.groupId && a.userId === b.userId;
}

function neverCalled({ priceVersion }: Hold, error: string, at: number): Outcome {
  const times = { latencyMs: null, firstTokenMs: null, at };
  return { usage: NO_USAGE, cost: 0n, status: 'failed', error, isEstimated: false, isStream: false, priceVersion, ...times };
}
