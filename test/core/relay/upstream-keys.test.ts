// The shared keys: read rarely, kept through a failure, and never told.
import { expect, test } from 'vitest';
import { createUpstreamKeys } from '../../../functions/core/relay/upstream-keys.ts';

const MINUTES = 60_000;

function open(answers: (string | Error | undefined)[]) {
  const time = { now: 0 };
  let reads = 0;
  const read = async () => {
    const answer = answers[Math.min(reads, answers.length - 1)];
    reads += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { time, reads: () => reads, ...createUpstreamKeys(read, () => time.now) };
}

test('a key is read once in five minutes, however many ask', async () => {
  const { time, reads, keyOf } = open([' one\n', 'two']);
  expect(await Promise.all([keyOf('env:A'), keyOf('env:A')])).toEqual(['one', 'one']);
  time.now = 4 * MINUTES;
  expect([await keyOf('env:A'), reads()]).toEqual(['one', 1]);
  time.now = 6 * MINUTES;
  expect([await keyOf('env:A'), reads()]).toEqual(['two', 2]);
});

test('a key that cannot be read again stays in force', async () => {
  const { time, keyOf } = open(['one', new Error('throttled'), 'three']);
  await keyOf('env:A');
  time.now = 6 * MINUTES;
  expect(await keyOf('env:A')).toBe('one');
  time.now = 12 * MINUTES;
  expect(await keyOf('env:A')).toBe('three');
});

test('a key that could not be read at first is asked for by the next call', async () => {
  const { keyOf } = open([new Error('secret words'), 'two']);
  const failure = await keyOf('env:A').catch((thrown) => thrown);
  expect(failure).toMatchObject({ code: 'upstream_auth_error', details: { cause: 'env:A: Error' } });
  expect(await keyOf('env:A')).toBe('two');
});

test.each([undefined, '', ' \n', 'two words', 'line\nline', 'ünreadable'])('%j is no key', async (text) => {
  await expect(open([text]).keyOf('env:A')).rejects.toMatchObject({ code: 'upstream_auth_error' });
});
