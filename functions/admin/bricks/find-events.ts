// Entries of the journal by what BricksLLM's clients ask for: keys, users, ids of their own. Law: no more than so many are ever looked at, by
// no more than so many questions, whatever the times.
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Entry, Journal } from '../../core/ledger/journal.ts';
import type { Labelled } from '../../core/ledger/labelled.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { fromUuid } from './key-id.ts';
import { LONGEST_MS } from './query.ts';

/** Looked at for what has to be searched, sorted or counted. */
export const MOST_SEARCHED = 1_000;
/** As far as a list can be read that is as it lies in the journal. */
export const MOST_ENTRIES = 10_000;
/** Users with more of them are looked for among all entries. */
const MOST_KEYS = 100;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;

export type EventsDependencies = { keys: KeyStore; journal: Journal; labelled: Labelled; clock: Clock };

/** Times in milliseconds, `end` its whole second included, as there. */
export type AskedEvents = {
  start: number;
  end: number;
  keyIds?: string[] | undefined;
  userIds?: string[] | undefined;
  customIds?: string[] | undefined;
  tags?: string[] | undefined;
  /** Look at so many. */
  most: number;
};

/** Newest first. `looked`: how many were looked at; there may be more where it is `most`. */
export async function findEvents(dependencies: EventsDependencies, asked: AskedEvents): Promise<{ entries: Entry[]; looked: number }> {
  const { keys, journal, labelled, clock } = dependencies;
  const { start, customIds, tags, most } = asked;
  const keyIds = asked.keyIds && new Set(asked.keyIds.flatMap((id) => fromUuid(id) ?? []));
  const userIds = asked.userIds && new Set(asked.userIds.flatMap((id) => fromUuid(id, 'usr') ?? []));
  // Nothing lies in the future.
  const until = Math.min(asked.end + 1_000, clock() + AHEAD_MS);
  const isAsked = ({ accountId, userId, tags: has, labels }: Entry) =>
    (!keyIds || keyIds.has(accountId)) &&
    (!userIds || (userId !== null && userIds.has(userId))) &&
    (!customIds || customIds.includes(labels?.customId ?? '')) &&
    (tags ?? []).every((tag) => has?.includes(tag));

  const read = async (): Promise<Entry[]> => {
    if (start >= until) return [];
    if (customIds) return labelled.ofCustomIds(customIds, start, until, most);
    const ofKeys = keyIds ? [...keyIds] : userIds && (await keysOf(keys, userIds));
    if (ofKeys) return journal.ofAccounts(ofKeys, start, until, most);
    // Of all keys months are read one by one.
    return (await journal.ofAll(Math.max(start, until - LONGEST_MS), until, most)).entries;
  };
  const found = await read();
  return { entries: found.filter(isAsked).sort((a, b) => (a.requestId < b.requestId ? 1 : -1)), looked: found.length };
}

/** The keys of users; `undefined` where they are more than are asked one by one. */
async function keysOf(keys: KeyStore, userIds: Iterable<string>): Promise<string[] | undefined> {
  const found: string[] = [];
  for (const userId of userIds) {
    const { items } = await keys.ofUser(userId, MOST_KEYS + 1 - found.length, undefined);
    found.push(...items.map(({ id }) => String(id)));
    if (found.length > MOST_KEYS) return undefined;
  }
  return found;
}
