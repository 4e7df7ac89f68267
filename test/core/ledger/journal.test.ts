// The journal: written once, never changed, and read in pages without gap or duplicate.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createJournal, type Entry, type EntryPage, type Journal } from '../../../functions/core/ledger/journal.ts';
import { NO_USAGE } from '../../../functions/core/ledger/usage.ts';
import { monthOf } from '../../../functions/core/platform/clock.ts';
import { createIds } from '../../../functions/core/platform/ids.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 9, 30, 22);

function entry(requestId: string, at: number, fields: Partial<Entry> = {}): Entry {
  const flags = { isEstimated: false, isRepair: false, isCorrection: false, isStream: true };
  const named = { requestId, accountId: 'key_1', groupId: null, userId: null, model: 'm', target: 't', month: monthOf(at) };
  const told = {
    usage: { ...NO_USAGE, input: 3, output: 1 },
    rates: { input: 1n, output: 2n },
    cost: 5n,
    status: 'succeeded' as const,
    error: null,
    priceVersion: '2026-11',
  };
  return { ...named, ...told, ...flags, latencyMs: 10, firstTokenMs: 4, at, ...fields };
}

async function pages(read: (after?: string) => Promise<EntryPage>): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await read(after);
    all.push(...page.entries);
    after = page.next;
  }
  return all;
}

const nameOf = ({ requestId, isCorrection }: Entry) => requestId + (isCorrection ? ' late' : '');

describe('the journal', () => {
  let journal: Journal;
  beforeEach(() => {
    journal = createJournal(createMemoryStore());
  });

  it('reads back what was written, to the last digit', async () => {
    const written = entry('req_0000000000000000000001', START, {
      cost: 10n ** 30n + 1n,
      latencyMs: null,
      error: 'model_error',
      status: 'failed',
    });
    expect(await journal.write(written)).toBeUndefined();
    expect(await journal.read('key_1', written.requestId)).toEqual(written);
  });

  it('keeps the first entry of a request, and tells it to whoever comes with another', async () => {
    const first = entry('req_0000000000000000000001', START);
    await journal.write(first);
    expect(await journal.write({ ...first, cost: 9n })).toEqual(first);
    expect(await journal.read('key_1', first.requestId)).toEqual(first);
  });

  it('keeps one correction beside the entry', async () => {
    const first = entry('req_0000000000000000000001', START);
    await journal.write(first);
    expect((await journal.correct({ ...first, cost: -2n })).cost).toBe(-2n);
    expect((await journal.correct({ ...first, cost: -4n })).cost).toBe(-2n);
    expect(await journal.readCorrection('key_1', first.requestId)).toEqual({ ...first, cost: -2n, isCorrection: true });
  });

  it('rounds times to whole milliseconds', async () => {
    await journal.write(entry('req_0000000000000000000001', START, { latencyMs: 10.6, firstTokenMs: 3.2 }));
    expect(await journal.read('key_1', 'req_0000000000000000000001')).toMatchObject({ latencyMs: 11, firstTokenMs: 3 });
  });

  it('has no gap and no duplicate at any border of pages, over accounts, shards, months and corrections', async () => {
    const gap = fc.integer({ min: 0, max: 20 * DAY_MS });
    const drawn = fc.array(fc.record({ gap, isLate: fc.boolean(), account: fc.constantFrom('key_1', 'key_2'), byte: fc.nat(255) }), {
      maxLength: 24,
    });
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 1, max: 5 }), async (turns, limit) => {
        const store = createJournal(createMemoryStore());
        let now = START;
        const ids = new Set<string>();
        const names: { account: string; name: string }[] = [];
        for (const { gap: wait, isLate, account, byte } of turns) {
          now += wait;
          const id = createIds(
            () => now,
            (size) => new Uint8Array(size).fill(byte),
          )('req');
          if (ids.has(id)) continue;
          ids.add(id);
          const made = entry(id, now, { accountId: account });
          await store.write(made);
          names.push({ account, name: id });
          if (isLate) {
            await store.correct(made);
            names.push({ account, name: `${id} late` });
          }
        }
        const newestFirst = (some: typeof names) =>
          some
            .map(({ name }) => name)
            .sort()
            .reverse();
        const all = await pages((after) => store.ofAll(START, now + 1, limit, after));
        expect(all.map(nameOf)).toEqual(newestFirst(names));
        const one = await pages((after) => store.ofAccount('key_1', START, now + 1, limit, after));
        expect(one.map(nameOf)).toEqual(newestFirst(names.filter(({ account }) => account === 'key_1')));
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  it('begins a range with its first moment and ends it before its last', async () => {
    const at = (now: number) => createIds(() => now)('req');
    const [before, first, last, after] = [at(START - 1), at(START), at(START + DAY_MS - 1), at(START + DAY_MS)];
    for (const id of [before, first, last, after]) await journal.write(entry(id, START));
    const expected = [last, first];
    expect((await journal.ofAll(START, START + DAY_MS, 10)).entries.map(nameOf)).toEqual(expected);
    expect((await journal.ofAccount('key_1', START, START + DAY_MS, 10)).entries.map(nameOf)).toEqual(expected);
  });

  it('says that nothing follows when the last page is just full', async () => {
    for (let number = 0; number < 4; number += 1) await journal.write(entry(createIds(() => START + number)('req'), START));
    const { next } = await journal.ofAll(START, START + 10, 2);
    expect((await journal.ofAll(START, START + 10, 2, next)).next).toBeUndefined();
    expect((await journal.ofAccount('key_1', START, START + 10, 4)).next).toBeUndefined();
  });
});
