// Keys of before there were rows to find them by get them, a bounded part at a time; and the tally is what a count of all keys says.
import { describe, expect, it } from 'vitest';
import { createKeepKeys } from '../../../functions/core/access/keep-keys.ts';
import { createListKeys } from '../../../functions/core/access/list-keys.ts';
import type { Store } from '../../../functions/core/store/client.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, startEngine } from '../../support/engine.ts';
import { createParts } from '../../support/gateway-parts.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;

function world(store: Store = createMemoryStore()) {
  const time = { now: NOON };
  const parts = createParts(store, time);
  const keep = createKeepKeys({ store, clock: () => time.now, ids: parts.ids });
  const makeKey = async (name: string, more: object = {}, limits: object = {}) => {
    time.now += 1;
    return (await parts.makeKey(limits, { name, ...more })).key.id;
  };
  const found = async (text: string) => (await parts.keys.searched({ text, in: ['name', 'email', 'tag'] }))!;
  return { store, time, parts, keep, makeKey, found };
}

/** As a key was before: no row leads to it, and it names none. */
async function forgetRows(store: MemoryStore, id: string): Promise<void> {
  const rows = store.all('accounts').filter(({ pk, sk }) => String(pk).startsWith('FIND#') && String(sk).includes(id));
  await store.removeMany(rows.map(({ pk, sk }) => ({ table: 'accounts', pk: String(pk), sk: String(sk) })));
  await store.update(accountKey(id), {
    update: 'REMOVE #finding',
    condition: 'attribute_exists(#finding)',
    names: { '#finding': 'finding' },
    values: {},
  });
}

describe('rows', () => {
  it('of keys that have none are made so many at a time, and everything finds the key then', async () => {
    const store = createMemoryStore();
    const { keep, makeKey, found, time } = world(store);
    const ids: string[] = [];
    for (let number = 0; number < 7; number += 1)
      ids.push(await makeKey(`Needle ${number}`, { email: `n${number}@hay.example`, tags: ['old'], role: 'auditor' }));
    for (const id of ids) await forgetRows(store, id);
    const before = await Promise.all(ids.map((id) => store.get(accountKey(id))));
    expect(await found('eedle')).toEqual([]);
    const steps: number[] = [];
    // Another process goes on with the second step.
    for (const runner of [keep, createKeepKeys({ store, clock: () => time.now, ids: world().parts.ids }), keep]) {
      await runner.step(3);
      steps.push((await found('eedle')).length);
    }
    expect(steps).toEqual([3, 6, 7]);
    const list = createListKeys(store);
    const names = async (question: object) => (await list({ sort: 'name', limit: 10, ...question })).items.map(({ id }) => id);
    for (const question of [{}, { email: 'N3@hay.example' }, { tag: 'old' }, { role: 'auditor' }])
      expect(await names(question)).toEqual('email' in question ? [ids[3]] : ids);
    for (const [number, id] of ids.entries()) {
      const { finding, ...rest } = (await store.get(accountKey(id)))!;
      expect({ ...rest, finding: undefined }).toEqual({ ...before[number], finding: undefined });
      expect(finding).toMatch(/^row2_/);
    }
  });

  it('of a key that has them are left as they are', async () => {
    const store = createMemoryStore();
    const { keep, makeKey } = world(store);
    await makeKey('a key');
    const rows = () => store.all('accounts').filter(({ pk }) => String(pk).startsWith('FIND#') || String(pk).startsWith('KEY#'));
    const before = rows();
    await keep.step(10);
    expect(rows()).toEqual(before);
  });

  it('are those of whoever changed the key while they were made', async () => {
    const store = createMemoryStore();
    const { makeKey, parts, found, time } = world(store);
    const id = await makeKey('first name');
    await forgetRows(store, id);
    let isChanged = false;
    const interrupted: Store = {
      ...store,
      async putMany(items) {
        await store.putMany(items);
        if (isChanged) return;
        isChanged = true;
        await parts.keys.change(id, { name: 'second name' }, () => ({}));
      },
    };
    await createKeepKeys({ store: interrupted, clock: () => time.now, ids: parts.ids }).step(10);
    expect([await found('second'), await found('first')]).toEqual([[id], []]);
  });

  it('hurry until the first round is over, and while there is something to make', async () => {
    const store = createMemoryStore();
    const { keep, makeKey } = world(store);
    const ids = [await makeKey('a'), await makeKey('b'), await makeKey('c')];
    expect([await keep.step(2), await keep.step(2)]).toEqual([true, false]);
    expect([await keep.step(2), await keep.step(2)]).toEqual([false, false]);
    await forgetRows(store, ids[0]!);
    expect([await keep.step(2), await keep.step(2)]).toEqual([true, false]);
  });
});

describe.each(ENGINES)('the tally on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;

  law('is unknown until a round is over, and follows every change from then on', async () => {
    const engine = await startEngine(kind);
    const { parts, keep, makeKey, time } = world(engine.store);
    const { tally } = parts.keys;
    const count = async () => {
      const { keys, revoked, budget } = (await tally.read())!;
      return [keys, revoked, budget];
    };
    const first = await makeKey('first', {}, { monthlyBudget: 5n });
    expect(await tally.read()).toBeUndefined();
    await keep.step(10);
    expect(await count()).toEqual([1, 0, 5n]);
    const second = await makeKey('second', {}, { monthlyBudget: 7n });
    expect(await count()).toEqual([2, 0, 12n]);
    await parts.keys.change(first, { revoked: { reason: 'lost' } }, () => ({ monthlyBudget: 6n }));
    expect(await count()).toEqual([2, 1, 13n]);
    await parts.keys.change(first, { name: 'other' }, () => ({}));
    expect(await count()).toEqual([2, 1, 13n]);
    await parts.keys.remove(first);
    expect(await count()).toEqual([1, 0, 7n]);
    expect(await tally.madeThisWeek()).toBe(1);
    time.now += 8 * DAY;
    await makeKey('third');
    expect(await tally.madeThisWeek()).toBe(1);
    await parts.keys.remove(second);
    expect(await count()).toEqual([1, 0, 0n]);
    await engine.close();
  });

  law('counts what is changed behind a round that is under way, and what it has yet to reach, once', async () => {
    const engine = await startEngine(kind);
    const { parts, keep, makeKey } = world(engine.store);
    const ids: string[] = [];
    for (let number = 0; number < 5; number += 1) ids.push(await makeKey(`key ${number}`, {}, { monthlyBudget: 1n }));
    await keep.step(3);
    await parts.keys.remove(ids[0]!);
    await parts.keys.change(ids[1]!, {}, () => ({ monthlyBudget: 10n }));
    await parts.keys.change(ids[4]!, { revoked: { reason: 'lost' } }, () => ({ monthlyBudget: 100n }));
    await makeKey('late', {}, { monthlyBudget: 1_000n });
    await keep.step(3);
    await keep.step(3);
    expect(await parts.keys.tally.read()).toMatchObject({ keys: 5, revoked: 1, budget: 1_112n });
    await engine.close();
  });
});

it('a tally that drifted is right again after a round', async () => {
  const { store, parts, keep, makeKey } = world();
  for (const name of ['a', 'b', 'c']) await makeKey(name);
  await keep.step(10);
  const lost = await makeKey('lost');
  await store.remove(accountKey(lost));
  expect(await parts.keys.tally.read()).toMatchObject({ keys: 4 });
  await keep.step(10);
  expect(await parts.keys.tally.read()).toMatchObject({ keys: 3 });
});
