// What is left of owners that were deleted, erased to the end: asked for before the owner goes, begun at once, and gone on with by the sweeper.
// Law: nothing of an owner that is still there is erased by an order that was left behind.
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/client.ts';
import { accountKey, erasureKey } from '../store/keys.ts';

export type Erasures = ReturnType<typeof createErasures>;

/** Erases at most so many threads; `isOver`: nothing is left. */
export type EraseSome = (ownerId: string, most: number) => Promise<{ erased: number; isOver: boolean }>;

/** A call that was under way when its key went is logged when it ends; none takes this long. */
export const LATE_MS = 20 * 60_000;
const MOST_ORDERS = 1_000;

export function createErasures({ store, eraseSome, clock }: { store: Store; eraseSome: EraseSome; clock: Clock }) {
  const withdraw = (ownerId: string) => store.remove(erasureKey(ownerId));

  return {
    /** Is written down before the owner is removed, so that a process which dies in between leaves nobody's words behind. */
    async order(ownerId: string): Promise<void> {
      await store.putNew(erasureKey(ownerId), { orderedAt: clock() });
    },

    /** The owner stays. */
    withdraw,

    begin: eraseSome,

    /** Goes on with what was ordered, the oldest id first; answers how many threads went. */
    async run(most: number): Promise<number> {
      let erased = 0;
      for (const { sk, orderedAt } of await store.query({ table: 'conversations', partition: erasureKey('').pk, limit: MOST_ORDERS })) {
        if (erased >= most) break;
        const ownerId = String(sk);
        const isLate = Number(orderedAt) + LATE_MS <= clock();
        const isThere = (await store.get(accountKey(ownerId))) !== undefined;
        const some = isThere ? { erased: 0, isOver: true } : await eraseSome(ownerId, most - erased);
        erased += some.erased;
        if (some.isOver && isLate) await withdraw(ownerId);
      }
      return erased;
    },
  };
}
