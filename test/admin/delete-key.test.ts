// A key that is deleted, by whichever interface, takes its threads and sessions along; what it spent stays in the journal.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { erasureKey } from '../../functions/core/store/keys.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { createWorld, textsOf } from '../support/conversation-world.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
let log: ReturnType<typeof createWorld>['log'];
beforeAll(async () => {
  engine = await startEngine('dynalite');
});
afterAll(() => engine.close());
beforeEach(() => {
  admin = createAdmin(engine.store);
  ({ log } = createWorld(engine.store, admin.blobs));
});

const threadsOf = async (keyId: string) => (await admin.ask('GET', `/admin/v1/threads?keyId=${keyId}`)).json.items.length;
const sessionsOf = async (keyId: string) => (await admin.ask('GET', `/admin/v1/sessions?keyId=${keyId}`)).json.items.length;
const LARGE = 'x'.repeat(150_000);

const uuidOf = async (tag: string) => {
  const { json } = await admin.ask('GET', `/api/key-management/keys?tag=${tag}`);
  return (json as unknown as { keyId: string }[])[0]!.keyId;
};
const WAYS: [string, (key: { id: string; secret: string }) => Promise<{ status: number }>][] = [
  ['the native API', ({ id }) => admin.ask('DELETE', `/admin/v1/keys/${id}`)],
  ['the connector', ({ secret }) => admin.ask('POST', '/admin/api-key/delete', { api_key: secret })],
  ['BricksLLM', async () => admin.ask('DELETE', `/api/key-management/keys/${await uuidOf('bricks')}`)],
  ['the convertor', ({ id }) => admin.ask('DELETE', `/api/keys/${id}/permanent`)],
];

test.each(WAYS)('deleted by %s', async (_name, remove) => {
  const gone = await admin.makeKey({ name: 'Gone', tags: ['bricks'] });
  const kept = await admin.makeKey({ name: 'Kept' });
  for (const { id } of [gone, kept]) await log(id, { session: 'same', texts: textsOf(LARGE) });
  expect(admin.blobs.blobs.size).toBe(2);
  expect((await remove(gone)).status).toBeLessThan(300);
  expect([await threadsOf(gone.id), await sessionsOf(gone.id)]).toEqual([0, 0]);
  expect([await threadsOf(kept.id), await sessionsOf(kept.id)]).toEqual([1, 1]);
  expect([...admin.blobs.blobs.keys()].every((name) => name.includes(kept.id))).toBe(true);
});

describe('deleted by the native API', () => {
  test('a key with many threads is answered soon, and the sweeper erases the rest', async () => {
    const { id } = await admin.makeKey();
    for (let count = 0; count < 130; count += 1) await log(id, { session: 's' });
    admin.time.now += 200_000;
    expect((await admin.ask('DELETE', `/admin/v1/keys/${id}`)).status).toBe(204);
    expect(await threadsOf(id)).toBe(30);
    await admin.conversations.erasures.run(1_000);
    expect([await threadsOf(id), await sessionsOf(id)]).toEqual([0, 0]);
  });

  test('a key that was changed meanwhile stays, with all that was logged', async () => {
    const { id } = await admin.makeKey();
    await log(id, { session: 's' });
    const { status } = await admin.ask('DELETE', `/admin/v1/keys/${id}`, undefined, { 'if-match': '"0"' });
    expect(status).toBe(412);
    await admin.conversations.erasures.run(1_000);
    expect([await threadsOf(id), await sessionsOf(id)]).toEqual([1, 1]);
    expect(await engine.store.get(erasureKey(id))).toBeUndefined();
  });

  test('a key that is gone although its texts could not be erased is the sweeper`s to finish', async () => {
    const { id } = await admin.makeKey();
    await log(id, { texts: textsOf(LARGE) });
    const { remove } = admin.blobs;
    admin.blobs.remove = async () => {
      throw new Error('S3 is away.');
    };
    expect((await admin.ask('DELETE', `/admin/v1/keys/${id}`)).status).toBe(204);
    admin.blobs.remove = remove;
    expect(await admin.conversations.erasures.run(1_000)).toBe(1);
    expect(admin.blobs.blobs.size).toBe(0);
  });
});
