// Sessions: what the threads of one session of one owner add up to. Law: a session belongs to the owner its id was made with; a thread is
// added to it once, by one write that needs no read.
import { type Clock, monthOf } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import { timeOfId } from '../platform/ids.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Item, Store } from '../store/client.ts';
import { sessionKey, sessionShard } from '../store/keys.ts';
import { toExpirySecond } from './retention.ts';
import type { Thread } from './thread.ts';
import { isLive, textOrNull } from './thread-item.ts';
import { monthsBack, type Page, type Range, rowsOf, walk } from './walk.ts';

export type Session = {
  id: string;
  ownerId: string;
  /** The key of the newest thread. */
  keyId: string;
  /** The id as the client sent it. */
  key: string;
  /** `null` until a prompt that is kept gives one. */
  title: string | null;
  /** How many turns it had, and their sums; they stay when a thread is deleted. */
  threads: number;
  tokensIn: number;
  tokensOut: number;
  cost: Picodollars;
  /** The id of its first thread, which is where it stands in lists. */
  first: string;
  startedAt: number;
  lastAt: number;
  expiresAt: number;
};

export type SessionStore = ReturnType<typeof createSessionStore>;

type Filter = (session: Session) => boolean;

export function createSessionStore({ store, clock }: { store: Store; clock: Clock }) {
  const live = (items: Item[]) => items.filter((item) => isLive(item, clock())).map(toSession);
  const readAll = async (keys: Item[]) => live(await store.getMany(keys.map(({ pk }) => sessionKey(String(pk)))));
  const named = (keys: Item[]) => rowsOf(keys, readAll, ({ pk }, { id }) => pk === id);

  return {
    /** Adds a thread to its session, which begins with its first one. `title` is taken where there is none yet. */
    async add(thread: Thread, title: string | undefined): Promise<void> {
      if (thread.sessionId === null) return;
      await store.update(sessionKey(thread.sessionId), additionOf(thread, title));
    },

    async find(id: string): Promise<Session | undefined> {
      const item = await store.get(sessionKey(id));
      return item && live([item])[0];
    },

    /** Sessions of one owner, newest first by when they began. */
    ofOwner(ownerId: string, range: Range, wants?: Filter): Promise<Page<Session>> {
      const question = { table: 'conversations', index: 'byParent', partition: ownerId, newestFirst: true } as const;
      return walk(range, async (from, to, limit) => named(await store.query({ ...question, from, to, limit })), wants);
    },

    /** Sessions of all owners, newest first by when they began. */
    ofAll(range: Range, wants?: Filter): Promise<Page<Session>> {
      const read = async (from: string, to: string, limit: number) => {
        const found: Item[] = [];
        for (const month of monthsBack(timeOfId(to), timeOfId(from))) {
          const question = { table: 'conversations', index: 'byMonth', partition: sessionShard(month), newestFirst: true } as const;
          found.push(...(await store.query({ ...question, from, to, limit: limit - found.length })));
          if (found.length >= limit) break;
        }
        return named(found);
      };
      return walk(range, read, wants);
    },

    /** Gives it another title; throws `not_found` when it is not there any more. */
    async rename(id: string, title: string): Promise<void> {
      const { applied } = await store.update(sessionKey(id), {
        update: 'SET #title = :title',
        condition: 'attribute_exists(#id)',
        names: { '#title': 'title', '#id': 'id' },
        values: { ':title': title },
      });
      if (!applied) throw new GatewayError('not_found', 'There is no session with that id.', { param: 'id' });
    },

    remove: (id: string): Promise<void> => store.remove(sessionKey(id)),
  };
}

/** The thread's id is remembered, so that a write whose answer was lost, and that is sent again, adds nothing. */
function additionOf(thread: Thread, title: string | undefined) {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = thread.usage;
  const sets = [
    '#id = :id, #owner = :owner, #parent = :owner, #keyId = :keyId, #key = :key, #lastThread = :thread, #lastAt = :at, #expiry = :expiry',
    '#first = if_not_exists(#first, :thread), #shard = if_not_exists(#shard, :shard)',
  ];
  if (title !== undefined) sets.push('#title = if_not_exists(#title, :title)');
  return {
    update: `SET ${sets.join(', ')} ADD #threads :one, #in :in, #out :out, #cost :cost`,
    condition: 'attribute_not_exists(#lastThread) OR #lastThread <> :thread',
    names: {
      '#id': 'id',
      '#owner': 'ownerId',
      '#parent': 'parent',
      '#keyId': 'keyId',
      '#key': 'key',
      '#lastThread': 'lastThread',
      '#lastAt': 'lastAt',
      '#expiry': 'expiresAt',
      '#first': 'at',
      '#shard': 'shard',
      '#threads': 'threads',
      '#in': 'tokensIn',
      '#out': 'tokensOut',
      '#cost': 'cost',
      ...(title !== undefined && { '#title': 'title' }),
    },
    values: {
      ':id': thread.sessionId!,
      ':owner': thread.ownerId,
      ':keyId': thread.keyId,
      ':key': thread.sessionKey!,
      ':thread': thread.id,
      ':at': thread.at,
      ':expiry': toExpirySecond(thread.expiresAt),
      ':shard': sessionShard(monthOf(timeOfId(thread.id))),
      ':one': 1,
      ':in': input + cacheRead + cacheWrite5m + cacheWrite1h,
      ':out': output,
      ':cost': thread.cost,
      ...(title !== undefined && { ':title': title }),
    },
  };
}

function toSession(item: Item): Session {
  return {
    id: String(item.id),
    ownerId: String(item.ownerId),
    keyId: String(item.keyId),
    key: String(item.key),
    title: textOrNull(item.title),
    threads: Number(item.threads),
    tokensIn: Number(item.tokensIn),
    tokensOut: Number(item.tokensOut),
    cost: item.cost as bigint,
    first: String(item.at),
    startedAt: timeOfId(String(item.at)),
    lastAt: Number(item.lastAt),
    expiresAt: Number(item.expiresAt) * 1_000,
  };
}
