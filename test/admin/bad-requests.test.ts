// What is no request: bodies, methods, paths; and faults of our own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
});
afterAll(() => engine.close());

const KEYS = '/admin/v1/keys';

test('every error is a problem with its request id', async () => {
  const { status, headers, json } = await admin.ask('POST', KEYS, {});
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(json).toEqual({
    type: 'urn:outcrop:problem:missing_required_parameter',
    title: 'A parameter is missing',
    status,
    detail: 'name is required.',
    code: 'missing_required_parameter',
    instance: headers.get('x-request-id'),
    errors: [{ path: 'name', message: 'is required' }],
  });
});

describe('a body', () => {
  test.each(['', '{', 'name=x', "{'name':'x'}", '{"name":"x",}', '\ufeff', 'NaN'])('%j is not JSON', async (body) => {
    const { status, json } = await admin.ask('POST', KEYS, body);
    expect([status, json.code]).toEqual([400, 'invalid_json']);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense', ''])(
    'that is JSON is taken as such, though it calls itself %j',
    async (type) => {
      expect((await admin.ask('POST', KEYS, '{"name":"x"}', { 'content-type': type })).status).toBe(201);
    },
  );

  test('without a content type is taken too', async () => {
    const body = new TextEncoder().encode('{"name":"x"}');
    const headers = { authorization: 'Bearer a-master-key-for-tests' };
    expect((await admin.app.request(KEYS, { method: 'POST', body, headers })).status).toBe(201);
  });

  test('of more than a megabyte is refused, whatever it says about its length', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    for (const headers of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      const { status, json } = await admin.ask('POST', KEYS, body, headers);
      expect([status, json.code]).toEqual([413, 'request_too_large']);
    }
  });

  test('of a megabyte is read and judged', async () => {
    const { status, text } = await admin.ask('POST', KEYS, { name: 'x'.repeat(1024 * 1024 - 20) });
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(1000);
  });
});

test.each([
  ['PUT', KEYS, 'POST, GET, HEAD'],
  ['DELETE', KEYS, 'POST, GET, HEAD'],
  ['POST', `${KEYS}/key_x`, 'GET, HEAD, PATCH, DELETE'],
  ['POST', '/admin/v1/journal', 'GET, HEAD'],
  ['DELETE', '/admin/v1/journal', 'GET, HEAD'],
  ['OPTIONS', '/admin/v1/openapi.json', 'GET, HEAD'],
])('%s %s: the method is not allowed, others are', async (method, path, allow) => {
  const { status, headers, json } = await admin.ask(method, path, method === 'POST' || method === 'PUT' ? {} : undefined);
  expect([status, json.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
});

test.each([
  '/',
  '/admin',
  '/admin/v1',
  '/admin/v1/',
  `${KEYS}/`,
  `${KEYS}/a/b`,
  '/admin/v2/keys',
  '/ADMIN/v1/keys',
  '//admin/v1/keys',
  '/admin/v1/key',
])('there is nothing at %s', async (path) => {
  const { status, json } = await admin.ask('GET', path);
  expect([status, json.code]).toEqual([404, 'not_found']);
});

test('a fault of our own is told to the log with its cause, and to the caller by its request id only', async () => {
  const broken = createAdmin({
    ...engine.store,
    get: async () => {
      throw new TypeError('the cause with sk-oc-abcdefghijklmnopqrstuvwxyz in it');
    },
  });
  const { status, headers, json, text } = await broken.ask('GET', `${KEYS}/key_${'0'.repeat(22)}`);
  expect([status, json.code]).toEqual([500, 'internal_error']);
  expect(text).not.toContain('the cause');
  expect(broken.logs).toHaveLength(1);
  expect(broken.logs[0]).toContain('the cause');
  expect(broken.logs[0]).toContain(headers.get('x-request-id'));
  expect(broken.logs[0]).not.toContain('abcdefghijklmnopqrstuvwxyz');
});

test('a write that fails half-way leaves no key that can be seen or used', async () => {
  let writes = 0;
  const half = createAdmin({
    ...engine.store,
    putNew: (key, item) => {
      writes += 1;
      if (writes === 2) throw new Error('lost');
      return engine.store.putNew(key, item);
    },
  });
  const before = (await admin.ask('GET', `${KEYS}?limit=200`)).text;
  expect((await half.ask('POST', KEYS, { name: 'half' })).status).toBe(500);
  expect((await admin.ask('GET', `${KEYS}?limit=200`)).text).toBe(before);
});

test('a write whose answer was lost and that is sent again makes one key', async () => {
  const twice = createAdmin({
    ...engine.store,
    putNew: async (key, item) => {
      await engine.store.putNew(key, item);
      return engine.store.putNew(key, item);
    },
  });
  const { id, secret } = await twice.makeKey({ name: 'once', role: 'admin' });
  expect((await admin.readKey(id)).name).toBe('once');
  expect((await admin.ask('GET', KEYS, undefined, { 'x-api-key': secret })).status).toBe(200);
});
