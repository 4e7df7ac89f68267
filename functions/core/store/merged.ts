// Several partitions read as one list, the greatest place first, no further than is wanted of it.
import type { Item } from './client.ts';

/** Twice its share and some: chance seldom puts more into one partition, and then it is read on. Never more than all that is wanted. */
const chunkOf = (wanted: number, parts: number) => Math.max(1, Math.min(wanted, 2 * Math.ceil(wanted / parts) + 16));

/** The first `wanted` of all; `read` answers those of a partition that come after an item, in order. */
export async function readMerged(
  partitions: readonly string[],
  wanted: number,
  placeOf: (item: Item) => string,
  read: (partition: string, after: Item | undefined, limit: number) => Promise<Item[]>,
): Promise<Item[]> {
  const chunk = chunkOf(wanted, partitions.length);
  const parts = partitions.map((partition) => ({ partition, items: [] as Item[], isOver: false }));
  for (;;) {
    const all = parts.flatMap(({ items }) => items).sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
    const last = all[wanted - 1];
    const isShort = ({ items, isOver }: (typeof parts)[number]) =>
      !isOver && (last === undefined || items.length === 0 || placeOf(items.at(-1)!) > placeOf(last));
    const short = parts.filter(isShort);
    if (short.length === 0) return all.slice(0, wanted);
    await Promise.all(
      short.map(async (part) => {
        const items = await read(part.partition, part.items.at(-1), chunk);
        part.items.push(...items);
        part.isOver = items.length < chunk;
      }),
    );
  }
}
