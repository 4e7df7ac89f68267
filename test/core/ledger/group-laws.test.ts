// Keys that share the accounts of a group and a user, on real engines, under real concurrency.
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../../functions/core/access/key-item.ts';
import { mayCall } from '../../../functions/core/access/principal.ts';
import { accountOf, changedLimits, holdsOf } from '../../../functions/core/ledger/account.ts';
import { refusalError } from '../../../functions/core/ledger/refusal.ts';
import type { Item } from '../../../functions/core/store/client.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { createParts, expectBalanced, HOLD_MS, outcomeOf, type Parts, type Time } from '../../support/gateway-parts.ts';
import { notedStore } from '../../support/noted-store.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

describe.each(ENGINES)('shared accounts on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, NOON, (fresh) => {
    ({ engine, time, here } = fresh);
  });

  const readAccount = async (id: string) => accountOf((await engine.store.get(accountKey(id)))!);

  law('a shared budget is never passed and is used up, by several keys in several processes at once', async () => {
    const groupId = await here.makeGroup({ monthlyBudget: 30n });
    const keys = await Promise.all([0, 1, 2].map(() => here.makeKey({ monthlyBudget: 1_000n }, { groupId })));
    const processes = [here, createParts(engine.store, time, 'b'), createParts(engine.store, time, 'c')];
    const admitted = await Promise.all(Array.from({ length: 45 }, (_, n) => processes[n % 3]!.call(keys[(n >> 1) % 3]!.key.id, 3n)));
    expect(admitted.filter(Boolean)).toHaveLength(10);
    expect((await readAccount(groupId)).current).toMatchObject({ committed: 30n, spent: 30n });
    let spent = 0n;
    for (const { key } of keys) spent += (await expectBalanced(here, key.id)).account.current.spent;
    expect(spent).toBe(30n);
  });

  law('a refusal says whose limit it is, and leaves nothing on the others', async () => {
    const groupId = await here.makeGroup({ monthlyBudget: 10n });
    const userId = await here.makeUser({ windows: [{ kind: 'requests', limit: 1n, count: 1, unit: 'm' }] });
    const { key } = await here.makeKey({ maxParallel: 5 }, { groupId, userId });
    const ofGroup = await here.admit(key.id, 11n);
    expect(ofGroup.refusal).toMatchObject({ limit: 'money', account: 'group', left: 10n });
    expect(refusalError(ofGroup.refusal!, time.now).message).toContain(
      "The budget of this month of the key's group is used up. Please recharge.",
    );
    expect(await here.call(key.id, 4n)).toBe(true);
    const ofUser = await here.admit(key.id, 1n);
    expect(ofUser.refusal).toMatchObject({ limit: 'window', account: 'user' });
    expect(refusalError(ofUser.refusal!, time.now).message).toContain("This key's user is limited to 1 requests per m");
    for (const id of [groupId, userId]) expect(await readAccount(id)).toMatchObject({ open: 0, current: { committed: 4n, spent: 4n } });
    expect((await here.books(key.id)).entries).toMatchObject([{ groupId, userId, cost: 4n }]);
  });

  law('what an administrator does to a group counts for the very next call', async () => {
    const groupId = await here.makeGroup({ monthlyBudget: 10n });
    const { key } = await here.makeKey({}, { groupId });
    expect([await here.call(key.id, 10n), await here.call(key.id, 1n)]).toEqual([true, false]);
    const elsewhere = createParts(engine.store, time, 'elsewhere');
    await elsewhere.groups.change(groupId, {}, (item) => changedLimits(elsewhere.ledger.view(item), { monthlyBudget: 12n }));
    expect(await here.call(key.id, 2n)).toBe(true);
    await elsewhere.groups.change(groupId, { revoked: { reason: 'project ended' } }, () => ({}));
    const { refusal } = await here.admit(key.id, 0n);
    expect(refusal).toEqual({ limit: 'revoked', reason: 'project ended', account: 'group' });
    const other = await here.makeGroup();
    await elsewhere.keys.change(key.id, { groupId: other }, () => ({}));
    expect(await here.call(key.id, 7n)).toBe(true);
    expect((await readAccount(other)).current.spent).toBe(7n);
    await elsewhere.keys.change(key.id, { groupId: null }, () => ({}));
    expect(await here.call(key.id, 1n)).toBe(true);
    expect([(await readAccount(other)).current.spent, (await readAccount(groupId)).current.spent]).toEqual([7n, 12n]);
  });

  law('a model may be allowed by the key or granted by its group, as both are when the call is admitted', async () => {
    const groupId = await here.makeGroup({}, ['granted']);
    const { key, secret } = await here.makeKey({}, { groupId, models: ['own'] });
    const found = (await here.keys.findBySecret(secret))!;
    expect(['own', 'granted', 'other'].map((name) => mayCall(found, [name]))).toEqual([true, true, false]);
    const free = await here.makeKey();
    expect(mayCall(free.key, ['other'])).toBe(true);
    await createParts(engine.store, time, 'elsewhere').groups.change(groupId, { models: [] }, () => ({}));
    const shown: boolean[] = [];
    const check = (item: Item, group: Item | undefined) => void shown.push(mayCall(keyOf(item, group), ['granted']));
    const asked = { requestId: here.ids('req'), amount: 1n, tokens: 0, smallestAmount: 1n, model: 'm', target: 't' };
    await here.ledger.admit({ ...asked, accountId: key.id, check });
    expect(shown.at(-1)).toBe(false);
  });

  law('a warm call is two writes for each account and one for the entry, and no read', async () => {
    const { store, sent } = notedStore(engine.store);
    const there = createParts(store, time, 'counted');
    const groupId = await there.makeGroup({ monthlyBudget: 100n });
    const userId = await there.makeUser();
    const { key } = await there.makeKey({}, { groupId, userId });
    await there.call(key.id, 1n);
    sent.length = 0;
    expect(await there.call(key.id, 1n)).toBe(true);
    expect(sent.toSorted()).toEqual(['putNew', ...Array(6).fill('update')]);
  });

  law('a process that dies before the key has its hold costs nobody anything, one that dies after it costs all the same', async () => {
    const groupId = await here.makeGroup({ monthlyBudget: 10n });
    const { key } = await here.makeKey({}, { groupId });
    const full = await here.admit(key.id, 6n);
    // As if the second call's process had died between the two admissions.
    const half = await here.admit(key.id, 4n);
    const { requestId, accountId: _, others: __, ...record } = half.hold!;
    await here.ledger.repair.apply(key.id, requestId, { used: { cost: 0n, tokens: 0, requests: 0 }, late: 0n });
    expect(record.parties).toEqual({ keyId: key.id, groupId, userId: null });
    time.now += HOLD_MS + 1;
    for (const id of [groupId, key.id]) {
      const item = (await engine.store.get(accountKey(id)))!;
      await here.ledger.repair.finishAbandoned(id, item);
    }
    for (const id of [groupId, key.id]) {
      const item = (await engine.store.get(accountKey(id)))!;
      expect(holdsOf(item)).toEqual([]);
      expect(accountOf(item).current).toMatchObject({ committed: 6n, spent: 6n });
    }
    // And a result that comes late corrects both.
    await here.ledger.settle(full.hold!, outcomeOf(2n, time.now));
    for (const id of [groupId, key.id]) expect((await readAccount(id)).current).toMatchObject({ committed: 2n, spent: 2n });
  });

  law('an entry has the tags of its key at that time: of a call that ended, came late, or was found dead by way of the group', async () => {
    const groupId = await here.makeGroup();
    await here.groups.change(groupId, { tags: ['of the group'] }, () => ({}));
    const { key } = await here.makeKey({}, { groupId, tags: ['red', 'x#y'] });
    await here.call(key.id, 5n);
    const late = (await here.admit(key.id, 6n)).hold!;
    await here.admit(key.id, 7n);
    time.now += HOLD_MS + 1;
    await here.ledger.repair.finishAbandoned(groupId, (await engine.store.get(accountKey(groupId)))!);
    await here.ledger.settle(late, outcomeOf(2n, time.now));
    await here.keys.change(key.id, { tags: [] }, () => ({}));
    await here.call(key.id, 8n);
    const { entries } = await here.books(key.id);
    const told = entries.map(({ cost, tags = [] }) => [cost, tags.join()]).sort(([a], [b]) => Number(a) - Number(b));
    expect(told).toEqual([
      [-4n, 'red,x#y'],
      [5n, 'red,x#y'],
      [6n, 'red,x#y'],
      [7n, 'red,x#y'],
      [8n, ''],
    ]);
  });

  law('a group that keys belong to is not removed; one that is gone refuses', async () => {
    const groupId = await here.makeGroup();
    const { key } = await here.makeKey({}, { groupId });
    expect((await here.keys.ofGroup(groupId, 10, undefined)).items.map(({ id }) => id)).toEqual([key.id]);
    await expect(here.groups.remove(groupId)).rejects.toMatchObject({ code: 'conflict' });
    await engine.store.remove(accountKey(groupId));
    const { refusal } = await createParts(engine.store, time, 'b').admit(key.id, 1n);
    expect(refusal).toEqual({ limit: 'gone', account: 'group' });
    expect(refusalError(refusal!, time.now)).toMatchObject({ code: 'permission_denied', message: "The key's group has been deleted." });
  });
});
