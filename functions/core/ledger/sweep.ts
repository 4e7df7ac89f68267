// What nobody else may ever do: holds of processes that vanished, months that have begun, keys whose time is over, payments and batches left
// open. A run looks at a bounded number of accounts and goes on where the run before ended, so its cost does not grow with their number.
import { type Clock, monthOf } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { accountKey, rollupKey } from '../store/keys.ts';
import { accountOf, holdsOf, marksOf } from './account.ts';
import { revocation } from './changes.ts';
import type { Ledger } from './ledger.ts';
import { ORDER_KIND, type Payments } from './payments.ts';
import type { Rebuild } from './rebuild.ts';
import { EXPIRED_REASON } from './refusal.ts';

/** What accounts are listed as in the index. */
const KINDS = ['key', 'group', 'user'];
const MOST_ORDERS = 100;
const PLACE = rollupKey('CONTROL', 'SWEEP');

export type Swept = { accounts: number; finished: number; rolled: number; expired: number; payments: number; isRoundOver: boolean };
export type Sweep = ReturnType<typeof createSweep>;

export function createSweep(dependencies: {
  store: Store;
  ledger: Ledger;
  payments: Payments;
  rebuild: Rebuild;
  /** Shown every account, for a call's process may have died before it looked at its thresholds. */
  lookForThresholds: (item: Item) => Promise<void>;
  clock: Clock;
  log: Log;
}) {
  const { store, ledger, payments, rebuild, lookForThresholds, clock, log } = dependencies;

  /** One account; a failure is that account's alone. */
  async function sweepAccount(item: Item, swept: Swept): Promise<void> {
    const id = String(item.id);
    try {
      const account = accountOf(item);
      const isOpen = holdsOf(item).length + marksOf(item).length > 0;
      if (isOpen) swept.finished += await ledger.repair.finishAbandoned(id, item);
      if (account.current.month < monthOf(clock())) {
        await ledger.present(id);
        swept.rolled += 1;
      }
      const isOver = account.revoked === null && account.expiresAt !== null && account.expiresAt <= clock();
      if (isOver && (await expire(id))) swept.expired += 1;
      await lookForThresholds(item);
    } catch (cause) {
      log.error('An account could not be swept; the next round tries again.', { accountId: id, cause });
    }
  }

  async function expire(id: string): Promise<boolean> {
    const item = await store.get(accountKey(id));
    if (!item || item.revokedAt !== null) return false;
    return (await store.update(accountKey(id), revocation(accountOf(item), EXPIRED_REASON, clock()))).applied;
  }

  async function finishPayments(): Promise<number> {
    const orders = await store.query({ table: 'accounts', index: 'byKind', partition: ORDER_KIND, limit: MOST_ORDERS });
    let finished = 0;
    for (const { pk, sk, id } of orders) {
      try {
        if (await payments.finishOrder(String(pk), String(sk))) finished += 1;
      } catch (cause) {
        log.error('A payment could not be finished; the next run tries again.', { paymentId: id, cause });
      }
    }
    return finished;
  }

  async function readPlace(): Promise<{ kind: string; after: string | null }> {
    const place = await store.get(PLACE);
    return place
      ? { kind: String(place.kindOf), after: place.after === null ? null : String(place.after) }
      : { kind: KINDS[0]!, after: null };
  }

  /** Two runs at a time may both move it; then some accounts are looked at twice. */
  async function writePlace(kind: string, after: string | null): Promise<void> {
    const values: Record<string, Attribute> = { ':kind': kind, ':after': after };
    if ((await store.putNew(PLACE, { kindOf: kind, after })).applied) return;
    const names = { '#kind': 'kindOf', '#after': 'after' };
    await store.update(PLACE, { update: 'SET #kind = :kind, #after = :after', condition: 'attribute_exists(#kind)', names, values });
  }

  return {
    /** Looks at the next `most` accounts at most, and at all payments and batches that are open. */
    async run(most: number): Promise<Swept> {
      const swept: Swept = { accounts: 0, finished: 0, rolled: 0, expired: 0, payments: await finishPayments(), isRoundOver: false };
      await rebuild.finishOpen();
      const { kind, after } = await readPlace();
      const start = after === null ? undefined : { pk: accountKey(after).pk, sk: accountKey(after).sk, kind, id: after };
      const listed = await store.query({ table: 'accounts', index: 'byKind', partition: kind, after: start, limit: most });
      const items = await store.getMany(listed.map(({ pk, sk }) => ({ table: 'accounts', pk: String(pk), sk: String(sk) })));
      for (const item of items) await sweepAccount(item, swept);
      swept.accounts = items.length;
      const next = KINDS.indexOf(kind) + 1;
      if (listed.length === most) await writePlace(kind, String(listed.at(-1)!.id));
      else await writePlace(KINDS[next] ?? KINDS[0]!, null);
      swept.isRoundOver = listed.length < most && next >= KINDS.length;
      return swept;
    },
  };
}
