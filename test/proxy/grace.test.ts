// The database is away: keys without limits are served and charged later, once; everybody else is told to try again.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createSecret } from '../../functions/core/access/secret.ts';
import { type EntryView, type Gateway, type KeyView, startGateway } from '../support/gateway.ts';
import { admin, ask, startServer } from '../support/server.ts';
import { type Door, startSwitchedDatabase } from '../support/switched-database.ts';

const HELLO = { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hello' }] };
const UNLIMITED = { monthlyBudget: null };

describe('while the database is away', () => {
  let database: Door;
  let gateway: Gateway;
  let keys: Record<'unlimited' | 'grouped' | 'poorGroup' | 'limited' | 'cold', KeyView>;

  beforeAll(async () => {
    database = await startSwitchedDatabase();
    gateway = await startGateway({ dynamoEndpoint: database.url, graceMs: 60_000 });
    const group = async (fields: object) => (await gateway.admin('POST', '/groups', { name: 'a group', ...fields })).json.id;
    keys = {
      unlimited: await gateway.makeKey(UNLIMITED),
      grouped: await gateway.makeKey({ ...UNLIMITED, groupId: await group({}) }),
      poorGroup: await gateway.makeKey({ ...UNLIMITED, groupId: await group({ monthlyBudget: '50' }) }),
      limited: await gateway.makeKey({}),
      cold: await gateway.makeKey(UNLIMITED),
    };
    const { cold, ...warm } = keys;
    for (const { secret } of Object.values(warm)) expect((await gateway.chat(secret, HELLO)).status).toBe(200);
    database.goAway();
  });
  afterAll(async () => {
    await gateway.close();
    await database.close();
  });

  test.each(['unlimited', 'grouped'] as const)('the %s key is answered, and told that its charge comes later', async (name) => {
    for (const body of [HELLO, { ...HELLO, stream: true }]) {
      const answer = await gateway.chat(keys[name].secret, body);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-outcrop-warnings')).toContain('ledger;deferred');
      expect(await answer.text()).toContain('assistant');
    }
  });

  test('embeddings are answered too', async () => {
    const answer = await fetch(`${gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.unlimited.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'titan-embed-text-v2', input: 'a text' }),
    });
    expect(answer.headers.get('x-outcrop-warnings')).toBe('ledger;deferred');
    expect(answer.status).toBe(200);
  });

  test.each(['limited', 'poorGroup', 'cold'] as const)('the %s key is told to try again', async (name) => {
    const answer = await gateway.chat(keys[name].secret, HELLO);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  test('a key that nobody knows is not called unknown', async () => {
    expect((await gateway.chat(createSecret(), HELLO)).status).toBe(503);
  });

  test('and when it is back, each call is in the journal once, and the counters are the journal', async () => {
    database.comeBack();
    const countOf = async (name: keyof typeof keys) =>
      (await gateway.journalOf(keys[name].id)).filter(({ status }) => status === 'succeeded').length;
    await expect.poll(() => countOf('unlimited'), { timeout: 10_000 }).toBe(4);
    await expect.poll(() => countOf('grouped'), { timeout: 10_000 }).toBe(3);
    for (const name of ['limited', 'poorGroup'] as const) expect(await countOf(name)).toBe(1);
    for (const { id } of [keys.unlimited, keys.grouped]) {
      const entries = await gateway.journalOf(id);
      expect(entries.filter(({ estimated }) => estimated)).toEqual([]);
      expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(entries.length);
    }
    // An entry is there a moment before the counters. Five keys, the first key, two groups.
    const areRight = async () =>
      ((await gateway.admin('GET', '/audit')).json as { items?: { isRight: boolean }[] }).items?.map((one) => one.isRight);
    await expect.poll(areRight).toEqual(Array.from({ length: 8 }, () => true));
  });
});

test('without a grace every key is told to try again', async () => {
  const database = await startSwitchedDatabase();
  const gateway = await startGateway({ dynamoEndpoint: database.url });
  try {
    const { secret } = await gateway.makeKey(UNLIMITED);
    expect((await gateway.chat(secret, HELLO)).status).toBe(200);
    database.goAway();
    expect((await gateway.chat(secret, HELLO)).status).toBe(503);
  } finally {
    await gateway.close();
    await database.close();
  }
});

test('a server that is killed before the database is back charges its calls at the next start: as they were, or in full where it died in one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-grace-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const database = await startSwitchedDatabase();
  onTestFinished(() => database.close());
  const environment = { AWS_ENDPOINT_URL_DYNAMODB: database.url, OUTCROP_GRACE_SECONDS: '60' };
  const first = await startServer(folder, environment);
  onTestFinished(() => void first.child.kill('SIGKILL'));
  const key = await admin<KeyView>(first, 'POST', '/keys', { name: 'kept' });
  expect((await ask(first, key.secret, HELLO)).status).toBe(200);

  database.goAway();
  expect((await ask(first, key.secret, HELLO)).status).toBe(200);
  const streamed = await ask(first, key.secret, { ...HELLO, stream: true, messages: [{ role: 'user', content: 'write 500 words' }] });
  expect(streamed.status).toBe(200);
  first.child.kill('SIGKILL');
  await streamed.text().catch(() => undefined);
  const kept = readdirSync(join(folder, 'deferred')).map((name) => name.split('.')[1]);
  expect(kept.sort()).toEqual(['begun', 'begun', 'done']);
  for (const name of readdirSync(join(folder, 'deferred'))) expect(statSync(join(folder, 'deferred', name)).mode & 0o777).toBe(0o600);

  database.comeBack();
  const second = await startServer(folder, environment);
  onTestFinished(() => void second.child.kill('SIGKILL'));
  const journal = async () => (await admin<{ items: EntryView[] }>(second, 'GET', `/journal?keyId=${key.id}`)).items;
  await expect.poll(async () => (await journal()).length, { timeout: 10_000 }).toBe(3);
  expect((await journal()).map(({ status, estimated }) => [status, estimated])).toEqual([
    ['failed', true],
    ['succeeded', false],
    ['succeeded', false],
  ]);
  await expect.poll(() => readdirSync(join(folder, 'deferred'))).toEqual([]);
});
