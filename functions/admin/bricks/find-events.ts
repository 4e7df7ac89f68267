// Entries of the journal by what BricksLLM's clients ask for: keys, users, ids of their own. Law: no more than so many are ever looked at.
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Entry, Journal } from '../../core/ledger/journal.ts';
import type { Labelled } from '../../core/ledger/labelled.ts';
import { fromUuid } from './key-id.ts';

export const MOST_ENTRIES = 10_000;
const MOST_OF_ONE_ID = 1_000;
const MOST_KEYS_OF_USER = 200;

export type EventsDependencies = { keys: KeyStore; journal: Journal; labelled: Labelled };

/** Times in milliseconds, `end` its whole second included, as there. */
export type AskedEvents = {
  start: number;
  end: number;
  keyIds?: string[] | undefined;
  userIds?: string[] | undefined;
  customIds?: string[] | undefined;
  tags?: string[] | undefined;
  /** Look at so many of each source; all that are found may be more. */
  most?: number;
};

/** Newest first. */
export async function findEvents({ keys, journal, labelled }: EventsDependencies, asked: AskedEvents): Promise<Entry[]> {
  const { start, end, customIds, tags, most = MOST_ENTRIES } = asked;
  const keyIds = asked.keyIds && new Set(asked.keyIds.flatMap((id) => fromUuid(id) ?? []));
  const userIds = asked.userIds && new Set(asked.userIds.flatMap((id) => fromUuid(id, 'usr') ?? []));
  const until = end + 1_000;
  const isAsked = ({ accountId, userId, tags: has, labels }: Entry) =>
    (!keyIds || keyIds.has(accountId)) &&
    (!userIds || (userId !== null && userIds.has(userId))) &&
    (!customIds || customIds.includes(labels?.customId ?? '')) &&
    (tags ?? []).every((tag) => has?.includes(tag));

  const ofKeys = (ids: Iterable<string>) =>
    Promise.all([...ids].map(async (id) => (await journal.ofAccount(id, start, until, most)).entries));
  const ofUsers = async (ids: Iterable<string>) => {
    const pages = await Promise.all([...ids].map((id) => keys.ofUser(id, MOST_KEYS_OF_USER, undefined)));
    return ofKeys(pages.flatMap(({ items }) => items.map(({ id }) => String(id))));
  };
  const ofCustomIds = async (ids: string[]) => {
    const found = await Promise.all([...new Set(ids)].map((id) => labelled.ofCustomId(id, MOST_OF_ONE_ID)));
    return found.map((entries) => entries.filter(({ at }) => at >= start && at < until));
  };
  const found = customIds
    ? await ofCustomIds(customIds)
    : keyIds
      ? await ofKeys(keyIds)
      : userIds
        ? await ofUsers(userIds)
        : [(await journal.ofAll(start, until, most)).entries];
  return found
    .flat()
    .filter(isAsked)
    .sort((a, b) => (a.requestId < b.requestId ? 1 : -1))
    .slice(0, most);
}
