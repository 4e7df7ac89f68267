// Copies of items for some seconds, so that a warm process reads nothing. Whoever decides by a copy names its version in the condition of
// its write; a write that fails brings the fresh item, which replaces the copy. While the database is away a copy may serve longer: `old`.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Item } from './client.ts';

/** How long a copy lives by default. A revocation reaches calls at once whatever this is; other surfaces see it within this time. */
export const COPY_LIFE_MS = 10_000;
/** A copy that could not be renewed serves for so long again before the next try, so that not every call waits for a database that is away. */
const AGAIN_MS = 2_000;

export type Copies = {
  get(id: string): Item | undefined;
  /** For when the database cannot be asked: the copy, though its life is over, while it is no older than the grace. */
  old(id: string): Item | undefined;
  set(id: string, item: Item): void;
  /** Attributes that a write of ours has changed. The copy lives no longer for it: the rest of it is as old as it was. */
  patch(id: string, attributes: Item): void;
  drop(id: string): void;
};

/** At most `capacity` copies, each for at most `lifeMs`, or `graceMs` while the database is away; the oldest goes first. */
export function createCopies(clock: Clock, lifeMs: number, { capacity = 10_000, graceMs = 0 } = {}): Copies {
  const copies = new Map<string, { item: Item; until: number; graceUntil: number }>();
  return {
    get(id) {
      const copy = copies.get(id);
      if (!copy) return undefined;
      const now = clock();
      if (copy.until > now) return copy.item;
      if (copy.graceUntil <= now) copies.delete(id);
      return undefined;
    },
    old(id) {
      const copy = copies.get(id);
      if (!copy || copy.graceUntil <= clock()) return undefined;
      copy.until = Math.max(copy.until, Math.min(clock() + AGAIN_MS, copy.graceUntil));
      return copy.item;
    },
    set(id, item) {
      copies.delete(id);
      copies.set(id, { item, until: clock() + lifeMs, graceUntil: clock() + graceMs });
      if (copies.size > capacity) copies.delete(copies.keys().next().value!);
    },
    patch(id, attributes) {
      const copy = copies.get(id);
      if (copy) copies.set(id, { ...copy, item: { ...copy.item, ...attributes } });
    },
    drop(id) {
      copies.delete(id);
    },
  };
}

/** The item from the copy, else as it is read; while the database is away the old copy, where `mayServe` has nothing against it. */
export async function readOrOld(
  copies: Copies,
  id: string,
  read: () => Promise<Item | undefined>,
  mayServe: (item: Item) => boolean = () => true,
): Promise<Item | undefined> {
  try {
    return copies.get(id) ?? (await read());
  } catch (thrown) {
    const old = thrown instanceof GatewayError && thrown.code === 'ledger_unavailable' ? copies.old(id) : undefined;
    if (!old || !mayServe(old)) throw thrown;
    return old;
  }
}
