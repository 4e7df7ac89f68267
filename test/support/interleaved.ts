// A store in which somebody else comes in between: once, right before the next operation of a kind.
import type { Store } from '../../functions/core/store/client.ts';

export function interleaved(store: Store) {
  const waiting = new Map<keyof Store, (() => Promise<unknown>)[]>();
  const verbs = Object.entries(store).map(([name, verb]) => [
    name,
    async (...given: never[]) => {
      const come = waiting.get(name as keyof Store)?.shift();
      if (come) await come();
      return (verb as (...given: never[]) => unknown)(...given);
    },
  ]);
  return {
    store: Object.fromEntries(verbs) as Store,
    /** The first operation of that name that follows waits for `come`; asked twice, the second one waits for the second. */
    before(name: keyof Store, come: () => Promise<unknown>): void {
      waiting.set(name, [...(waiting.get(name) ?? []), come]);
    },
  };
}
