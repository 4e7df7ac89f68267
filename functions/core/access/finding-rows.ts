// Rows by which keys are found: one for its name, its address and each of its tags. Law: a key is never without its rows. They are written
// before it under a mark of their own, which the key names; rows of another mark are left over from something that broke off, and passed over.
import type { Item, Store } from '../store/client.ts';
import { findingKey, type ItemKey } from '../store/keys.ts';

/** What a key can be found by. */
export type Facets = { name: string; email: string | null; tags: string[] };

const ROW = /(key_[0-9A-Za-z]{22})~(\w+)$/;
const LONGEST_FOLDED = 200;
/** Sorts before every character that a name can have. */
const END_OF_NAME = '\t';

export function facetsOf(item: Item): Facets {
  return { name: String(item.name), email: item.email as string | null, tags: (item.tags as string[]) ?? [] };
}

/** Letters count the same in whatever case. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The key and the mark that a row names. */
export function readRow({ sk }: Item): { id: string; mark: string } {
  const [, id = '', mark = ''] = ROW.exec(String(sk)) ?? [];
  return { id, mark };
}

function rowsOf({ name, email, tags }: Facets, id: string, mark: string): ItemKey[] {
  const place = `${id}~${mark}`;
  const folded = [...fold(name)].slice(0, LONGEST_FOLDED).join('');
  return [
    findingKey('name', '', `${folded}${END_OF_NAME}${place}`),
    ...(email === null ? [] : [findingKey('email', fold(email), place)]),
    ...tags.map((tag) => findingKey('tag', tag, place)),
  ];
}

export async function putRows(store: Store, facets: Facets, id: string, mark: string): Promise<void> {
  await store.putMany(rowsOf(facets, id, mark).map((key) => ({ key, item: {} })));
}

export async function removeRows(store: Store, facets: Facets, id: string, mark: string): Promise<void> {
  await Promise.all(rowsOf(facets, id, mark).map((key) => store.remove(key)));
}
