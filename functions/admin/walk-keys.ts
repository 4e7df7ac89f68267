// Keys that fit a question, found by walking all of them. The older interfaces search in ways that no index answers; whoever asks stops early.
import type { KeyStore } from '../core/access/key-store.ts';
import type { Item } from '../core/store/client.ts';

const PAGE = 200;

/** Newest first; after the key of the id `after`, if one is given. */
export async function* walkKeys(keys: KeyStore, after?: string): AsyncGenerator<Item> {
  let place = after;
  do {
    const { items, next } = await keys.page(PAGE, place);
    yield* items;
    place = next;
  } while (place !== undefined);
}

/** Of the given ids, the keys that there are. */
export async function findKeys(keys: KeyStore, ids: Iterable<string>): Promise<Item[]> {
  const found = await Promise.all([...new Set(ids)].map((id) => keys.find(id)));
  return found.filter((item) => item !== undefined);
}
