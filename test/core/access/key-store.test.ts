import { describe, expect, it } from 'vitest';
import { keyOf } from '../../../functions/core/access/key-item.ts';
import { hashSecret } from '../../../functions/core/access/secret.ts';
import { accountKey, secretKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, startEngine, type TestEngine } from '../../support/engine.ts';
import { createParts, type Parts, type Time } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

describe.each(ENGINES)('keys on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, Date.UTC(2026, 10, 20), (fresh) => {
    ({ engine, time, here } = fresh);
  });

  law('a key is found by its secret, which is nowhere in the database', async () => {
    const fields = { name: '小李 📦', email: 'li@example.com', tags: ['a', 'ü'], models: ['m'], role: 'admin' as const };
    const { key, secret } = await here.makeKey({ monthlyBudget: 10n ** 30n }, fields);
    expect(await createParts(engine.store, time).keys.findBySecret(secret)).toEqual(key);
    expect(key).toMatchObject(fields);
    const item = await engine.store.get(accountKey(key.id));
    expect(JSON.stringify(item, (_name, value) => String(value))).not.toContain(secret);
    expect(item).toMatchObject({ monthlyBudget: 10n ** 30n, secretHash: hashSecret(secret) });
  });

  law('a secret belongs to one key', async () => {
    const account = (await here.makeKey()).item;
    const input = { name: 'b', email: null, role: 'user' as const, tags: [], models: [], expiresAt: null };
    await here.keys.create(input, account, `chosen-${kind}`);
    await expect(here.keys.create(input, account, `chosen-${kind}`)).rejects.toMatchObject({ code: 'conflict', status: 409 });
  });

  law('a chosen secret that is somebody’s already rotates nothing', async () => {
    const [one, other] = [await here.makeKey(), await here.makeKey()];
    await expect(here.keys.rotate(one.key.id, null, { secret: other.secret })).rejects.toMatchObject({ code: 'conflict' });
    const found = await Promise.all([one, other].map(({ secret }) => here.keys.findBySecret(secret)));
    expect(found.map((key) => key?.id)).toEqual([one.key.id, other.key.id]);
  });

  law('a change changes what it names, and leaves the rest', async () => {
    const { key } = await here.makeKey({}, { tags: ['a'], expiresAt: time.now + 5 });
    time.now += 1;
    const changed = keyOf(await here.keys.change(key.id, { name: 'new', expiresAt: null }, () => ({})));
    expect(changed).toEqual({ ...key, name: 'new', expiresAt: null, updatedAt: time.now, version: 2n });
  });

  law('a revocation can be taken back', async () => {
    const { key } = await here.makeKey();
    expect(keyOf(await here.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}))).revoked).toEqual({
      at: time.now,
      reason: 'lost',
    });
    expect(keyOf(await here.keys.change(key.id, { revoked: null }, () => ({}))).revoked).toBeNull();
  });

  law('many changes at once all happen, one after the other', async () => {
    const { key } = await here.makeKey();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(
      names.map((name) => here.keys.change(key.id, { name }, (item) => ({ counted: ((item.counted as bigint) ?? 0n) + 1n }))),
    );
    expect(await here.keys.read(key.id)).toMatchObject({ counted: 6n, version: 7n });
  });

  law('a key that is not there is not found, and not made by a change', async () => {
    await expect(here.keys.read('key_none')).rejects.toMatchObject({ code: 'not_found', status: 404 });
    const { key, item } = await here.makeKey();
    const elsewhere = createParts(engine.store, time);
    const changing = here.keys.change(key.id, { name: 'x' }, (read) => {
      expect(read).toEqual({ ...item, ...accountKeyOf(key.id) });
      return {};
    });
    await Promise.allSettled([changing, elsewhere.keys.remove(key.id)]);
    expect(await engine.store.get(accountKey(key.id))).toBeUndefined();
  });

  law('a removed key leaves neither itself nor the way to it', async () => {
    const { key, secret } = await here.makeKey();
    await here.keys.remove(key.id);
    expect(await here.keys.findBySecret(secret)).toBeUndefined();
    expect(await engine.store.get(secretKey(hashSecret(secret)))).toBeUndefined();
  });

  law('lists come newest first, page after page', async () => {
    const other = missing ? undefined : await startEngine(kind);
    const parts = createParts(other!.store, time);
    const made: string[] = [];
    for (let number = 0; number < 5; number += 1) {
      time.now += 1;
      made.unshift((await parts.makeKey()).key.id);
    }
    const idsOf = async (limit: number, after?: string) => (await parts.keys.list(limit, after)).map(({ id }) => id);
    expect([await idsOf(2), await idsOf(2, made[1]), await idsOf(2, made[3])]).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
    await other!.close();
  });
});

function accountKeyOf(id: string) {
  const { pk, sk } = accountKey(id);
  return { pk, sk };
}
