// Sessions and threads over HTTP: who sees whose, searching and paging, titles, erasure; and the settings of logging.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_FEATURES } from '../../functions/core/settings/settings-store.ts';
import { type AdminGateway, createAdmin, MASTER_KEY } from '../support/admin.ts';
import { createWorld, textsOf, type World } from '../support/conversation-world.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

type Owner = { id: string; secret: string; thread: string; session: string };

let engine: TestEngine;
let admin: AdminGateway;
let world: World;
let ada: Owner;
let bob: Owner;
let boss: { secret: string };

beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  world = createWorld(engine.store, admin.blobs);
  const owner = async (name: string): Promise<Owner> => {
    const { id, secret } = await admin.makeKey({ name });
    const thread = await world.log(id, {
      session: 'same',
      title: `Title of ${name}`,
      texts: textsOf(`Words of ${name}`),
      prompt: `Words of ${name}`,
    });
    return { id, secret, thread: thread.id, session: thread.sessionId! };
  };
  ada = await owner('Ada');
  bob = await owner('Bob');
  boss = await admin.makeKey({ role: 'admin' });
  admin.time.now = world.time.now;
});
afterAll(() => engine.close());

const ask = (secret: string, path: string, method = 'GET', body?: unknown) =>
  admin.ask(method, path, body, { authorization: `Bearer ${secret}` });
const titlesOf = ({ json }: { json: { items: unknown[] } }) => (json.items as { title: string }[]).map(({ title }) => title);
const promptsOf = ({ json }: { json: { items: unknown[] } }) => (json.items as { prompt: string }[]).map(({ prompt }) => prompt);

describe('of two owners with equal session ids', () => {
  const READERS: [reader: string, secret: () => string, sees: string[]][] = [
    ['Ada', () => ada.secret, ['Ada']],
    ['Bob', () => bob.secret, ['Bob']],
    ['a key of role admin, below /me', () => boss.secret, []],
  ];
  test.each(READERS)('%s sees below /me only what is theirs, on every route, by every question', async (_reader, secret, sees) => {
    expect(titlesOf(await ask(secret(), '/me/sessions'))).toEqual(sees.map((name) => `Title of ${name}`));
    expect(promptsOf(await ask(secret(), '/me/threads'))).toEqual(sees.map((name) => `Words of ${name}`));
    for (const [name, owner] of Object.entries({ Ada: ada, Bob: bob })) {
      const isOwn = sees.includes(name);
      const answers = [
        await ask(secret(), `/me/sessions/${owner.session}`),
        await ask(secret(), `/me/threads/${owner.thread}`),
        await ask(secret(), `/me/sessions/${owner.session}`, 'PATCH', { title: `Title of ${name}` }),
      ];
      expect(answers.map(({ status }) => status)).toEqual(isOwn ? [200, 200, 200] : [404, 404, 404]);
      for (const { text } of answers) expect(text.includes(`of ${name}`)).toBe(isOwn);
      expect(promptsOf(await ask(secret(), `/me/threads?sessionId=${owner.session}`))).toEqual(isOwn ? [`Words of ${name}`] : []);
      expect(promptsOf(await ask(secret(), `/me/threads?q=words%20of%20${name}`))).toEqual(isOwn ? [`Words of ${name}`] : []);
    }
    // A key that is not one's own is not there.
    expect((await ask(secret(), `/me/threads?keyId=${bob.id}`)).status).toBe(sees.includes('Bob') ? 200 : 404);
  });

  test.each([
    ['the master key', () => MASTER_KEY],
    ['a key of role admin', () => boss.secret],
  ])('%s sees both in the admin API', async (_reader, secret) => {
    expect(titlesOf(await ask(secret(), '/admin/v1/sessions'))).toEqual(['Title of Bob', 'Title of Ada']);
    expect(promptsOf(await ask(secret(), '/admin/v1/threads'))).toEqual(['Words of Bob', 'Words of Ada']);
    expect(titlesOf(await ask(secret(), `/admin/v1/sessions?keyId=${ada.id}`))).toEqual(['Title of Ada']);
    expect(promptsOf(await ask(secret(), `/admin/v1/threads?keyId=${ada.id}`))).toEqual(['Words of Ada']);
    expect(promptsOf(await ask(secret(), `/admin/v1/threads?sessionId=${ada.session}`))).toEqual(['Words of Ada']);
    expect(promptsOf(await ask(secret(), `/admin/v1/threads?sessionId=${ada.session}&keyId=${bob.id}`))).toEqual([]);
  });

  test('a cursor of one owner shows another owner nothing of the first', async () => {
    await world.log(ada.id, { session: 'same', prompt: 'Words of Ada' });
    admin.time.now = world.time.now;
    const { json } = await ask(ada.secret, '/me/threads?limit=1');
    expect(json.nextCursor).toEqual(expect.any(String));
    expect(promptsOf(await ask(bob.secret, `/me/threads?cursor=${json.nextCursor}`))).not.toContain('Words of Ada');
    expect((await ask(ada.secret, `/me/sessions?cursor=${json.nextCursor}`)).status).toBe(400);
  });
});

test('a thread tells everything about its turn', async () => {
  const { json } = await ask(MASTER_KEY, `/admin/v1/threads/${ada.thread}`);
  expect(json).toEqual({
    id: ada.thread,
    keyId: ada.id,
    sessionId: ada.session,
    sessionKey: 'same',
    kind: 'chat',
    model: 'nova-micro',
    target: 'amazon.nova-micro-v1:0',
    stream: true,
    status: 'succeeded',
    error: null,
    usage: { input: 10, output: 5, cacheRead: 2, cacheWrite5m: 1, cacheWrite1h: 1 },
    cost: '0.000105',
    estimated: false,
    rates: { input: '0.000003', output: '0.000015' },
    latencyMs: 20,
    firstTokenMs: 10,
    warnings: [],
    at: '2026-11-15T12:00:01.000Z',
    expiresAt: '2026-12-15T12:00:01.000Z',
    prompt: 'Words of Ada',
    completion: 'pong',
    hasTexts: true,
    texts: textsOf('Words of Ada'),
  });
});

test('a thread so long that its answer would not pass a function is shown without its oldest messages', async () => {
  const texts = textsOf('last');
  texts.messages.unshift(
    ...Array.from({ length: 4 }, () => ({ role: 'user', parts: [{ type: 'text' as const, text: '\u0001'.repeat(350_000) }] })),
  );
  const { id } = await world.log('key_long', { texts });
  const { text, json } = await ask(MASTER_KEY, `/admin/v1/threads/${id}`);
  expect(Buffer.byteLength(text)).toBeLessThan(5_000_000);
  expect(json).toMatchObject({ prompt: 'last', texts: { isCut: true, omittedMessages: 3 } });
});

test('threads are found by key, model, status, time and how their texts begin', async () => {
  const key = await admin.makeKey();
  const first = await world.log(key.id, { model: 'claude', prompt: 'An INVOICE', status: 'failed' });
  await world.log(key.id, { model: 'nova', completion: 'the invoice of may' });
  const last = await world.log(key.id, { model: 'nova', prompt: null, completion: null });
  admin.time.now = world.time.now;
  const idsOf = async (query: string) => (await ask(MASTER_KEY, `/admin/v1/threads?keyId=${key.id}&${query}`)).json.items.length;
  expect(await idsOf('')).toBe(3);
  expect(await idsOf('model=claude')).toBe(1);
  expect(await idsOf('model=nova')).toBe(2);
  expect(await idsOf('status=failed')).toBe(1);
  expect(await idsOf('q=Invoice')).toBe(2);
  expect(await idsOf('q=invoice&model=nova')).toBe(1);
  expect(await idsOf(`from=${new Date(last.at).toISOString()}`)).toBe(1);
  expect(await idsOf(`to=${new Date(first.at + 1).toISOString()}`)).toBe(1);
  expect((await ask(MASTER_KEY, '/admin/v1/threads?status=odd')).status).toBe(400);
  expect((await ask(MASTER_KEY, '/admin/v1/threads?from=2020-01-01')).status).toBe(400);
});

test('pages of sessions follow each other, searched or not', async () => {
  const key = await admin.makeKey();
  for (let count = 0; count < 5; count += 1) await world.log(key.id, { session: `s${count}`, title: `Number ${count}` });
  admin.time.now = world.time.now;
  const pagesOf = async (query: string) => {
    const pages: string[][] = [];
    for (let cursor: string | null = '', isFirst = true; isFirst || cursor; isFirst = false) {
      const answer = await ask(MASTER_KEY, `/admin/v1/sessions?keyId=${key.id}&limit=2${query}${cursor && `&cursor=${cursor}`}`);
      pages.push(titlesOf(answer));
      cursor = answer.json.nextCursor;
    }
    return pages;
  };
  expect(await pagesOf('')).toEqual([['Number 4', 'Number 3'], ['Number 2', 'Number 1'], ['Number 0']]);
  expect(await pagesOf('&q=number%203')).toEqual([['Number 3']]);
});

describe('a title', () => {
  test('is changed by an admin and by the owner', async () => {
    const path = `sessions/${ada.session}`;
    expect((await ask(MASTER_KEY, `/admin/v1/${path}`, 'PATCH', { title: ' By the admin ' })).json.title).toBe('By the admin');
    expect((await ask(ada.secret, `/me/${path}`, 'PATCH', { title: 'By Ada' })).json.title).toBe('By Ada');
    expect((await ask(MASTER_KEY, `/admin/v1/${path}`)).json).toMatchObject({ title: 'By Ada', sessionKey: 'same', threads: 2 });
  });

  test.each([{}, { title: '' }, { title: ' ' }, { title: 'x'.repeat(65) }, { title: 'a\nb' }, { title: 7 }, { title: 'a', owner: 'b' }])(
    'cannot be %j',
    async (body) => {
      expect((await ask(MASTER_KEY, `/admin/v1/sessions/${ada.session}`, 'PATCH', body)).status).toBe(400);
    },
  );
});

test('what is erased is gone, and cannot be erased again', async () => {
  const key = await admin.makeKey();
  const gone = await world.log(key.id, { session: 's', texts: textsOf('x') });
  const kept = await world.log(key.id, { session: 's', texts: textsOf('y') });
  admin.time.now = world.time.now;
  expect((await ask(MASTER_KEY, `/admin/v1/threads/${gone.id}`, 'DELETE')).status).toBe(204);
  expect((await ask(MASTER_KEY, `/admin/v1/threads/${gone.id}`, 'DELETE')).status).toBe(404);
  expect((await ask(MASTER_KEY, `/admin/v1/threads/${kept.id}`)).status).toBe(200);
  expect((await ask(MASTER_KEY, `/admin/v1/sessions/${gone.sessionId}`, 'DELETE')).status).toBe(204);
  for (const path of [`threads/${kept.id}`, `sessions/${gone.sessionId}`])
    expect((await ask(MASTER_KEY, `/admin/v1/${path}`)).status).toBe(404);
});

test.each([
  'sessions/none',
  'sessions/ses_0000000000000000000000',
  'threads/none',
  'threads/req_0000000000000000000000',
  `threads/req_${'z'.repeat(22)}`,
])('%s is not there', async (path) => {
  expect((await ask(MASTER_KEY, `/admin/v1/${path}`)).status).toBe(404);
  expect((await ask(ada.secret, `/me/${path}`)).status).toBe(404);
});

describe('the settings', () => {
  test('are the defaults until they are changed, one by one', async () => {
    expect((await ask(MASTER_KEY, '/admin/v1/settings')).json).toEqual({
      ...{ logging: 'metadata', retentionDays: 30, warnings: [80, 95], features: ALL_FEATURES, updatedAt: null },
    });
    const changed = {
      logging: 'full',
      retentionDays: 30,
      warnings: [80, 95],
      features: ALL_FEATURES,
      updatedAt: new Date(admin.time.now).toISOString(),
    };
    expect((await ask(MASTER_KEY, '/admin/v1/settings', 'PATCH', { logging: 'full' })).json).toEqual(changed);
    expect((await ask(MASTER_KEY, '/admin/v1/settings', 'PATCH', { retentionDays: 7 })).json).toEqual({ ...changed, retentionDays: 7 });
    expect((await ask(MASTER_KEY, '/admin/v1/settings')).json).toEqual({ ...changed, retentionDays: 7 });
  });

  test('changed by several at a time are changed by all of them', async () => {
    await Promise.all([
      ask(MASTER_KEY, '/admin/v1/settings', 'PATCH', { logging: 'off' }),
      ask(MASTER_KEY, '/admin/v1/settings', 'PATCH', { retentionDays: 90 }),
    ]);
    expect((await ask(MASTER_KEY, '/admin/v1/settings')).json).toMatchObject({ logging: 'off', retentionDays: 90 });
  });

  test('switch features one by one, those that others change at the same time included', async () => {
    const change = (body: object) => ask(MASTER_KEY, '/admin/v1/settings', 'PATCH', body);
    await Promise.all([change({ features: { vision: false } }), change({ features: { tools: false } }), change({ warnings: [90, 50] })]);
    const { json } = await change({ features: { tools: true } });
    expect(json).toMatchObject({ features: { ...ALL_FEATURES, vision: false }, warnings: [50, 90] });
    expect((await change({ features: { vision: true }, warnings: [] })).json).toMatchObject({ features: ALL_FEATURES, warnings: [] });
  });

  test.each([
    ...[{}, { logging: 'loud' }, { logging: null }, { retentionDays: 8 }, { retentionDays: '30' }, { other: 1 }],
    ...[{ features: {} }, { features: { sight: false } }, { features: { vision: 'off' } }, { features: null }],
    ...[{ warnings: [0] }, { warnings: [101] }, { warnings: [80, 80] }, { warnings: [1.5] }, { warnings: 80 }],
    { warnings: Array.from({ length: 11 }, (_, index) => index + 1) },
  ])('cannot be %j', async (body) => {
    expect((await ask(MASTER_KEY, '/admin/v1/settings', 'PATCH', body)).status).toBe(400);
  });
});

test('a key says how much of its calls is logged', async () => {
  const { id } = await admin.makeKey({ logging: 'off' });
  expect((await admin.readKey(id)).logging).toBe('off');
  expect((await ask(MASTER_KEY, `/admin/v1/keys/${id}`, 'PATCH', { logging: null })).json.logging).toBeNull();
  expect((await ask(MASTER_KEY, `/admin/v1/keys/${id}`, 'PATCH', { logging: 'some' })).status).toBe(400);
});
