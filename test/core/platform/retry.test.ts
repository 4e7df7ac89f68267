// Trying again: how often, after how long, and what for.
import { expect, test } from 'vitest';
import { retry } from '../../../functions/core/platform/retry.ts';

/** Attempts that fail with these, in turn, and then work. */
function failing(...failures: string[]) {
  const pauses: number[] = [];
  let tried = 0;
  const attempt = async () => {
    const failure = failures[tried];
    tried += 1;
    if (failure !== undefined) throw new Error(failure);
    return `worked at ${tried}`;
  };
  const run = (patience: Omit<Parameters<typeof retry>[1], 'pauseMs'>) =>
    retry(attempt, { ...patience, pauseMs: 50 }, async (ms) => void pauses.push(ms));
  return { run, pauses, tried: () => tried };
}

test('what works at once is tried once, without a pause', async () => {
  const { run, pauses } = failing();
  expect(await run({ attempts: 3 })).toBe('worked at 1');
  expect(pauses).toEqual([]);
});

test('the pause between attempts doubles', async () => {
  const { run, pauses } = failing('one', 'two', 'three', 'four');
  expect(await run({ attempts: 5 })).toBe('worked at 5');
  expect(pauses).toEqual([50, 100, 200, 400]);
});

test('the last failure is what is thrown, with no pause after it', async () => {
  const { run, pauses, tried } = failing('one', 'two', 'three', 'four');
  await expect(run({ attempts: 3 })).rejects.toThrow('three');
  expect([pauses, tried()]).toEqual([[50, 100], 3]);
});

test('what cannot pass is tried no more', async () => {
  const { run, pauses, tried } = failing('busy', 'refused', 'busy');
  await expect(run({ attempts: 5, mayPass: (thrown) => (thrown as Error).message === 'busy' })).rejects.toThrow('refused');
  expect([pauses, tried()]).toEqual([[50], 2]);
});
