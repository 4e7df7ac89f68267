// The journal: one entry per turn, written if it is not there, never changed. A correction is a second entry, for a result that came after
// its hold had been charged in full.

import { monthOf } from '../platform/clock.ts';
import { firstIdAt, timeOfId } from '../platform/ids.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { correctionKey, entryKey, journalShard, journalShards } from '../store/keys.ts';
import { readMerged } from '../store/merged.ts';
import { NO_USAGE, type Rates, type Usage } from './usage.ts';

export type EntryStatus = 'succeeded' | 'failed' | 'cancelled';

/** What the client wrote on the call for its own books. */
export type Labels = { customId?: string; metadata?: string };

export type Entry = {
  requestId: string;
  /** The key's. */
  accountId: string;
  /** The group and the user whose accounts were charged too. */
  groupId: string | null;
  userId: string | null;
  /** The words the key had at the time. */
  tags?: string[];
  model: string;
  target: string;
  usage: Usage;
  /** What a token of each used kind cost: `usage` times `rates` is the cost. `null`: there was no price, or a vanished call's whole hold was charged. */
  rates?: Partial<Rates> | null;
  cost: Picodollars;
  status: EntryStatus;
  /** The error's code where the call failed. */
  error: string | null;
  /** The cost is an upper bound, because the real usage was never learnt. */
  isEstimated: boolean;
  /** Written by whoever found the hold past its deadline. */
  isRepair: boolean;
  /** The difference a late result makes to an entry that was estimated. */
  isCorrection: boolean;
  isStream: boolean;
  priceVersion: string | null;
  /** The month it counts for: the one it was admitted in. */
  month: string;
  latencyMs: number | null;
  firstTokenMs: number | null;
  at: number;
  labels?: Labels;
};

export type EntryPage = { entries: Entry[]; next: string | undefined };

export type Journal = ReturnType<typeof createJournal>;

export function createJournal(store: Store) {
  return {
    /** Writes the entry of a turn; answers the one that was there before, if any. */
    async write(entry: Entry): Promise<Entry | undefined> {
      const written = await store.putNew(entryKey(entry.accountId, entry.requestId), toItem(entry, entry.requestId));
      return written.applied || !written.item ? undefined : toEntry(written.item);
    },

    async correct(entry: Entry): Promise<Entry> {
      const key = correctionKey(entry.accountId, entry.requestId);
      const written = await store.putNew(key, toItem({ ...entry, isCorrection: true }, key.sk));
      return written.applied || !written.item ? entry : toEntry(written.item);
    },

    async read(accountId: string, requestId: string): Promise<Entry | undefined> {
      const item = await store.get(entryKey(accountId, requestId));
      return item && toEntry(item);
    },

    async readCorrection(accountId: string, requestId: string): Promise<Entry | undefined> {
      const item = await store.get(correctionKey(accountId, requestId));
      return item && toEntry(item);
    },

    /** Entries of one account between two moments (ms), newest first. `after` is the `next` of the page before. */
    async ofAccount(accountId: string, from: number, to: number, limit: number, after?: string): Promise<EntryPage> {
      const items = await store.query({
        table: 'journal',
        partition: accountId,
        from: firstIdAt('req', from),
        to: firstIdAt('req', to),
        after: after === undefined ? undefined : { pk: accountId, sk: after },
        limit: limit + 1,
        newestFirst: true,
      });
      return pageOf(items, limit);
    },

    /** Entries of several accounts between two moments (ms) as one list, newest first; little more is read than the list needs. */
    async ofAccounts(accountIds: readonly string[], from: number, to: number, limit: number): Promise<Entry[]> {
      const question = { table: 'journal', from: firstIdAt('req', from), to: firstIdAt('req', to), newestFirst: true } as const;
      const items = await readMerged(accountIds, limit, placeOf, (partition, last, most) =>
        store.query({ ...question, partition, after: last && { pk: last.pk!, sk: last.sk! }, limit: most }),
      );
      return items.map(toEntry);
    },

    /** Entries of all accounts between two moments (ms), newest first: the shards of a month are merged, months go back one by one. */
    async ofAll(from: number, to: number, limit: number, after?: string): Promise<EntryPage> {
      const newest = after === undefined ? to : Math.min(to, timeOfId(after.split('~')[0]!) + 1);
      const found: Item[] = [];
      for (const month of monthsBack(newest, from)) {
        const bounds = { from: firstIdAt('req', from), to: after ?? firstIdAt('req', to) };
        const question = { table: 'journal', index: 'byMonth', ...bounds, newestFirst: true } as const;
        // One more than the page tells whether there is a next one, and one is the last of the page before.
        const items = await readMerged(journalShards(month), limit + 2 - found.length, placeOf, (partition, last, most) =>
          store.query({ ...question, partition, after: last && { pk: last.pk!, sk: last.sk!, shard: partition }, limit: most }),
        );
        found.push(...items.filter(({ sk }) => String(sk) !== after));
        if (found.length > limit) break;
      }
      return pageOf(found, limit);
    },
  };
}

const placeOf = ({ sk }: Item): string => String(sk);

function pageOf(items: Item[], limit: number): EntryPage {
  const entries = items.slice(0, limit);
  return { entries: entries.map(toEntry), next: items.length > limit ? String(entries.at(-1)!.sk) : undefined };
}

function monthsBack(newest: number, oldest: number): string[] {
  const months: string[] = [];
  const last = monthOf(oldest);
  for (let month = monthOf(newest); month >= last; month = monthOf(Date.parse(`${month}-01T00:00:00Z`) - 1)) months.push(month);
  return months;
}

function toItem(entry: Entry, sk: string): Item {
  const { requestId, accountId, groupId, userId, tags = [], usage, rates, latencyMs, firstTokenMs, labels } = entry;
  const { model, target, cost, status, error, isEstimated, isRepair, isCorrection, isStream, priceVersion, month, at } = entry;
  const used = Object.entries(usage).filter(([, tokens]) => tokens > 0) as [keyof Usage, number][];
  return {
    ...{ model, target, cost, status, error, isEstimated, isRepair, isCorrection, isStream, priceVersion, month, at },
    ...(groupId !== null && { groupId }),
    ...(userId !== null && { userId }),
    ...(tags.length > 0 && { tags }),
    ...(labels && { labels }),
    id: requestId,
    shard: journalShard(monthOf(timeOfId(requestId)), requestId),
    sk,
    pk: accountId,
    usage: Object.fromEntries(used),
    rates: rates == null ? null : Object.fromEntries(used.map(([kind]) => [kind, rates[kind] ?? 0n])),
    latencyMs: latencyMs === null ? null : Math.round(latencyMs),
    firstTokenMs: firstTokenMs === null ? null : Math.round(firstTokenMs),
  };
}

/** Reads an entry's item, be it from a query or from the stream. */
export function toEntry(item: Item): Entry {
  const tokens = item.usage as Record<string, Attribute>;
  const number = (value: Attribute | undefined) => (value == null ? null : Number(value));
  return {
    requestId: String(item.id),
    accountId: String(item.pk),
    groupId: item.groupId == null ? null : String(item.groupId),
    userId: item.userId == null ? null : String(item.userId),
    tags: item.tags as string[] | undefined,
    model: String(item.model),
    target: String(item.target),
    usage: { ...NO_USAGE, ...Object.fromEntries(Object.entries(tokens).map(([kind, count]) => [kind, Number(count)])) },
    rates: (item.rates ?? null) as Partial<Rates> | null,
    cost: item.cost as bigint,
    status: item.status as EntryStatus,
    error: item.error === null ? null : String(item.error),
    isEstimated: item.isEstimated === true,
    isRepair: item.isRepair === true,
    isCorrection: item.isCorrection === true,
    isStream: item.isStream === true,
    priceVersion: item.priceVersion === null ? null : String(item.priceVersion),
    month: String(item.month),
    latencyMs: number(item.latencyMs),
    firstTokenMs: number(item.firstTokenMs),
    at: Number(item.at),
    ...(item.labels !== undefined && { labels: item.labels as Labels }),
  };
}
