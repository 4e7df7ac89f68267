// BricksLLM's keys: the literal shapes, what is refused and how, and what a change changes.
import { beforeEach, describe, expect, test } from 'vitest';
import { hashSecret } from '../../../functions/core/access/secret.ts';
import { type AdminGateway, createAdmin, NOON } from '../../support/admin.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const KEYS = '/api/key-management/keys';
const SECRET = 'my-secret-of-17ch';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let admin: AdminGateway;
beforeEach(() => {
  admin = createAdmin(createMemoryStore());
});

type BricksKey = Record<string, unknown> & { keyId: string };
const asked = async (method: string, path: string, body?: unknown) => {
  const { status, json, text } = await admin.ask(method, path, body);
  return { status, json: json as unknown as BricksKey, text };
};
const make = async (more: object = {}) => {
  const { status, json, text } = await asked('PUT', KEYS, { name: 'spike', key: SECRET, ...more });
  if (status !== 200) throw new Error(text);
  return json;
};
const change = (key: BricksKey, body: object) => asked('PATCH', `${KEYS}/${key.keyId}`, body);

const WHOLE = {
  tags: ['org-tag-12345'],
  costLimitInUsd: 5.5,
  costLimitInUsdOverTime: 2,
  costLimitInUsdUnit: 'd',
  rateLimitOverTime: 2,
  rateLimitUnit: 'm',
  ttl: '48h',
};

describe('a key', () => {
  test('is made with limits and shown in the literal shape, its secret as a hash only', async () => {
    const { status, json, text } = await asked('PUT', KEYS, { name: 'spike', key: SECRET, ...WHOLE });
    expect(status).toBe(200);
    expect(json).toEqual({
      name: 'spike',
      createdAt: NOON / 1000,
      updatedAt: NOON / 1000,
      keyId: expect.stringMatching(UUID),
      revoked: false,
      key: hashSecret(SECRET),
      revokedReason: '',
      ...WHOLE,
    });
    expect(text).not.toContain(SECRET);
  });

  test('is the same key in the native interface, by the same id in other letters', async () => {
    await make(WHOLE);
    const { items } = (await admin.ask('GET', '/admin/v1/keys')).json;
    expect(items).toMatchObject([
      {
        name: 'spike',
        lifetimeBudget: '5.5',
        monthlyBudget: null,
        expiresAt: '2026-11-17T12:00:00.000Z',
        windows: [
          { kind: 'requests', limit: 2, per: '1m' },
          { kind: 'cost', limit: '2', per: '1d' },
        ],
      },
    ]);
    expect((await change({ keyId: items[0]!.id }, { name: 'other' })).json.name).toBe('other');
  });

  test('is made and changed by the bodies of its own quick start, provider settings and all', async () => {
    const first = {
      ...{ name: 'My Secret Key', key: 'my-secret-key', tags: ['mykey'], settingIds: ['98daa3ae-961d-4253-bf6a-322a32fdca3d'] },
      ...{
        rateLimitOverTime: 2,
        rateLimitUnit: 'm',
        costLimitInUsd: 0.25,
        shouldLogRequest: true,
        rotationEnabled: false,
        allowedPaths: [],
      },
    };
    const { status, json } = await asked('PUT', KEYS, first);
    expect([status, json.rateLimitOverTime, json.costLimitInUsd]).toEqual([200, 2, 0.25]);
    // Its clients name every field, nothing for those they leave alone.
    const nulls = { name: null, tags: null, revoked: null, revokedReason: null, costLimitInUsd: null, ttl: null, policyId: null };
    expect((await change(json, { ...nulls, settingId: '98daa3ae' })).json).toEqual(json);
  });

  test('without limits has none: amounts of 0, empty units', async () => {
    expect(await make()).toMatchObject({
      ...{ tags: [], ttl: '', costLimitInUsd: 0, costLimitInUsdOverTime: 0, costLimitInUsdUnit: '' },
      ...{ rateLimitOverTime: 0, rateLimitUnit: '' },
    });
    expect((await admin.ask('GET', '/admin/v1/keys')).json.items[0]).toMatchObject({ lifetimeBudget: null, windows: [], expiresAt: null });
  });

  test('takes amounts as texts too, as its documents have them', async () => {
    const key = await make({
      costLimitInUsd: '5.5',
      costLimitInUsdOverTime: '2',
      costLimitInUsdUnit: 'h',
      rateLimitOverTime: '2',
      rateLimitUnit: 's',
    });
    expect(key).toMatchObject({ costLimitInUsd: 5.5, costLimitInUsdOverTime: 2, costLimitInUsdUnit: 'h', rateLimitOverTime: 2 });
  });

  test('never shows more of a chosen secret than a third', async () => {
    await make({ key: 'x1-y2-z3' });
    const { text } = await admin.ask('GET', '/admin/v1/keys');
    expect(text).toContain('"secretHint":"x…3"');
  });

  test.each([
    ['2d', '48h'],
    ['48h', '48h'],
    ['90m', '1h30m'],
    ['1h30m', '1h30m'],
    ['48h0m0s', '48h'],
  ])('with a ttl of %s closes after it, with its reason', async (ttl, shown) => {
    const key = await make({ tags: ['t'], ttl });
    expect(key.ttl).toBe(shown);
    admin.time.now += ttl.startsWith('90') || ttl.startsWith('1h') ? 5_400_000 : 172_800_000;
    expect((await asked('GET', `${KEYS}?tag=t`)).json).toMatchObject([
      { revoked: true, revokedReason: 'Key has expired or exceeded set spend limit' },
    ]);
  });

  test('that is deleted is gone', async () => {
    const key = await make({ tags: ['t'] });
    expect(await asked('DELETE', `${KEYS}/${key.keyId}`)).toMatchObject({ status: 200, text: '' });
    expect((await asked('GET', `${KEYS}?tag=t`)).text).toBe('[]');
    expect((await asked('DELETE', `${KEYS}/${key.keyId}`)).status).toBe(404);
  });
});

describe('what is refused', () => {
  test.each<[string, object, string[]]>([
    ['no name', { key: SECRET }, ['name']],
    ['neither name nor key', {}, ['name', 'key']],
    ['an empty name', { name: ' ', key: SECRET }, ['name']],
    ['a short secret', { name: 'n', key: '1234567' }, ['key']],
    ['a secret with blanks', { name: 'n', key: 'my secret of blanks' }, ['key']],
    ['a mistyped key of ours', { name: 'n', key: `sk-oc-${'0'.repeat(38)}` }, ['key']],
    ['what looks like a sign-in token', { name: 'n', key: 'eyJh.e30.c2ln' }, ['key']],
    ['an empty tag', { name: 'n', key: SECRET, tags: [''] }, ['tags']],
    ['a negative amount', { name: 'n', key: SECRET, costLimitInUsd: -1 }, ['costLimitInUsd']],
    ['half a request', { name: 'n', key: SECRET, rateLimitOverTime: 1.5, rateLimitUnit: 'm' }, ['rateLimitOverTime']],
    ['an unknown unit', { name: 'n', key: SECRET, rateLimitOverTime: 1, rateLimitUnit: 'w' }, ['rateLimitUnit']],
    ['a unit without its amount', { name: 'n', key: SECRET, rateLimitUnit: 'm' }, ['rateLimitOverTime']],
    ['an amount without its unit', { name: 'n', key: SECRET, rateLimitOverTime: 2 }, ['rateLimitUnit']],
    ['a cost unit without its amount', { name: 'n', key: SECRET, costLimitInUsdUnit: 'd' }, ['costLimitInUsdOverTime']],
    ['an amount of cost without its unit', { name: 'n', key: SECRET, costLimitInUsdOverTime: 2 }, ['costLimitInUsdUnit']],
    ['an amount of 0 with a unit', { name: 'n', key: SECRET, rateLimitOverTime: 0, rateLimitUnit: 'm' }, ['rateLimitOverTime']],
    ['a ttl that is none', { name: 'n', key: SECRET, ttl: 'soon' }, ['ttl']],
    ['a ttl past all dates', { name: 'n', key: SECRET, ttl: '999999999w' }, ['ttl']],
    ['paths that would not be restricted', { name: 'n', key: SECRET, allowedPaths: [{ path: '/a', method: 'GET' }] }, ['allowedPaths']],
  ])('%s', async (_case, body, names) => {
    const { status, json } = await asked('PUT', KEYS, body);
    expect(status).toBe(400);
    expect(json).toEqual({
      type: '/errors/validation',
      title: 'key validation failed',
      status: 400,
      detail: expect.stringMatching(new RegExp(`^fields \\[${names.join(', ')}\\] are invalid`)),
      instance: KEYS,
    });
  });

  test('a list without a tag', async () => {
    expect(await asked('GET', KEYS)).toMatchObject({
      status: 400,
      json: { type: '/errors/missing-query-tag', status: 400, instance: KEYS },
    });
  });

  test('what is not JSON, in the same envelope', async () => {
    expect(await asked('PUT', KEYS, '{')).toMatchObject({ status: 400, json: { type: '/errors/json-unmarshal', status: 400 } });
    expect(await asked('PUT', KEYS, [])).toMatchObject({ status: 400, json: { type: '/errors/validation' } });
  });

  test('a secret that another key has', async () => {
    await make();
    expect(await asked('PUT', KEYS, { name: 'again', key: SECRET })).toMatchObject({
      status: 409,
      json: { type: '/errors/key-manager', status: 409 },
    });
  });

  test('an unknown key, by whatever name', async () => {
    for (const id of ['550e8400-e29b-41d4-a716-446655440000', 'nonsense', `key_${'0'.repeat(22)}`]) {
      expect(await asked('PATCH', `${KEYS}/${id}`, { name: 'x' })).toMatchObject({
        status: 404,
        json: { type: '/errors/not-found', status: 404, instance: `${KEYS}/${id}` },
      });
    }
  });

  test('whoever may not, in the same envelope', async () => {
    const { secret } = await admin.makeKey();
    const headers = { authorization: '', 'x-api-key': secret };
    expect(await admin.ask('GET', `${KEYS}?tag=t`, undefined, headers)).toMatchObject({ status: 403, json: { type: '/errors/forbidden' } });
    expect(await admin.ask('GET', `${KEYS}?tag=t`, undefined, { authorization: '' })).toMatchObject({
      status: 401,
      json: { type: '/errors/unauthorized', instance: KEYS },
    });
  });
});

describe('a list', () => {
  test('is of the keys with the tag, and [] where there are none', async () => {
    const a = await make({ key: 'secret-of-a', name: 'a', tags: ['one', 'two'] });
    const b = await make({ key: 'secret-of-b', name: 'b', tags: ['one'] });
    const namesOf = async (query: string) =>
      ((await asked('GET', `${KEYS}?${query}`)).json as unknown as BricksKey[]).map(({ name }) => name);
    expect((await namesOf('tag=one')).sort()).toEqual(['a', 'b']);
    expect(await namesOf('tags=one&tags=two')).toEqual(['a']);
    expect(await namesOf(`keyIds=${b.keyId}&keyIds=${a.keyId}&tag=two`)).toEqual(['a']);
    expect((await asked('GET', `${KEYS}?tag=three`)).text).toBe('[]');
  });

  test('by the later question has pages, an order and a count', async () => {
    for (const name of ['a', 'b', 'c']) {
      await make({ key: `secret-of-${name}`, name, tags: [name === 'b' ? 'even' : 'odd'] });
      admin.time.now += 1_000;
    }
    const query = async (body: object) => {
      const { keys, count } = (await asked('POST', '/api/v2/key-management/keys', body)).json as unknown as {
        keys: BricksKey[];
        count: number;
      };
      return [keys.map(({ name }) => name).join(''), count];
    };
    expect(await query({ limit: 2 })).toEqual(['cb', 0]);
    expect(await query({ limit: 2, offset: 2, returnCount: true })).toEqual(['a', 3]);
    expect(await query({ order: 'asc' })).toEqual(['abc', 0]);
    expect(await query({ tags: ['odd'], returnCount: true })).toEqual(['ca', 2]);
    expect(await query({ name: 'B' })).toEqual(['b', 0]);
    expect(await query({ revoked: true })).toEqual(['', 0]);
  });
});

describe('a change', () => {
  test('changes what is named and leaves the rest', async () => {
    const key = await make(WHOLE);
    admin.time.now += 60_000;
    const { status, json } = await change(key, { name: 'newer', tags: ['x'] });
    expect(status).toBe(200);
    expect(json).toEqual({ ...key, name: 'newer', tags: ['x'], updatedAt: NOON / 1000 + 60 });
  });

  test('takes limits away: an amount of 0, an empty ttl', async () => {
    const key = await make(WHOLE);
    const none = { costLimitInUsd: 0, costLimitInUsdOverTime: 0, costLimitInUsdUnit: '', rateLimitOverTime: 0, rateLimitUnit: '', ttl: '' };
    expect((await change(key, none)).json).toMatchObject(none);
  });

  test('of one half of a limit keeps the other', async () => {
    const key = await make(WHOLE);
    expect((await change(key, { rateLimitOverTime: 7 })).json).toMatchObject({ rateLimitOverTime: 7, rateLimitUnit: 'm' });
    expect((await change(key, { rateLimitUnit: 'h' })).json).toMatchObject({
      rateLimitOverTime: 7,
      rateLimitUnit: 'h',
      costLimitInUsdOverTime: 2,
    });
    const bare = await make({ key: 'another-secret' });
    expect((await change(bare, { rateLimitOverTime: 7 })).json).toMatchObject({
      type: '/errors/validation',
      detail: expect.stringContaining('[rateLimitUnit]'),
    });
  });

  test('leaves windows alone that BricksLLM has no words for', async () => {
    const key = await make(WHOLE);
    const { items } = (await admin.ask('GET', '/admin/v1/keys')).json;
    const id = items[0]!.id;
    const windows = [
      { kind: 'requests', limit: 2, per: '1m' },
      { kind: 'requests', limit: 9, per: '1d' },
      { kind: 'tokens', limit: 100, per: '5m' },
    ];
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, { windows });
    expect((await change(key, { rateLimitOverTime: 3 })).json).toMatchObject({ rateLimitOverTime: 3, rateLimitUnit: 'm' });
    expect((await admin.readKey(id)).windows).toMatchObject([
      { kind: 'requests', limit: 3, per: '1m' },
      { kind: 'requests', limit: 9, per: '1d' },
      { kind: 'tokens', limit: 100, per: '5m' },
    ]);
    expect((await change(key, { rateLimitUnit: 'd' })).json).toMatchObject({ rateLimitOverTime: 3, rateLimitUnit: 'd' });
    expect((await admin.readKey(id)).windows).toMatchObject([{ limit: 3, per: '1d' }, { kind: 'tokens' }]);
  });

  test('revokes with a reason and restores', async () => {
    const key = await make();
    expect((await change(key, { revoked: true, revokedReason: 'abuse' })).json).toMatchObject({ revoked: true, revokedReason: 'abuse' });
    await expect(admin.keys.findBySecret(SECRET)).resolves.toMatchObject({ revoked: { reason: 'abuse' } });
    expect((await change(key, { revokedReason: 'left' })).json).toMatchObject({ revoked: true, revokedReason: 'left' });
    expect((await change(key, { revoked: false })).json).toMatchObject({ revoked: false, revokedReason: '' });
    expect((await change(key, { revokedReason: 'x' })).status).toBe(400);
  });

  test('of an expired key needs a later ttl, which counts from its beginning', async () => {
    const key = await make({ ttl: '1h' });
    admin.time.now += 7_200_000;
    expect((await change(key, { revoked: false })).status).toBe(400);
    expect((await change(key, { revoked: false, ttl: '3h' })).json).toMatchObject({ revoked: false, ttl: '3h' });
  });

  test('cannot be of the secret', async () => {
    expect((await change(await make(), { key: 'another-secret' })).json).toMatchObject({ type: '/errors/validation' });
  });
});
