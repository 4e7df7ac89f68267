// The statements of one machine: what was in the journal when a process died is in them after the next start.
import { expect, it } from 'vitest';
import { createBooks } from '../../functions/core/ledger/books.ts';
import { createJournal, type Entry } from '../../functions/core/ledger/journal.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { createFeed } from '../../local/feed.ts';
import { entryAt, lateEntries } from '../support/entries.ts';
import { createParts } from '../support/gateway-parts.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;

/** One start of the server on what is in the store. */
function startOn(store: Store, time: { now: number }) {
  const clock = () => time.now;
  const log = createLog(() => undefined);
  const feed = createFeed({ store, journal: createJournal(store), clock, log });
  const { rebuild, statements } = createBooks({ ...createParts(store, time), store, clock, log });
  return { feed, rebuild, statements };
}

async function costIn(store: MemoryStore, time: { now: number }): Promise<bigint> {
  const { statements } = startOn(store, time);
  const { series } = await statements.query({ from: '2026-01', to: '2026-12', grain: 'month' }, 1);
  return series[0]!.total.cost;
}

it('what is written is brought, once', async () => {
  const [store, time] = [createMemoryStore(), { now: NOON }];
  const { feed, rebuild } = startOn(store, time);
  await feed.catchUp(rebuild);
  const [estimate, result] = lateEntries(NOON);
  await feed.journal.write(estimate);
  await feed.journal.write(estimate);
  await feed.journal.correct(result);
  await feed.drain(rebuild);
  await feed.drain(rebuild);
  expect(await costIn(store, time)).toBe(6n);
});

it.each<[string, (now: number) => Entry]>([
  ['of just now', (now) => entryAt(now, { cost: 3n })],
  ['of a call that was left open for ten days', (now) => entryAt(now - 10 * DAY_MS, { cost: 3n })],
])('an entry %s that no drain has seen comes with the next start', async (_which, entryOf) => {
  const [store, time] = [createMemoryStore(), { now: NOON }];
  const first = startOn(store, time);
  await first.feed.catchUp(first.rebuild);
  await first.feed.journal.write(entryAt(NOON, { cost: 1n }));
  // The kept moment moves on past what has been brought.
  time.now += DAY_MS;
  await first.feed.drain(first.rebuild);
  await first.feed.drain(first.rebuild);
  expect(Number(store.all('journal').find(({ sk }) => sk === 'LOCAL')!.from)).toBeGreaterThan(NOON);
  await first.feed.journal.write(entryOf(time.now));
  expect(await costIn(store, time)).toBe(1n);
  const second = startOn(store, time);
  await second.feed.catchUp(second.rebuild);
  expect(await costIn(store, time)).toBe(4n);
});

it('an entry whose write was answered with a failure and took effect all the same is brought', async () => {
  const [memory, time] = [createMemoryStore(), { now: NOON }];
  let isLosing = false;
  const store: Store = {
    ...memory,
    async putNew(key, item) {
      const written = await memory.putNew(key, item);
      if (isLosing) throw new Error('no answer');
      return written;
    },
  };
  const { feed, rebuild } = startOn(store, time);
  await feed.catchUp(rebuild);
  isLosing = true;
  await expect(feed.journal.write(entryAt(NOON, { cost: 9n }))).rejects.toThrow('no answer');
  isLosing = false;
  await feed.drain(rebuild);
  expect(await costIn(memory, time)).toBe(9n);
});

it('an entry that is in the index only, since the engine was killed before its table had it, is not brought', async () => {
  const [memory, time] = [createMemoryStore(), { now: NOON }];
  const ghost = createMemoryStore();
  const entry = entryAt(NOON, { cost: 3n });
  await createJournal(ghost).write(entry);
  const store: Store = { ...memory, query: (query) => (query.index === 'byMonth' ? ghost : memory).query(query) };
  const { feed, rebuild } = startOn(store, time);
  await feed.catchUp(rebuild);
  expect(await costIn(memory, time)).toBe(0n);
  // Whoever finishes the hold writes the entry that counts.
  await feed.journal.write({ ...entry, cost: 8n, isRepair: true });
  await feed.drain(rebuild);
  expect(await costIn(memory, time)).toBe(8n);
});
