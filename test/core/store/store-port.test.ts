// The Store port answers alike on every engine: the same script of operations, each answer compared with the memory store's.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change, Item, Store } from '../../../functions/core/store/client.ts';
import { accountKey, entryKey, journalShard } from '../../../functions/core/store/keys.ts';
import { ENGINES, startEngine, type TestEngine } from '../../support/engine.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const key = accountKey('a');
const change = (update: string, condition: string, names: Change['names'], values: Change['values']): Change => ({
  update,
  condition,
  names,
  values,
});

/** Every form of expression that core uses, with answers of both kinds. */
const SCRIPT: [what: string, run: (store: Store) => Promise<unknown>][] = [
  ['nothing is there', (store) => store.get(key)],
  ['an update of nothing', (store) => store.update(key, change('SET #a = :a', '#v = :a', { '#a': 'a', '#v': 'v' }, { ':a': 1n }))],
  [
    'existence in a condition on nothing',
    (store) => store.update(key, change('SET #a = :a', 'attribute_exists(#h)', { '#a': 'a', '#h': 'h:1' }, { ':a': 1n })),
  ],
  [
    'put',
    (store) =>
      store.putNew(key, {
        id: 'a',
        kind: 'key',
        version: 1n,
        committed: 0n,
        big: 12345678901234567890123456789012345678n,
        zeros: 100_000_000_000_000_000_000_000n,
        negative: -5n,
        number: 7,
        none: null,
        yes: true,
        text: 'dépôt 📦',
        list: ['a', 1n],
        map: { amount: 5n, deep: { note: '日本' } },
      }),
  ],
  ['put again', (store) => store.putNew(key, { id: 'b' })],
  ['get', (store) => store.get(key)],
  [
    'admission fits',
    (store) =>
      store.update(
        key,
        change(
          'SET #committed = #committed + :amount, #hold = :hold',
          '#version = :version AND attribute_not_exists(#hold) AND #committed <= :highest',
          { '#committed': 'committed', '#hold': 'h:req_1', '#version': 'version' },
          {
            ':version': 1n,
            ':amount': 10n ** 20n,
            ':highest': 0n,
            ':hold': { amount: 10n ** 20n, deadline: 1_800_000_000_000, by: 'é.1' },
          },
        ),
      ),
  ],
  [
    'admission does not fit',
    (store) =>
      store.update(
        key,
        change(
          'SET #committed = #committed + :amount, #hold = :hold',
          '#version = :version AND attribute_not_exists(#hold) AND #committed <= :highest',
          { '#committed': 'committed', '#hold': 'h:req_2', '#version': 'version' },
          { ':version': 1n, ':amount': 1n, ':highest': 0n, ':hold': { amount: 1n } },
        ),
      ),
  ],
  [
    'a comparison with an attribute that is not there, or of another type',
    async (store) => [
      await store.update(key, change('REMOVE #n', '#n < :one', { '#n': 'nowhere' }, { ':one': 1n })),
      await store.update(key, change('REMOVE #n', '#n <= :one', { '#n': 'text' }, { ':one': 1n })),
      await store.update(key, change('REMOVE #n', '#n <= :one', { '#n': 'none' }, { ':one': 1n })),
      await store.update(key, change('REMOVE #x', '#n = :none', { '#n': 'none', '#x': 'nowhere' }, { ':none': null })),
      await store.update(key, change('REMOVE #x', '#n > :none AND #n >= :none', { '#n': 'number', '#x': 'nowhere' }, { ':none': 6n })),
    ],
  ],
  [
    'settlement',
    (store) =>
      store.update(
        key,
        change(
          'SET #committed = #committed + :difference, #version = #version - :one, #copy = #text REMOVE #hold',
          'attribute_exists(#hold)',
          { '#committed': 'committed', '#hold': 'h:req_1', '#version': 'version', '#copy': 'copy', '#text': 'text' },
          { ':difference': -(10n ** 20n) + 3n, ':one': 1n },
        ),
      ),
  ],
  [
    'an update that answers what it changed',
    (store) =>
      store.update(key, {
        ...change(
          'SET #version = #version + :one, #copy = :same, #new = :map REMOVE #zeros',
          'attribute_exists(#copy)',
          { '#version': 'version', '#copy': 'copy', '#new': 'h:new', '#zeros': 'zeros' },
          { ':one': 1n, ':same': 'dépôt 📦', ':map': { start: 5n } },
        ),
        returnsUpdated: true,
      }),
  ],
  ['removal without values', (store) => store.update(key, change('REMOVE #map', 'attribute_exists(#map)', { '#map': 'map' }, {}))],
  ['what has become of it', (store) => store.get(key)],
  ['several at once, one of them missing', (store) => store.getMany([key, accountKey('nobody')])],
  [
    'entries',
    async (store) => {
      for (let number = 1; number <= 9; number += 1) {
        const id = `req_${number}`;
        await store.putNew(entryKey(number % 2 === 0 ? 'a' : 'b', id), {
          id,
          shard: journalShard('2026-11', 'req_0'),
          cost: BigInt(number),
        });
      }
      return store.query({ table: 'journal', partition: 'a', limit: 10 });
    },
  ],
  [
    'a range that ends before it begins',
    (store) => store.query({ table: 'journal', partition: 'b', from: 'req_7', to: 'req_2', limit: 2 }),
  ],
  [
    'a range, newest first',
    (store) => store.query({ table: 'journal', partition: 'b', from: 'req_2', to: 'req_7', limit: 2, newestFirst: true }),
  ],
  [
    'after the last seen',
    (store) =>
      store.query({
        table: 'journal',
        partition: 'b',
        from: 'req_2',
        to: 'req_7',
        after: { pk: 'b', sk: 'req_5' },
        limit: 2,
        newestFirst: true,
      }),
  ],
  [
    'the index of everything',
    (store) =>
      store.query({
        table: 'journal',
        index: 'byMonth',
        partition: journalShard('2026-11', 'req_0'),
        from: 'req_3',
        to: 'req_6',
        limit: 9,
      }),
  ],
  [
    'many at once, one of them there already',
    (store) =>
      store.putMany([
        { key: entryKey('b', 'req_3'), item: { id: 'new', cost: 5n, at: undefined as never } },
        { key: entryKey('many-at-once', 'req_1'), item: { text: 'dépôt' } },
      ]),
  ],
  ['one of them', (store) => store.get(entryKey('b', 'req_3'))],
  ['the other', (store) => store.get(entryKey('many-at-once', 'req_1'))],
  ['remove', (store) => store.remove(key)],
  ['it is gone', (store) => store.get(key)],
];

describe.each(ENGINES)('the store on $kind', ({ kind, missing }) => {
  let engine: TestEngine;
  beforeAll(async () => {
    if (!missing) engine = await startEngine(kind);
  });
  afterAll(() => engine?.close());

  it.skipIf(missing)('answers a script of all its operations exactly as the memory store does', async () => {
    const memory = createMemoryStore();
    for (const [what, run] of SCRIPT) {
      const expected = await run(memory);
      expect(await run(engine.store), what).toEqual(expected);
    }
  });

  it.skipIf(missing)('answers a page of the asked length though the items fill more than the megabyte of one answer', async () => {
    const text = 'x'.repeat(120_000);
    const ids = Array.from({ length: 20 }, (_, number) => `req_big${String(number).padStart(2, '0')}`);
    for (const id of ids) await engine.store.putNew(entryKey('big', id), { id, text });
    const found: Item[] = await engine.store.query({ table: 'journal', partition: 'big', limit: 19 });
    expect(found.map(({ sk }) => sk)).toEqual(ids.slice(0, 19));
  });

  it.skipIf(missing)('writes more items at once than one request may name', async () => {
    const keys = Array.from({ length: 60 }, (_, number) => entryKey('written', `req_${number}`));
    await engine.store.putMany(keys.map((one) => ({ key: one, item: { id: one.sk } })));
    expect((await engine.store.getMany(keys)).map(({ id, sk }) => id === sk)).toEqual(keys.map(() => true));
  });

  it.skipIf(missing)('reads more items at once than one request may name', async () => {
    const keys = Array.from({ length: 230 }, (_, number) => entryKey('many', `req_${number}`));
    await Promise.all(keys.map((one) => engine.store.putNew(one, { id: one.sk })));
    const found = await engine.store.getMany(keys);
    expect(new Set(found.map(({ sk }) => sk))).toEqual(new Set(keys.map(({ sk }) => sk)));
  });
});
