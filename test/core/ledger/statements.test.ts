// Asking for statements: what is read depends on periods and groups, not on entries; groups and users have theirs; large groups come whole.
import { expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/journal.ts';
import { createRebuild } from '../../../functions/core/ledger/rebuild.ts';
import { createRollup } from '../../../functions/core/ledger/rollup.ts';
import { deltasOf, measuresOfRow, rowAttributes } from '../../../functions/core/ledger/statement.ts';
import { createStatements, type Question } from '../../../functions/core/ledger/statements.ts';
import { createIds } from '../../../functions/core/platform/ids.ts';
import type { Query, Store } from '../../../functions/core/store/client.ts';
import { rowKey } from '../../../functions/core/store/keys.ts';
import { entryAt } from '../../support/entries.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const MONTH: Question = { from: '2026-11-01', to: '2026-11-30', grain: 'day' };

/** Statements of the entries, and how many items every question has read. */
async function statementsOf(entries: Entry[]) {
  const memory = createMemoryStore();
  const read: number[] = [];
  const query = async (asked: Query) => {
    const items = await memory.query(asked);
    read.push(items.length);
    return items;
  };
  const store: Store = { ...memory, query };
  const clock = () => NOON;
  const rollup = createRollup({ store: memory });
  await rollup.bring('1', entries);
  const rebuild = createRebuild({ store: memory, rollup, clock, ids: createIds(clock) });
  return { statements: createStatements({ store, rebuild, clock }), read };
}

it('reads the same for ten entries and for a thousand of the same days', async () => {
  const reads = [];
  for (const count of [10, 1_000]) {
    const { statements, read } = await statementsOf(
      Array.from({ length: count }, (_, number) => entryAt(NOON - (number % 10) * 86_400_000)),
    );
    const { series } = await statements.query(MONTH, 10);
    expect(series[0]!.total.requests).toBe(BigInt(count));
    reads.push(read);
  }
  expect(reads[0]).toEqual([10]);
  expect(reads[1]).toEqual(reads[0]);
});

it('a call of a group and a user is in the statements of both', () => {
  const entry = { ...entryAt(NOON, { tags: ['a', 'a', 'b'] }), groupId: 'grp_g', userId: 'usr_u' };
  const days = deltasOf('1', [entry]).filter(({ key }) => key.pk.includes('#day#'));
  expect(days.map(({ key }) => key)).toEqual(
    [
      ['all', ''],
      ['key', 'key_a'],
      ['user', 'usr_u'],
      ['group', 'grp_g'],
      ['tag', 'a'],
      ['tag', 'b'],
    ].map(([subject, value]) => rowKey(`1#${subject}#day#2026-11`, `${value}#m#2026-11-20`)),
  );
});

it('more groups than one reading brings come in pages, each whole and once, in order', async () => {
  const tags = Array.from({ length: 430 }, (_, number) => `${'!~*aZ0%é'[number % 8]}${number}`);
  const entries = tags.map((tag, number) => entryAt(NOON - (number % 3) * 40 * 86_400_000, { tags: [tag], cost: BigInt(number) }));
  for (const entry of [...entries])
    for (const model of ['n', 'o']) entries.push({ ...entry, model, requestId: entryAt(NOON - 86_400_000).requestId });
  const { statements } = await statementsOf(entries);
  const question: Question = { from: '2026-08-01', to: '2026-11-30', grain: 'day', groupBy: 'tag' };
  const seen: string[] = [];
  let cost = 0n;
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const { series, next } = await statements.query(question, 100, after);
    for (const { group, total } of series) {
      seen.push(group!);
      cost += total.cost;
      expect(total.requests).toBe(3n);
    }
    after = next;
  }
  expect(new Set(seen).size).toBe(430);
  expect(seen.sort()).toEqual([...tags].sort());
  expect(cost).toBe(entries.reduce((sum, entry) => sum + entry.cost, 0n));
});

it('a row is read as it was written', () => {
  const [delta] = deltasOf('1', [entryAt(NOON, { latencyMs: 3_000_000, firstTokenMs: 5 })]);
  expect(measuresOfRow(rowAttributes(delta!.measures))).toEqual(delta!.measures);
});
