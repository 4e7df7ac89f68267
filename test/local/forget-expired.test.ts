// What a deployed database forgets by itself, one machine deletes: rows of the log of changes and of idempotency keys.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOnce } from '../../functions/core/access/once.ts';
import { CHANGE_DAYS, createChangeLog } from '../../functions/core/changes/change-log.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { changeKey, type ItemKey, onceKey } from '../../functions/core/store/keys.ts';
import { forgetExpired } from '../../local/forget-expired.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function createWorld() {
  const store = createMemoryStore();
  const time = { now: NOW };
  const clock = () => time.now;
  const ids = createIds(clock);
  const lines: string[] = [];
  const changes = createChangeLog({ store, clock, ids });
  const once = createOnce({ store, clock, ids });
  const rows = async (key: ItemKey) =>
    (await store.query({ table: key.table, partition: key.pk, limit: 1_000 })).map(({ sk }) => String(sk));
  return { store, time, changes, once, rows, lines, log: createLog((line) => lines.push(line)) };
}

const change = { requestId: 'r', author: { id: 'master', name: null }, action: 'a', subject: null, asked: null, before: null };

test('rows of changes and idempotency keys go when their time is over, and no others', async () => {
  const { time, changes, once, rows, log } = createWorld();
  const old: string[] = [];
  for (let count = 0; count < 120; count += 1) old.push(await changes.begin(change));
  await once.place('key', { key: 'old', author: 'master', body: {} });
  time.now += (CHANGE_DAYS - 5) * DAY_MS;
  const young = await changes.begin(change);
  await once.place('price', { key: 'young', author: 'master', body: {} });
  const forgetting = forgetExpired([changes, once], log);
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await rows(changeKey('2026-11', ''))).length).toBe(old.length);
  expect(await rows(onceKey('key', ''))).toEqual([]);
  expect((await rows(onceKey('price', ''))).length).toBe(1);
  time.now += 6 * DAY_MS;
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(await rows(changeKey('2026-11', ''))).toEqual([]);
  expect(await rows(changeKey('2027-12', ''))).toEqual([young]);
  expect((await rows(onceKey('price', ''))).length).toBe(1);
  await forgetting.stop();
});

test('a machine that was off for months still finds what is expired', async () => {
  const { time, changes, rows } = createWorld();
  await changes.begin(change);
  time.now += (CHANGE_DAYS + 390) * DAY_MS;
  expect(await changes.forgetExpired()).toBe(1);
  expect(await rows(changeKey('2026-11', ''))).toEqual([]);
});

test('one that fails is told, and leaves the others to theirs', async () => {
  const { once, time, rows, lines, log } = createWorld();
  await once.place('grp', { key: 'old', author: 'master', body: {} });
  time.now += 8 * DAY_MS;
  const forgetting = forgetExpired([{ forgetExpired: () => Promise.reject(new Error('away')) }, once], log);
  await vi.advanceTimersByTimeAsync(60_000);
  await forgetting.stop();
  expect(await rows(onceKey('grp', ''))).toEqual([]);
  expect(lines.join()).toContain('What is expired could not be deleted.');
});
