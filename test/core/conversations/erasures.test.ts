// What deleted owners have left goes to the end, a bounded part at a time, however often a process dies; nothing of others does.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LATE_MS } from '../../../functions/core/conversations/erasures.ts';
import { accountKey, erasureKey } from '../../../functions/core/store/keys.ts';
import { createWorld, textsOf, type World } from '../../support/conversation-world.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';

let owner: string;
let other: string;

let engine: TestEngine;
let world: World;
let owners = 0;
beforeAll(async () => {
  engine = await startEngine('dynalite');
});
afterAll(() => engine.close());
beforeEach(() => {
  world = createWorld(engine.store);
  owners += 1;
  owner = `key_gone${owners}`;
  other = `key_other${owners}`;
});

const left = async (ownerId: string) => {
  const [threads, sessions] = await Promise.all([
    world.threads.ofOwner(ownerId, world.range()),
    world.sessions.ofOwner(ownerId, world.range()),
  ]);
  return [threads.items.length, sessions.items.length];
};
const isOrdered = async () => (await world.store.get(erasureKey(owner))) !== undefined;

test('a run erases as many threads as it may, and the next ones go on until nothing is left', async () => {
  for (let count = 0; count < 7; count += 1) await world.log(owner, { session: `s${count % 2}`, texts: textsOf('secret words') });
  await world.log(other, { session: 's0' });
  await world.erasures.order(owner);
  expect(await world.erasures.run(3)).toBe(3);
  expect(await left(owner)).toEqual([4, 2]);
  expect(await world.erasures.run(3)).toBe(3);
  expect(await world.erasures.run(3)).toBe(1);
  expect(await left(owner)).toEqual([0, 0]);
  expect(await left(other)).toEqual([1, 1]);
});

test('what a call that was under way logs after its key went is erased too, and then the order is over', async () => {
  await world.erasures.order(owner);
  await world.erasures.run(100);
  await world.log(owner, { session: 'late' });
  expect(await world.erasures.run(100)).toBe(1);
  expect(await left(owner)).toEqual([0, 0]);
  expect(await isOrdered()).toBe(true);
  world.time.now += LATE_MS;
  await world.erasures.run(100);
  expect(await isOrdered()).toBe(false);
});

test('an order whose owner was not deleted after all erases nothing, and is forgotten', async () => {
  await world.store.putNew(accountKey(owner), { id: owner });
  await world.log(owner, { session: 's' });
  await world.erasures.order(owner);
  expect(await world.erasures.run(100)).toBe(0);
  world.time.now += LATE_MS;
  await world.erasures.run(100);
  expect(await left(owner)).toEqual([1, 1]);
  expect(await isOrdered()).toBe(false);
});
