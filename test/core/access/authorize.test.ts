import { beforeEach, describe, expect, it } from 'vitest';
import { createAuthorize, isSameSecret, secretOf } from '../../../functions/core/access/authorize.ts';
import { mayCall } from '../../../functions/core/access/principal.ts';
import { createSecret } from '../../../functions/core/access/secret.ts';
import type { Store } from '../../../functions/core/store/client.ts';
import { createParts, type Parts, type Time } from '../../support/gateway-parts.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const MASTER = 'the-master-key';

describe('who is calling', () => {
  let time: Time;
  let here: Parts;
  let reads: string[];
  let authorize: ReturnType<typeof createAuthorize>;

  beforeEach(() => {
    time = { now: Date.UTC(2026, 10, 20) };
    reads = [];
    const memory = createMemoryStore();
    const counted: Store = {
      ...memory,
      get(key) {
        reads.push(key.sk);
        return memory.get(key);
      },
    };
    here = createParts(counted, time);
    authorize = createAuthorize({ keys: here.keys, masterKey: async () => MASTER, clock: () => time.now });
  });

  it('is the master by the master key, without a look at the database', async () => {
    expect(await authorize(MASTER)).toEqual({ kind: 'master' });
    expect(reads).toEqual([]);
  });

  it('is the key of a secret, read once and then from the copy', async () => {
    const { key, secret } = await here.makeKey();
    expect(await authorize(secret)).toEqual({ kind: 'key', key });
    expect(reads).toEqual(['SECRET', 'ACCOUNT']);
    await authorize(secret);
    expect(reads).toHaveLength(2);
  });

  it.each<[string, (secret: string) => string | undefined]>([
    ['no secret', () => undefined],
    ['an empty secret', () => ''],
    ['a mistyped secret', (secret) => (secret.endsWith('0') ? `${secret.slice(0, -1)}1` : `${secret.slice(0, -1)}0`)],
    ['an overlong one', () => 'x'.repeat(300)],
  ])('is nobody with %s, and the database is not asked', async (_what, given) => {
    const { secret } = await here.makeKey();
    await expect(authorize(given(secret))).rejects.toMatchObject({ code: 'invalid_api_key', status: 401 });
    expect(reads).toEqual([]);
  });

  it('is nobody with a secret that was never given out', async () => {
    await expect(authorize(createSecret())).rejects.toMatchObject({ code: 'invalid_api_key' });
    expect(reads).toEqual(['SECRET']);
  });

  it('is nobody with a revoked key, and hears why', async () => {
    const { key, secret } = await here.makeKey();
    await here.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
    await expect(authorize(secret)).rejects.toMatchObject({ code: 'key_revoked', message: 'The key has been revoked: lost.' });
  });

  it('is nobody with a key whose time is over, from that very moment', async () => {
    const { secret } = await here.makeKey({}, { expiresAt: time.now + 10 });
    time.now += 9;
    await authorize(secret);
    time.now += 1;
    await expect(authorize(secret)).rejects.toMatchObject({ code: 'key_expired' });
  });

  it('is nobody with a deleted key', async () => {
    const { key, secret } = await here.makeKey();
    await here.keys.remove(key.id);
    await expect(authorize(secret)).rejects.toMatchObject({ code: 'invalid_api_key' });
  });
});

describe('the secret of a request', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['none', {}, undefined],
    ['a bearer token', { authorization: 'Bearer sk-1' }, 'sk-1'],
    ['a bearer token in any case, with room', { authorization: 'bearer   sk-1  ' }, 'sk-1'],
    ['x-api-key', { 'x-api-key': ' sk-2 ' }, 'sk-2'],
    ['x-api-key before the bearer token', { 'x-api-key': 'sk-2', authorization: 'Bearer sk-1' }, 'sk-2'],
    ['an empty x-api-key and a bearer token', { 'x-api-key': ' ', authorization: 'Bearer sk-1' }, 'sk-1'],
    ['another scheme', { authorization: 'Basic sk-1' }, undefined],
    ['a bearer of two words', { authorization: 'Bearer sk-1 sk-2' }, undefined],
  ])('%s', (_what, headers, secret) => {
    expect(secretOf((name) => headers[name])).toBe(secret);
  });

  it('is compared whole', () => {
    expect([isSameSecret('a', 'a'), isSameSecret('a', 'ab'), isSameSecret('', 'a')]).toEqual([true, false, false]);
  });
});

describe('what a principal may do', () => {
  it.each([
    [[], ['a'], true],
    [['a', 'b'], ['x', 'b'], true],
    [['a'], ['b'], false],
    [['a'], [], false],
  ])('a key for %j may call %j: %s', async (models, names, may) => {
    const { key } = await createParts(createMemoryStore(), { now: 0 }).makeKey({}, { models });
    expect(mayCall(key, names)).toBe(may);
  });
});
