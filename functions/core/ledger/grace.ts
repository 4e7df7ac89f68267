// Admission while the database is away: for accounts without any limit, by copies no older than the grace. There is nothing such an account
// could exceed, so what is needed is only that nothing is forgotten: the call is kept in a durable queue before it is made.
import { monthOf } from '../platform/clock.ts';
import { type Account, accountOf, isMoneyLimited, type Parties, partiesOf, tagsOf } from './account.ts';
import type { Deferred } from './deferred.ts';
import type { Admission, Admitted, DeferredHold, Hold, Outcome } from './hold.ts';
import { leftOf } from './left.ts';
import type { LedgerDependencies } from './place-hold.ts';
import { NO_USAGE } from './usage.ts';

export function createGrace(deferred: Deferred, { copies, clock, processId, holdMs }: LedgerDependencies) {
  return {
    /**
     * Admits the call when each of its accounts is known to have no limit, and the call could be kept; `undefined` when not. `at` (ms): when it
     * asked first, which says the month it counts for.
     */
    async admit({ accountId, requestId, check, ...asked }: Admission, at: number): Promise<Admitted | undefined> {
      const item = copies.old(accountId);
      if (!item) return undefined;
      const parties = partiesOf(item);
      const others = [parties.groupId, parties.userId].filter((id) => id !== null).map((id) => copies.old(id));
      const items = [item, ...others].filter((one) => one !== undefined);
      const accounts = items.map(accountOf);
      const isKnown = items.length === others.length + 1;
      if (!isKnown || !accounts.every((account) => isUnlimited(account, clock()))) return undefined;
      check?.(item, parties.groupId === null ? undefined : others[0]);

      const { model, target, tokens, priceVersion = null } = asked;
      const named = { requestId, parties, tags: tagsOf(item), model, target, priceVersion };
      const times = { deadline: at + holdMs, by: processId, month: monthOf(at), at };
      const hold: DeferredHold = { ...named, amount: asked.amount ?? 0n, tokens, ...times };
      try {
        await deferred.put({ hold });
      } catch {
        // It may have been kept all the same. Where this cannot be kept either, the record before it is charged in full.
        await deferred.put({ hold, outcome: neverCalled(hold, clock()) }).catch(() => undefined);
        return undefined;
      }
      return { hold: toHold(hold), left: leftOf(accounts, clock()) };
    },

    /** Keeps what became of the call, for whoever books it. */
    async settle(hold: DeferredHold, outcome: Outcome): Promise<void> {
      await deferred.put({ hold, outcome });
    },
  };
}

/** Nothing that could be exceeded, and nothing that ends it. A limit in the copy that has been lifted meanwhile still counts. */
function isUnlimited(account: Account, now: number): boolean {
  const { limits, revoked, expiresAt, windows } = account;
  const isOpen = revoked === null && (expiresAt === null || expiresAt > now);
  return isOpen && !isMoneyLimited(account) && limits.maxParallel === null && windows.length === 0;
}

/** The accounts that pay: the group and the user first, the key last, as everywhere. */
export function accountsOf({ keyId, groupId, userId }: Parties): string[] {
  return [groupId, userId, keyId].filter((id) => id !== null);
}

function toHold(deferred: DeferredHold): Hold {
  const { parties, requestId, tags, amount, tokens, deadline, by, month, model, target, priceVersion } = deferred;
  const record = { amount, tokens, deadline, by, month, model, target, priceVersion, windows: {}, parties };
  return { ...record, accountId: parties.keyId, requestId, tags, others: [], deferred };
}

function neverCalled({ priceVersion }: DeferredHold, at: number): Outcome {
  const told = { usage: NO_USAGE, cost: 0n, status: 'failed' as const, error: 'ledger_unavailable', isEstimated: false, isStream: false };
  return { ...told, priceVersion, latencyMs: null, firstTokenMs: null, at };
}
