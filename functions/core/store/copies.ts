// Copies of items for some seconds, so that a warm process reads nothing. Whoever decides by a copy names its version in the condition of
// its write; a write that fails brings the fresh item, which replaces the copy.
import type { Clock } from '../platform/clock.ts';
import type { Item } from './client.ts';

/** How long a copy lives by default. A revocation reaches calls at once whatever this is; other surfaces see it within this time. */
export const COPY_LIFE_MS = 10_000;

export type Copies = {
  get(id: string): Item | undefined;
  set(id: string, item: Item): void;
  /** Attributes that a write of ours has changed. The copy lives no longer for it: the rest of it is as old as it was. */
  patch(id: string, attributes: Item): void;
  drop(id: string): void;
};

/** At most `capacity` copies, each for at most `lifeMs`; the oldest goes first. */
export function createCopies(clock: Clock, lifeMs: number, capacity = 10_000): Copies {
  const copies = new Map<string, { item: Item; until: number }>();
  return {
    get(id) {
      const copy = copies.get(id);
      if (copy && copy.until > clock()) return copy.item;
      copies.delete(id);
      return undefined;
    },
    set(id, item) {
      copies.delete(id);
      copies.set(id, { item, until: clock() + lifeMs });
      if (copies.size > capacity) copies.delete(copies.keys().next().value!);
    },
    patch(id, attributes) {
      const copy = copies.get(id);
      if (copy) copies.set(id, { item: { ...copy.item, ...attributes }, until: copy.until });
    },
    drop(id) {
      copies.delete(id);
    },
  };
}
