// Entries by the id that their client gave them. The rollup writes a row for each, so that no call pays for it; an entry is found some seconds
// after it was written.
import type { Store } from '../store/client.ts';
import { entryKey, labelKey } from '../store/keys.ts';
import { type Entry, toEntry } from './journal.ts';

export type Labelled = ReturnType<typeof createLabelled>;

export function createLabelled({ store }: { store: Store }) {
  return {
    /** Newest first, at most so many. */
    async ofCustomId(customId: string, limit: number): Promise<Entry[]> {
      const { table, pk: partition } = labelKey(customId, '');
      const rows = await store.query({ table, partition, limit, newestFirst: true });
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
