// The log of changes. Law: a row is written before its change is begun and told the outcome after it, so that a process that vanishes loses
// neither; what never learnt its outcome is unknown.
import { type Clock, monthOf } from '../platform/clock.ts';
import { firstIdAt, type Ids, timeOfId } from '../platform/ids.ts';
import type { Item, Store } from '../store/client.ts';
import { changeKey } from '../store/keys.ts';

export type Author = { id: string; name: string | null };
/** `done` and `refused` are what was answered; `unknown`: the process was gone before. */
export type Outcome = 'done' | 'refused' | 'failed' | 'unknown';
/** `asked`, `before` and `after` are JSON without secrets; `null` where there is none. */
export type Begun = {
  requestId: string;
  author: Author;
  action: string;
  subject: string | null;
  asked: string | null;
  before: string | null;
};
export type Ended = { status: number; subject: string | null; after: string | null };
export type Change = Begun & { id: string; at: number; outcome: Outcome; status: number | null; after: string | null };

export type ChangesQuestion = { from: number; to: number; limit: number; after?: string | undefined; wants?: (change: Change) => boolean };
export type ChangeLog = ReturnType<typeof createChangeLog>;

export const CHANGE_DAYS = 400;
const DAY_MS = 86_400_000;
const LONGEST_TEXT = 90_000;
const CHUNK = 100;
const MOST_LOOKED_AT = 1_000;
const LOOKED_BACK_MONTHS = 14;

export function createChangeLog({ store, clock, ids }: { store: Store; clock: Clock; ids: Ids }) {
  const keyOf = (id: string) => changeKey(monthOf(timeOfId(id)), id);

  return {
    /** Writes down what is about to be done; answers the id of the row. */
    async begin({ author, asked, before, ...rest }: Begun): Promise<string> {
      const id = ids('chg');
      const forgetAt = BigInt(Math.ceil((clock() + CHANGE_DAYS * DAY_MS) / 1000));
      const texts = { asked: bounded(asked), before: bounded(before) };
      await store.putNew(keyOf(id), { ...rest, ...texts, id, author: author.id, authorName: author.name, forgetAt });
      return id;
    },

    /** Writes down what came of it. */
    async end(id: string, { status, subject, after }: Ended): Promise<void> {
      await store.update(keyOf(id), {
        update: 'SET #status = :status, #subject = :subject, #after = :after',
        condition: 'attribute_exists(#id) AND attribute_not_exists(#status)',
        names: { '#id': 'id', '#status': 'status', '#subject': 'subject', '#after': 'after' },
        values: { ':status': BigInt(status), ':subject': subject, ':after': bounded(after) },
      });
    },

    /** Newest first, from `from` up to `to` (ms, excluded). `next` is there when there may be more, however few this page has. */
    async page({ from, to, limit, after, wants }: ChangesQuestion): Promise<{ changes: Change[]; next: string | undefined }> {
      const changes: Change[] = [];
      const oldest = firstIdAt('chg', from);
      let place = after ?? firstIdAt('chg', to);
      let month = monthOf(Math.max(from, timeOfId(place) - (after === undefined ? 1 : 0)));
      for (let seen = 0; seen < MOST_LOOKED_AT; ) {
        const { table, pk: partition } = changeKey(month, '');
        const rows = await store.query({ table, partition, from: oldest, to: place, limit: CHUNK + 1, newestFirst: true });
        for (const row of rows) {
          // The place itself is the row that the page before ended with, or of the moment after the last one asked for.
          if (String(row.sk) >= place) continue;
          if (changes.length === limit) return { changes, next: place };
          place = String(row.sk);
          seen += 1;
          const change = changeOf(row);
          const isKept = Number(row.forgetAt) * 1000 > clock();
          if (isKept && (!wants || wants(change))) changes.push(change);
        }
        if (rows.length > CHUNK) continue;
        if (month <= monthOf(from)) return { changes, next: undefined };
        month = monthOf(Date.parse(`${month}-01T00:00:00Z`) - 1);
        // An empty month counts as a row: time alone must not make a page long.
        seen += 1;
      }
      return { changes, next: place };
    },

    /** Deletes what is expired, where the database does not by itself; answers how many rows went. */
    async forgetExpired(): Promise<number> {
      const now = clock();
      const last = firstIdAt('chg', now - CHANGE_DAYS * DAY_MS + DAY_MS);
      let forgotten = 0;
      // A machine may have been off for as long again as anything is kept.
      for (let place = now - CHANGE_DAYS * DAY_MS, months = 0; months < LOOKED_BACK_MONTHS; months += 1) {
        const { table, pk: partition } = changeKey(monthOf(place), '');
        for (let isMore = true; isMore; ) {
          const rows = await store.query({ table, partition, to: last, limit: CHUNK });
          const expired = rows.filter(({ forgetAt }) => Number(forgetAt) * 1000 <= now);
          for (const { pk, sk } of expired) await store.remove({ table, pk: String(pk), sk: String(sk) });
          forgotten += expired.length;
          isMore = expired.length === CHUNK;
        }
        place = Date.parse(`${monthOf(place)}-01T00:00:00Z`) - 1;
      }
      return forgotten;
    },
  };
}

/** An item holds 400 KB: what is longer is told to be so. */
function bounded(text: string | null): string | null {
  return text !== null && text.length > LONGEST_TEXT ? JSON.stringify({ tooLong: text.length }) : text;
}

function changeOf(row: Item): Change {
  const text = (value: unknown) => (value == null ? null : String(value));
  const status = row.status === undefined ? null : Number(row.status);
  return {
    id: String(row.id),
    at: timeOfId(String(row.id)),
    requestId: String(row.requestId),
    author: { id: String(row.author), name: text(row.authorName) },
    action: String(row.action),
    subject: text(row.subject),
    asked: text(row.asked),
    before: text(row.before),
    after: text(row.after),
    status,
    outcome: status === null ? 'unknown' : outcomeOf(status),
  };
}

function outcomeOf(status: number): Outcome {
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
}
