// /me: who the caller is here, and his own key and no other.
import { beforeEach, expect, test } from 'vitest';
import type { SignedIn } from '../../functions/core/access/principal.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const ADA: SignedIn = {
  id: 'u-1',
  name: 'Ada',
  email: 'ada@example.com',
  hasVerifiedEmail: true,
  role: 'auditor',
  expiresAt: Date.UTC(2027, 0, 1),
};
const TOKEN = 'eyJh.e30.c2ln';

let admin: AdminGateway;
beforeEach(() => {
  admin = createAdmin(createMemoryStore(), { verifyToken: async () => ADA });
});
const as = (secret: string) => ({ authorization: `Bearer ${secret}` });

test('tells the master key, a key and a signed-in user who they are', async () => {
  const { id, secret } = await admin.makeKey({ name: 'mine', email: 'bob@example.com', ttl: '1d' });
  expect((await admin.ask('GET', '/me/principal')).json).toEqual({
    kind: 'master',
    role: 'master',
    id: null,
    name: null,
    email: null,
    expiresAt: null,
  });
  const { json } = await admin.ask('GET', '/me/principal', undefined, as(secret));
  expect(json).toEqual({ kind: 'key', role: 'user', id, name: 'mine', email: 'bob@example.com', expiresAt: '2026-11-16T12:00:00.000Z' });
  const user = { kind: 'user', role: 'auditor', id: 'u-1', name: 'Ada', email: 'ada@example.com', expiresAt: '2027-01-01T00:00:00.000Z' };
  expect((await admin.ask('GET', '/me/principal', undefined, as(TOKEN))).json).toEqual(user);
});

test('shows a key to its holder as an admin sees it, without its secret', async () => {
  const { id, secret } = await admin.makeKey({ name: 'mine', monthlyBudget: '20' });
  await admin.makeKey({ name: 'other' });
  const { status, json, text } = await admin.ask('GET', '/me/key', undefined, as(secret));
  expect([status, json.remaining]).toEqual([200, '20']);
  expect(json).toEqual(await admin.readKey(id));
  expect(text).not.toContain(secret);
});

test('has no key to show to who comes without one', async () => {
  expect((await admin.ask('GET', '/me/key', undefined, as(TOKEN))).json).toMatchObject({
    status: 404,
    detail: expect.stringContaining('No key carries your address'),
  });
  expect((await admin.ask('GET', '/me/key')).json).toMatchObject({
    status: 403,
    detail: 'The master key has nothing of its own. Use a key.',
  });
});
