// A store that writes down which operations go to it.
import type { Store } from '../../functions/core/store/client.ts';

const VERBS = ['get', 'getMany', 'putNew', 'update', 'query'] as const;

/** `sent`: the names of the operations, in order; a test may empty it. */
export function notedStore(store: Store): { store: Store; sent: string[] } {
  const sent: string[] = [];
  const noted: Store = { ...store };
  for (const verb of VERBS) {
    noted[verb] = ((...given: never[]) => {
      sent.push(verb);
      return (store[verb] as (...all: never[]) => unknown)(...given);
    }) as never;
  }
  return { store: noted, sent };
}
