// A key gets another secret, and what it has had ends now or after its grace. A secret can be chosen.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hashSecret } from '../../functions/core/access/secret.ts';
import { secretKey } from '../../functions/core/store/keys.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

const KEYS = '/admin/v1/keys';
let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  admin = createAdmin(engine.store);
});

const statusFor = async (secret: string, gateway = admin) =>
  (await gateway.ask('GET', '/me/key', undefined, { authorization: `Bearer ${secret}` })).status;
const rotate = (id: string, body: object = {}) => admin.ask('POST', `${KEYS}/${id}/rotate`, body);

test('without a grace the new secret works and the old one ends at once', async () => {
  const { id, secret, ...key } = await admin.makeKey({ name: 'a', tags: ['t'], monthlyBudget: '5' });
  expect(await statusFor(secret)).toBe(200);
  const { status, json } = await rotate(id);
  expect(status).toBe(200);
  expect(json).toEqual({ ...key, id, secret: json.secret, secretHint: json.secretHint, updatedAt: json.updatedAt });
  expect(json.secret).not.toBe(secret);
  expect([await statusFor(json.secret), await statusFor(secret)]).toEqual([200, 401]);
  expect(await engine.store.get(secretKey(hashSecret(secret)))).toBeUndefined();
});

test('with a grace both work until it is over', async () => {
  const { id, secret } = await admin.makeKey();
  const { json } = await rotate(id, { grace: '24h' });
  admin.time.now += 86_399_999;
  expect([await statusFor(json.secret), await statusFor(secret)]).toEqual([200, 200]);
  admin.time.now += 1;
  expect([await statusFor(json.secret), await statusFor(secret)]).toEqual([200, 401]);
});

test('a rotation without a grace ends those that were still in theirs', async () => {
  const first = await admin.makeKey();
  const second = (await rotate(first.id, { grace: '24h' })).json;
  const third = (await rotate(first.id, { grace: '24h' })).json;
  expect(await Promise.all([first, second, third].map(({ secret }) => statusFor(secret)))).toEqual([200, 200, 200]);
  const last = (await rotate(first.id)).json;
  expect(await Promise.all([first, second, third, last].map(({ secret }) => statusFor(secret)))).toEqual([401, 401, 401, 200]);
});

test('another process that knew the key takes the new secret at once, and the old one no longer than its copy', async () => {
  const { id, secret } = await admin.makeKey();
  const other = createAdmin(engine.store);
  expect(await statusFor(secret, other)).toBe(200);
  const { json } = await rotate(id);
  expect(await statusFor(json.secret, other)).toBe(200);
  other.time.now += 10_000;
  expect(await statusFor(secret, other)).toBe(401);
});

test('deleting the key ends every secret of it', async () => {
  const { id, secret } = await admin.makeKey();
  const { json } = await rotate(id, { grace: '1h' });
  await admin.ask('DELETE', `${KEYS}/${id}`);
  expect([await statusFor(json.secret), await statusFor(secret)]).toEqual([401, 401]);
  expect(await engine.store.get(secretKey(hashSecret(secret)))).toBeUndefined();
});

test.each([{ grace: '91d' }, { grace: 'soon' }, { grace: 5 }, { secret: 'x'.repeat(20) }])('%o is refused', async (body) => {
  const { id, secret } = await admin.makeKey();
  expect((await rotate(id, body)).status).toBe(400);
  expect(await statusFor(secret)).toBe(200);
});

test('a key that is not there cannot be rotated', async () => {
  expect((await rotate('key_0000000000000000000000')).status).toBe(404);
  expect((await rotate('nobody')).status).toBe(404);
});

test('a secret that was chosen works at once, although it was refused a moment before', async () => {
  const secret = 'br-chosen-by-somebody-1';
  expect(await statusFor(secret)).toBe(401);
  const made = await admin.makeKey({ secret });
  expect(made).toMatchObject({ secret, secretHint: 'br-…y-1' });
  expect(await statusFor(secret)).toBe(200);
});

test('a secret that is taken is refused, and nothing is made', async () => {
  const secret = 'br-chosen-by-somebody-2';
  await admin.makeKey({ secret });
  const { status, json } = await admin.ask('POST', KEYS, { name: 'thief', secret });
  expect([status, json.code]).toEqual([409, 'conflict']);
  expect((await admin.ask('GET', `${KEYS}?q=thief`)).json.items).toEqual([]);
});

test.each([
  'short',
  'with a blank in it',
  'x'.repeat(257),
  `sk-oc-${'a'.repeat(38)}`,
  'eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl',
  'ümlaute-are-no-ascii',
  5,
])('the secret %s cannot be chosen', async (secret) => {
  const { status, json } = await admin.ask('POST', KEYS, { name: 'x', secret });
  expect(status).toBe(400);
  expect(json.errors).toEqual([{ path: 'secret', message: expect.any(String) }]);
});
