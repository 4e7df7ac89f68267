// Journal entries into statement rows. Law: an entry is in every row of it exactly once, however often and by whomever it is brought.
//
//   bring ─► which are new? (pages) ─► batch n, decided: one conditional write ─► pages and rows, each once ─► batch n is closed
//                                          │                                        │
//                   crash here: whoever comes next finds the batch open            crash here: the same; what was written knows n
//
// One batch is open at a time, so what the pages say while none is open cannot change before the next is decided. Pages and rows keep the
// number of the last batch they took: a batch that is done twice, by two or by one who slept, changes nothing the second time.

import { timeOfId } from '../platform/ids.ts';
import { inPool } from '../platform/pool.ts';
import type { Item, Store } from '../store/client.ts';
import { correctionKey, entryKey, type ItemKey, rollupKey } from '../store/keys.ts';
import { type Entry, toEntry } from './journal.ts';
import { labelRows } from './labelled.ts';
import { addMeasures, type Delta, deltasOf, measuresOfRow, rowAttributes } from './statement.ts';

/** So many entries' keys keep the item of an open batch around 15 KB. */
const BATCH = 250;
const ATTEMPTS = 200;
/** Entries of ten seconds share eight pages: at 10,000 a second a page has 300 KB. */
const PAGE_MS = 10_000;
const PAGE_SHARDS = 8;

export const FIRST_GENERATION = '1';

export type Rollup = ReturnType<typeof createRollup>;
type Open = { number: bigint; pending: [accountId: string, sk: string][] | undefined };

/** `width`: how many rows are written at a time. */
export function createRollup({ store, width = 16 }: { store: Store; width?: number }) {
  const laneKey = (generation: string) => rollupKey(generation, 'LANE');

  async function readLane(generation: string): Promise<Open> {
    const lane = await store.get(laneKey(generation));
    if (!lane) return { number: 0n, pending: undefined };
    return { number: lane.number as bigint, pending: lane.pending as Open['pending'] };
  }

  /** Decides that these entries are batch `number`. Only where the one before it is closed. */
  async function open(generation: string, number: bigint, entries: Entry[]): Promise<boolean> {
    const pending = entries.map((entry) => [entry.accountId, sortOf(entry)]);
    if (number === 1n && (await store.putNew(laneKey(generation), { number, pending })).applied) return true;
    const written = await store.update(laneKey(generation), {
      update: 'SET #number = :number, #pending = :pending',
      condition: '#number = :before AND attribute_not_exists(#pending)',
      names: { '#number': 'number', '#pending': 'pending' },
      values: { ':number': number, ':before': number - 1n, ':pending': pending },
    });
    return written.applied;
  }

  async function entriesOf(pending: NonNullable<Open['pending']>): Promise<Entry[]> {
    const items = await store.getMany(pending.map(([pk, sk]) => ({ table: 'journal', pk, sk })));
    if (items.length !== pending.length) throw new Error(`Of ${pending.length} entries of a batch ${items.length} are in the journal.`);
    return items.map(toEntry);
  }

  /** Writes what a batch makes of an item, unless the item has taken that batch already. */
  async function take(number: bigint, key: ItemKey, known: Item | undefined, next: (item: Item | undefined) => Item): Promise<void> {
    let item = known;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (item && (item.taken as bigint) >= number) return;
      const attributes = next(item);
      const written = item
        ? await store.update(key, replacing(attributes, item.taken as bigint, number))
        : await store.putNew(key, { ...attributes, taken: number });
      if (written.applied) return;
      item = written.item;
    }
    throw new Error('A row of a statement cannot be written.');
  }

  async function takeAll(number: bigint, parts: { key: ItemKey; next: (item: Item | undefined) => Item }[]): Promise<void> {
    const known = new Map((await store.getMany(parts.map(({ key }) => key))).map((item) => [`${item.pk} ${item.sk}`, item]));
    await inPool(parts, { width }, ({ key, next }) => take(number, key, known.get(`${key.pk} ${key.sk}`), next));
  }

  async function complete(generation: string, number: bigint, entries: Entry[]): Promise<void> {
    const rows = deltasOf(generation, entries).map((delta: Delta) => ({
      key: delta.key,
      next: (item: Item | undefined) => rowAttributes(item ? addMeasures(measuresOfRow(item), delta.measures) : delta.measures),
    }));
    const pages = [...byPage(generation, entries).values()].map(({ key, ids }) => ({
      key,
      next: (item: Item | undefined) => ({ ids: [...(item ? [String(item.ids)] : []), ...ids].join(' ') }),
    }));
    await takeAll(number, [...pages, ...rows]);
    await inPool(labelRows(entries), { width }, ({ key, item }) => store.putNew(key, item));
    await store.update(laneKey(generation), {
      update: 'REMOVE #pending',
      condition: '#number = :number AND attribute_exists(#pending)',
      names: { '#number': 'number', '#pending': 'pending' },
      values: { ':number': number },
    });
  }

  /** Those that no batch has had. True only for as long as no batch is opened. */
  async function newOf(generation: string, entries: Entry[]): Promise<Entry[]> {
    const pages = byPage(generation, entries);
    const items = await store.getMany([...pages.values()].map(({ key }) => key));
    const seen = new Set(items.flatMap(({ ids }) => String(ids).split(' ')));
    const brought = new Map(entries.map((entry) => [pageIdOf(entry), entry]));
    return [...brought].filter(([id]) => !seen.has(id)).map(([, entry]) => entry);
  }

  async function bringBatch(generation: string, entries: Entry[]): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { number, pending } = await readLane(generation);
      if (pending) {
        await complete(generation, number, await entriesOf(pending));
        continue;
      }
      const fresh = await newOf(generation, entries);
      if (fresh.length === 0) return 0;
      if (!(await open(generation, number + 1n, fresh))) continue;
      await complete(generation, number + 1n, fresh);
      return fresh.length;
    }
    throw new Error('The statements are being written by others all the time.');
  }

  return {
    /** Brings entries into the rows of a generation, those that are there already left out; answers how many were new. */
    async bring(generation: string, entries: Entry[]): Promise<number> {
      let fresh = 0;
      for (let start = 0; start < entries.length; start += BATCH)
        fresh += await bringBatch(generation, entries.slice(start, start + BATCH));
      return fresh;
    },

    /** Finishes a batch that somebody left open. Answers whether there was one. */
    async finishOpen(generation: string): Promise<boolean> {
      const { number, pending } = await readLane(generation);
      if (pending) await complete(generation, number, await entriesOf(pending));
      return pending !== undefined;
    },
  };
}

function replacing(attributes: Item, before: bigint, number: bigint) {
  const names: Record<string, string> = { '#taken': 'taken' };
  const values: Item = { ':before': before, ':number': number };
  const sets = Object.entries(attributes).map(([name, value]) => {
    names[`#${name}`] = name;
    values[`:${name}`] = value;
    return `#${name} = :${name}`;
  });
  return { update: `SET ${[...sets, '#taken = :number'].join(', ')}`, condition: '#taken = :before', names, values };
}

function sortOf({ accountId, requestId, isCorrection }: Entry): string {
  return (isCorrection ? correctionKey(accountId, requestId) : entryKey(accountId, requestId)).sk;
}

/** The part of an entry's id that chance made: with the page's time it is the entry. */
function pageIdOf({ requestId, isCorrection }: Entry): string {
  return `${requestId.slice(-14)}${isCorrection ? '~' : ''}`;
}

function byPage(generation: string, entries: Entry[]): Map<string, { key: ItemKey; ids: string[] }> {
  const pages = new Map<string, { key: ItemKey; ids: string[] }>();
  for (const entry of entries) {
    const { requestId } = entry;
    const slot = new Date(Math.floor(timeOfId(requestId) / PAGE_MS) * PAGE_MS).toISOString().slice(0, 19);
    const key = rollupKey(
      `${generation}#${slot.slice(0, 10)}`,
      `${slot.slice(11)}#${requestId.charCodeAt(requestId.length - 1) % PAGE_SHARDS}`,
    );
    const page = pages.get(`${key.pk} ${key.sk}`) ?? { key, ids: [] };
    page.ids.push(pageIdOf(entry));
    pages.set(`${key.pk} ${key.sk}`, page);
  }
  return pages;
}
