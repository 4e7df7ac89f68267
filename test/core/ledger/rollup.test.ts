// The rollup: every entry is in its rows once, in every order of store operations, under misfortunes, repeats and concurrency.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJournal, type Entry } from '../../../functions/core/ledger/journal.ts';
import { createRebuild } from '../../../functions/core/ledger/rebuild.ts';
import { createRollup } from '../../../functions/core/ledger/rollup.ts';
import { deltasOf, type Measures, measuresOfRow } from '../../../functions/core/ledger/statement.ts';
import { createIds } from '../../../functions/core/platform/ids.ts';
import type { Item, Store } from '../../../functions/core/store/client.ts';
import { ENGINES, startEngine } from '../../support/engine.ts';
import { entryAt, lateEntries, someEntries } from '../../support/entries.ts';
import { type Exploration, explore, wander } from '../../support/explore.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const START = Date.UTC(2026, 9, 30, 12);
const HOUR_MS = 3_600_000;

type Rows = Record<string, Measures>;

/** Every entry on its own, added up. */
function expectedRows(generation: string, entries: Entry[]): Rows {
  return Object.fromEntries(deltasOf(generation, entries).map(({ key, measures }) => [`${key.pk} ${key.sk}`, measures]));
}

function rowsIn(items: Item[], generation: string): Rows {
  const rows = items.filter(({ pk }) => String(pk).startsWith(`STATEMENT#${generation}#`));
  return Object.fromEntries(rows.map((item) => [`${item.pk} ${item.sk}`, measuresOfRow(item)]));
}

async function journalled(store: Store, entries: Entry[]): Promise<void> {
  const journal = createJournal(store);
  for (const entry of entries) await (entry.isCorrection ? journal.correct(entry) : journal.write(entry));
}

/** Each bringer brings these entries in one go. */
function bringing(entries: Entry[], bringers: number[][], faults: Pick<Exploration, 'faults' | 'kinds'>): Exploration {
  return {
    ...faults,
    async build(world) {
      await journalled(world.memory, entries);
      bringers.forEach((wanted, number) => {
        world.spawn(`bringer${number}`, (store) =>
          createRollup({ store, width: 1 })
            .bring(
              '1',
              wanted.map((index) => entries[index]!),
            )
            .then(() => undefined),
        );
      });
    },
    check: () => undefined,
    async finish({ memory }) {
      const rollup = createRollup({ store: memory, width: 1 });
      await rollup.finishOpen('1');
      for (const wanted of bringers)
        await rollup.bring(
          '1',
          wanted.map((index) => entries[index]!),
        );
      const brought = entries.filter((_, index) => bringers.flat().includes(index));
      expect(rowsIn(memory.all('journal'), '1')).toEqual(expectedRows('1', brought));
    },
  };
}

describe('entries that are brought, in every interleaving', () => {
  const entries = [entryAt(START), entryAt(START + 1), entryAt(START + 2)];
  it('by one, twice in trouble: are in their rows once', async () => {
    const { ends } = await explore(bringing(entries, [[0, 1]], { faults: 2 }));
    expect(ends).toBeGreaterThan(1);
  });

  it.each<[string, number[][], number]>([
    [
      'by two who have one in common',
      [
        [0, 1],
        [1, 2],
      ],
      2,
    ],
    ['by three, of the same', [[0], [0], [0]], 3],
  ])('%s, in orders of chance and in trouble: are in their rows once', async (_how, bringers, faults) => {
    const schedule = fc.infiniteStream(fc.nat());
    const property = fc.asyncProperty(schedule, (choices) =>
      wander(bringing(entries, bringers, { faults }), (count) => choices.next().value! % count),
    );
    await fc.assert(property, { seed: 20_261_121, numRuns: 500 });
  });
});

it('whatever is brought how often and in which pieces, statements are the sum of the journal, corrections included', async () => {
  const pieces = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 6 }), { maxLength: 8 });
  const property = fc.asyncProperty(someEntries(START), pieces, async (entries, brought) => {
    const store = createMemoryStore();
    const rollup = createRollup({ store });
    await journalled(store, entries);
    const told = new Set<Entry>();
    for (const piece of brought) {
      const these = piece.map((index) => entries[index % entries.length]!);
      for (const entry of these) told.add(entry);
      await rollup.bring('1', these);
      expect(rowsIn(store.all('journal'), '1')).toEqual(expectedRows('1', [...told]));
    }
  });
  await fc.assert(property, { seed: 20_261_121, numRuns: 150 });
});

it('an estimate and its late result together are the turn as it was', () => {
  const turn = entryAt(START, { cost: 6n });
  const [estimate, result] = lateEntries(START);
  const sumsOf = (entries: Entry[]) => deltasOf('1', entries).map(({ measures }) => measures);
  expect(sumsOf([estimate, result])).toEqual(sumsOf([turn]));
});

it('an estimate that is closed for good stays what it was', () => {
  const [estimate] = lateEntries(START);
  const close = { ...estimate, cost: 0n, isCorrection: true };
  expect(deltasOf('1', [estimate, close])).toEqual(deltasOf('1', [estimate]));
});

describe.each(ENGINES)('the rollup on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;

  law('four at a time with overlapping pieces, while the statements are made again: both generations equal the journal', async () => {
    const engine = await startEngine(kind);
    try {
      const { store } = engine;
      const clock = () => START + 100 * HOUR_MS;
      const partsOf = () => createRebuild({ store, rollup: createRollup({ store }), clock, ids: createIds(clock) });
      const entries = Array.from({ length: 90 }, (_, number) => {
        const at = START + (number % 50) * HOUR_MS;
        return number % 7 === 0 ? lateEntries(at) : [entryAt(at, { accountId: `key_${number % 3}`, tags: ['t'] })];
      }).flat();
      await journalled(store, entries);
      const rebuild = partsOf();
      const first = await rebuild.generation();
      await rebuild.bring(entries.slice(0, 20));
      expect(await rebuild.start()).toMatchObject({ state: 'running', read: 0 });
      const next = String((await store.get({ table: 'journal', pk: 'ROLLUP#CONTROL', sk: 'CONTROL' }))!.building);
      while (String((await rebuild.state()).at) < '2026-03') await rebuild.step();
      // The repair of an old hold, in a month that the rebuild has left behind.
      const old = entryAt(Date.UTC(2026, 0, 15), { isRepair: true });
      await journalled(store, [old]);
      await rebuild.bring([old]);
      entries.push(old);
      await Promise.all([0, 15, 30, 40].map((start) => partsOf().bring(entries.slice(start))));
      const allRows = async (generation: string) => {
        const keys = deltasOf(generation, entries).map(({ key }) => key);
        return rowsIn(await store.getMany(keys), generation);
      };
      expect(await allRows(first)).toEqual(expectedRows(first, entries));
      let steps = 0;
      while ((await rebuild.state()).state === 'running' && steps < 500) {
        await rebuild.step();
        steps += 1;
      }
      expect(await rebuild.generation()).toBe(next);
      expect(await allRows(next)).toEqual(expectedRows(next, entries));
      await expect(rebuild.start()).rejects.toMatchObject({ code: 'conflict' });
      while (await rebuild.step());
      expect(await allRows(first)).toEqual({});
      expect(await rebuild.state()).toMatchObject({ state: 'done', endedAt: clock() });
    } finally {
      await engine.close();
    }
  });
});
