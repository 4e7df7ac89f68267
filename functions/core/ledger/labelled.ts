// Entries by the id that their client gave them. The rollup writes a row for each, so that no call pays for it; an entry is found some seconds
// after it was written.
import { firstIdAt } from '../platform/ids.ts';
import type { Store } from '../store/client.ts';
import { entryKey, labelKey } from '../store/keys.ts';
import { readMerged } from '../store/merged.ts';
import { type Entry, toEntry } from './journal.ts';

export type Labelled = ReturnType<typeof createLabelled>;

export function createLabelled({ store }: { store: Store }) {
  return {
    /** Between two moments (ms), newest first, at most so many of all the ids together. */
    async ofCustomIds(customIds: readonly string[], from: number, to: number, limit: number): Promise<Entry[]> {
      const partitions = [...new Set(customIds)].map((customId) => labelKey(customId, '').pk);
      const bounds = { from: labelKey('', firstIdAt('req', from)).sk, to: labelKey('', firstIdAt('req', to)).sk };
      const rows = await readMerged(
        partitions,
        limit,
        ({ sk }) => String(sk),
        (partition, last, most) =>
          store.query({
            table: 'journal',
            ...bounds,
            partition,
            after: last && { pk: last.pk!, sk: last.sk! },
            limit: most,
            newestFirst: true,
          }),
      );
      const items = await store.getMany(rows.map(({ of, turn }) => entryKey(String(of), String(turn))));
      return items.map(toEntry).sort((a, b) => (a.requestId < b.requestId ? 1 : -1));
    },
  };
}

/** The rows of those entries that have such an id: the same however often they are made. */
export function labelRows(entries: readonly Entry[]) {
  return entries.flatMap(({ labels, accountId, requestId, isCorrection }) =>
    labels?.customId && !isCorrection ? [{ key: labelKey(labels.customId, requestId), item: { of: accountId, turn: requestId } }] : [],
  );
}
