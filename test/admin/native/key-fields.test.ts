// Every field of a key, good and bad, on making and on changing one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../../support/admin.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
let id: string;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  id = (await admin.makeKey()).id;
});
afterAll(() => engine.close());

const family = '👩‍👩‍👧';
const amounts = ['monthlyBudget', 'balance', 'lifetimeBudget'];

const GOOD: [field: string, given: unknown, shown: unknown][] = [
  ['name', 'Ωmega 钥匙 مفتاح ключ', 'Ωmega 钥匙 مفتاح ключ'],
  ['name', `  ${family}  `, family],
  ['name', '𝒳'.repeat(200), '𝒳'.repeat(200)],
  ['email', 'someone@例え.jp', 'someone@例え.jp'],
  ['email', null, null],
  ['role', 'admin', 'admin'],
  ['tags', [], []],
  ['tags', ['b', 'a', ' b '], ['b', 'a']],
  ['tags', Array.from({ length: 50 }, (_, n) => `t${n}`), Array.from({ length: 50 }, (_, n) => `t${n}`)],
  [
    'models',
    ['claude-sonnet-4-5', 'arn:aws:bedrock:us-east-1:1:inference-profile/x'],
    ['claude-sonnet-4-5', 'arn:aws:bedrock:us-east-1:1:inference-profile/x'],
  ],
  ['maxParallel', 0, 0],
  ['maxParallel', 240, 240],
  ['maxParallel', null, null],
  ['expiresAt', '2030-01-31T12:00:00+08:00', '2030-01-31T04:00:00.000Z'],
  ['expiresAt', null, null],
  ...amounts.flatMap((field): typeof GOOD => [
    [field, null, null],
    [field, '0', '0'],
    [field, 0.1, '0.1'],
    [field, '12.500', '12.5'],
    [field, '0.000000000001', '0.000000000001'],
    [field, '999999999999.999999999999', '999999999999.999999999999'],
  ]),
];

const BAD: [field: string, given: unknown, message: string][] = [
  ['name', '', 'must not be empty'],
  ['name', '   ', 'must not be empty'],
  ['name', 'x'.repeat(201), 'must have at most 200 characters'],
  ['name', 'a\u0000b', 'must not contain control characters'],
  ['name', 'a\nb', 'must not contain control characters'],
  ['name', 'a\u2028b', 'must not contain control characters'],
  ['name', 'half \ud800 a character', 'must not contain control characters'],
  ['name', 7, 'must be a text; 7 was given'],
  ['name', null, 'must be a text; null was given'],
  ['name', ['a'], 'must be a text; a list was given'],
  ['email', 'nobody', 'must be an e-mail address; "nobody" was given'],
  ['email', `${'x'.repeat(250)}@example.com`, 'must have at most 254 characters'],
  ['email', {}, 'must be an address, or null; an object was given'],
  ['role', 'owner', 'must be "user", "auditor" or "admin"; "owner" was given'],
  ['role', null, 'must be "user", "auditor" or "admin"; null was given'],
  ['tags', 'one', 'must be a list of texts; "one" was given'],
  ['tags', Array.from({ length: 51 }, (_, n) => `t${n}`), 'must have at most 50 elements'],
  ['tags.1', ['ok', ''], 'must not be empty'],
  ['tags.0', ['x'.repeat(101)], 'must have at most 100 characters'],
  ['models', null, 'must be a list of names of models; null was given'],
  ['models', Array.from({ length: 201 }, (_, n) => `m${n}`), 'must have at most 200 elements'],
  ['models.0', [1], 'must be the name of a model; 1 was given'],
  ['maxParallel', -1, 'must be a whole number from 0 to 240, or null; -1 was given'],
  ['maxParallel', 241, 'must be a whole number from 0 to 240'],
  ['maxParallel', 1.5, 'must be a whole number from 0 to 240'],
  ['maxParallel', '3', 'must be a whole number from 0 to 240'],
  ['expiresAt', '2020-01-01T00:00:00Z', 'must be in the future; 2020-01-01T00:00:00.000Z was given'],
  ['expiresAt', '2030-01-31T12:00:00', 'must be a date and time in ISO 8601'],
  ['expiresAt', 1_900_000_000, 'must be a date and time in ISO 8601'],
  ['ttl', '5', 'must be a duration'],
  ['ttl', '0h', 'must be a duration'],
  ['ttl', 60, 'must be a duration'],
  ['ttl', null, 'must be a duration'],
  ['ttl', '999999d', 'must be at most 100 years'],
  ['owner', 'me', 'is not known here'],
  ...amounts.flatMap((field): typeof BAD => [
    [field, '-1', 'must not be negative; "-1" was given'],
    [field, -0.5, 'must not be negative; -0.5 was given'],
    [field, '1'.repeat(40), 'must be at most 1000000000000 USD'],
    [field, '0.0000000000001', 'has more than 12 decimals'],
    [field, 'ten', 'must be an amount of USD such as "12.50", or null; "ten" was given'],
    [field, '', 'must be an amount of USD'],
    [field, true, 'must be an amount of USD such as "12.50", or null; true was given'],
    [field, 0.1 + 0.2, 'write it as a string'],
  ]),
];

const bodyOf = (path: string, given: unknown) => ({ [path.split('.')[0]!]: given });

describe('a good value', () => {
  test.each(GOOD)('%s %j is taken when a key is made', async (field, given, shown) => {
    expect(await admin.makeKey(bodyOf(field, given))).toMatchObject({ [field]: shown });
  });

  test.each(GOOD)('%s %j is taken when a key is changed', async (field, given, shown) => {
    const { status, json } = await admin.ask('PATCH', `/admin/v1/keys/${id}`, bodyOf(field, given));
    expect(status).toBe(200);
    expect(json).toMatchObject({ [field]: shown });
    expect(await admin.readKey(id)).toMatchObject({ [field]: shown });
  });

  test.each([
    ['2d', '2026-11-17T12:00:00.000Z'],
    ['1h30m', '2026-11-15T13:30:00.000Z'],
  ])('a ttl of %s counts from now', async (ttl, expiresAt) => {
    expect(await admin.makeKey({ ttl })).toMatchObject({ expiresAt });
    expect((await admin.ask('PATCH', `/admin/v1/keys/${id}`, { ttl })).json).toMatchObject({ expiresAt });
  });
});

describe('a bad value', () => {
  const requests = [
    ['making', 'POST', () => '/admin/v1/keys', { name: 'bad' }],
    ['changing', 'PATCH', () => `/admin/v1/keys/${id}`, {}],
  ] as const;

  describe.each(requests)('on %s a key', (_what, method, path, rest) => {
    test.each(BAD)('%s %j is refused with its path and the reason, and nothing is written', async (field, given, message) => {
      const before = (await admin.ask('GET', '/admin/v1/keys?limit=200')).text;
      const { status, json } = await admin.ask(method, path(), { ...rest, ...bodyOf(field, given) });
      expect(status).toBe(400);
      expect(json).toMatchObject({ status: 400, errors: [{ path: field, message: expect.stringContaining(message) }] });
      expect((await admin.ask('GET', '/admin/v1/keys?limit=200')).text).toBe(before);
    });
  });

  test('every fault is told at once', async () => {
    const { json } = await admin.ask('POST', '/admin/v1/keys', { role: 'x', monthlyBudget: '-1', colour: 'red', shape: 'round' });
    expect(json).toMatchObject({
      code: 'invalid_value',
      errors: ['name', 'role', 'monthlyBudget', 'colour', 'shape'].map((path) => expect.objectContaining({ path })),
    });
  });

  test.each([
    [{ name: 'x', expiresAt: '2030-01-01', ttl: '2d' }, 'ttl cannot be given together with expiresAt.'],
    [{}, 'name is required.'],
    [{ name: 'x', secret: 'mine' }, 'secret must have 16 to 256 characters.'],
    [{ name: 'x', revoked: true }, 'revoked is not known here.'],
    [[], 'The body must be a JSON object; a list was given.'],
    ['null', 'The body must be a JSON object; null was given.'],
    ['"text"', 'The body must be a JSON object; "text" was given.'],
    ['{"name":"x","__proto__":{"role":"admin"}}', '__proto__ is not known here.'],
  ])('%j', async (body, detail) => {
    const answer = await admin.ask('POST', '/admin/v1/keys', body);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toBe(detail);
  });

  test('a list in a list in a list, a hundred thousand deep', async () => {
    const answer = await admin.ask('POST', '/admin/v1/keys', '['.repeat(100_000) + ']'.repeat(100_000));
    expect(answer.status).toBe(400);
  });

  test.each([
    [{}, 'The body must name at least one property to change.'],
    [{ revokedReason: 'why' }, 'revokedReason can only be given together with revoked: true.'],
    [{ revoked: false, revokedReason: 'why' }, 'revokedReason can only be given together with revoked: true.'],
    [{ revoked: 'yes' }, 'revoked must be true or false; "yes" was given.'],
    [{ revoked: true, revokedReason: 'expired' }, 'revokedReason is what the gateway itself writes; say it in other words.'],
  ])('a change of %j', async (body, detail) => {
    const answer = await admin.ask('PATCH', `/admin/v1/keys/${id}`, body);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toBe(detail);
  });
});
