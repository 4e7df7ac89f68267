// Work side by side: how much of it at a time, in which order it answers, and what a failure does to the rest.
import { describe, expect, test } from 'vitest';
import { inPool } from '../../../functions/core/platform/pool.ts';

/** Work that says how many ran at once, and ends the latest begun first. */
function createWork() {
  let running = 0;
  const seen = { most: 0, begun: [] as number[] };
  const work = async (item: number) => {
    seen.begun.push(item);
    seen.most = Math.max(seen.most, ++running);
    for (let turns = 0; turns < 20 - item; turns += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  };
  return { seen, work };
}

describe('work in a pool', () => {
  test('answers in the order of the items, whichever ended first, and never runs more than its width', async () => {
    const { seen, work } = createWork();
    expect(await inPool([1, 2, 3, 4, 5, 6, 7], { width: 3 }, work)).toEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(seen.most).toBe(3);
  });

  test('of nothing is nothing', async () => {
    expect(await inPool([], { width: 3 }, async () => 1)).toEqual([]);
  });

  test('begins nothing more after a failure, waits for what is under way, and throws the first one', async () => {
    const { seen, work } = createWork();
    let isSecondDone = false;
    const failing = inPool([1, 2, 3, 4, 5], { width: 3 }, async (item) => {
      if (item === 1) throw new Error('the first');
      await work(item);
      isSecondDone ||= item === 2;
      if (item === 3) throw new Error('a later one');
    });
    await expect(failing).rejects.toThrow('the first');
    expect(isSecondDone).toBe(true);
    expect(seen.begun).toEqual([2, 3]);
  });
});

describe('work for which there is no room side by side', () => {
  const isForLackOfRoom = (thrown: unknown) => (thrown as Error).message === 'full';

  test.each([1, 2, 3])('is done all the same where %i at a time are allowed', async (allowed) => {
    let running = 0;
    const results = await inPool([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { width: 8, isForLackOfRoom }, async (item) => {
      if (running >= allowed) {
        // The answer of the one who refuses takes a while, and the room may be free again when it comes.
        for (let turns = 0; turns < item; turns += 1) await Promise.resolve();
        throw new Error('full');
      }
      running += 1;
      for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
      running -= 1;
      return item;
    });
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('is tried again when the other one had ended before the refusal came', async () => {
    const { resolve: refuse, promise: refused } = Promise.withResolvers<void>();
    const tries: string[] = [];
    const results = inPool(['quick', 'late'], { width: 2, isForLackOfRoom }, async (item) => {
      tries.push(item);
      if (item === 'quick') setImmediate(() => setImmediate(refuse));
      else if (tries.length === 2) {
        await refused;
        throw new Error('full');
      }
      return item;
    });
    expect(await results).toEqual(['quick', 'late']);
    expect(tries).toEqual(['quick', 'late', 'late']);
  });

  test('fails when it is refused alone', async () => {
    let calls = 0;
    const refused = inPool([1, 2, 3, 4], { width: 4, isForLackOfRoom }, async () => {
      calls += 1;
      throw new Error('full');
    });
    await expect(refused).rejects.toThrow('full');
    expect(calls).toBe(4);
  });
});
