// Rows by which keys are found: for the name, the address, the role and each tag, and one for every place in these texts where a search may
// begin. Law: a key is never without its rows. They are written before it under a mark of their own, which the key names; rows of another
// mark are left over from something that broke off, and passed over.
import type { Item, Store } from '../store/client.ts';
import { findingKey, type ItemKey } from '../store/keys.ts';

/** Which text of a key a search row is of: name, address, tag, hint of the secret, owner as an older client named him. */
export type Part = 'name' | 'email' | 'tag' | 'hint' | 'owner';

/** What a key can be found by. `texts`: what it can be searched by besides. */
export type Facets = { name: string; email: string | null; role: string; tags: string[]; texts: [Part, string][] };

const ROW = /(key_[0-9A-Za-z]{22})~(\w+)$/;
const LONGEST_FOLDED = 200;
/** Sorts before every character that a name can have. */
export const END_OF_NAME = '\t';

/** The kind of mark that rows of the present form have. Keys of an older one are given new rows by the upkeep. */
export const MARK_PREFIX = 'row2';

/** Characters of a text that a search can begin at, characters of a search that rows tell apart, and search rows of one key. */
const LONGEST_TEXT = 150;
export const LONGEST_TERM = 40;
const MOST_TEXT_ROWS = 400;

export function facetsOf(item: Item): Facets {
  const { owner_name: owner = '', user_id: user = '' } = (item.convertor ?? {}) as Record<string, string>;
  const hints = String(item.secretHint ?? '')
    .replace(/^sk-oc-/, '')
    .split('…');
  const texts = [...hints.map((hint) => ['hint', hint]), ['owner', owner], ['owner', user]] as [Part, string][];
  const { name, email, role, tags } = item;
  return { name: String(name), email: (email ?? null) as string | null, role: String(role), tags: (tags as string[]) ?? [], texts };
}

/** Letters count the same in whatever case. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** How a name begins in the order of names. */
export function foldedName(name: string): string {
  return [...fold(name)].slice(0, LONGEST_FOLDED).join('');
}

/** The key and the mark that a row names. */
export function readRow({ sk }: Item): { id: string; mark: string } {
  const [, id = '', mark = ''] = ROW.exec(String(sk)) ?? [];
  return { id, mark };
}

type Row = { key: ItemKey; item: Item };

function rowsOf({ name, email, role, tags, texts }: Facets, id: string, mark: string): Row[] {
  const place = `${id}~${mark}`;
  const plain = [
    findingKey('name', '', `${foldedName(name)}${END_OF_NAME}${place}`),
    ...(email === null ? [] : [findingKey('email', fold(email), place)]),
    findingKey('role', role, place),
    ...tags.map((tag) => findingKey('tag', tag, place)),
  ];
  const searched: [Part, string][] = [['name', name], ['email', email ?? ''], ...texts, ...tags.map((tag): [Part, string] => ['tag', tag])];
  return [...plain.map((key) => ({ key, item: {} })), ...textRowsOf(searched, place)];
}

/** A row begins with what follows a place in a text, so that all texts that hold a search lie behind one another. */
function textRowsOf(texts: readonly [Part, string][], place: string): Row[] {
  const found = new Map<string, Set<Part>>();
  for (const [part, text] of texts) {
    const characters = [...text.toLowerCase()].slice(0, LONGEST_TEXT);
    for (const [at, first] of characters.entries()) {
      if (first.trim() === '') continue;
      const rest = characters.slice(at, at + LONGEST_TERM).join('');
      const parts = found.get(rest);
      if (parts) parts.add(part);
      else if (found.size < MOST_TEXT_ROWS) found.set(rest, new Set([part]));
    }
  }
  return [...found].map(([rest, parts]) => ({ key: textRowKey(rest, place), item: { of: [...parts] } }));
}

function textRowKey(rest: string, place: string): ItemKey {
  return findingKey('text', [...rest][0]!, `${rest}${END_OF_NAME}${place}`);
}

/** Where the rows lie that a search finds, and how they begin; `undefined` for a search that says nothing. */
export function searchRange(search: string): { partition: string; from: string; to: string } | undefined {
  const term = [...search.toLowerCase().trimStart()].slice(0, LONGEST_TERM).join('');
  return term === '' ? undefined : { partition: textRowKey(term, '').pk, from: term, to: `${term}\u{10ffff}` };
}

export async function putRows(store: Store, facets: Facets, id: string, mark: string): Promise<void> {
  await store.putMany(rowsOf(facets, id, mark));
}

export async function removeRows(store: Store, facets: Facets, id: string, mark: string): Promise<void> {
  await store.removeMany(rowsOf(facets, id, mark).map(({ key }) => key));
}
