// Who may: every route with every kind of credential and none; and what callers are told when nothing can be decided.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecret } from '../../functions/core/access/secret.ts';
import { createStore } from '../../functions/core/store/client.ts';
import { TABLE_NAMES } from '../../local/tables.ts';
import { type AdminGateway, createAdmin, MASTER_KEY } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
const secrets: Record<string, string> = {};

beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  const make = async (kind: string, fields: object = {}) => {
    const { id, secret } = await admin.makeKey({ name: kind, ...fields });
    secrets[kind] = secret;
    return id;
  };
  await make('admin', { role: 'admin' });
  await make('user');
  await admin.ask('PATCH', `/admin/v1/keys/${await make('revoked', { role: 'admin' })}`, { revoked: true });
  await admin.ask('DELETE', `/admin/v1/keys/${await make('deleted', { role: 'admin' })}`);
  await admin.ask('PATCH', `/admin/v1/keys/${await make('demoted', { role: 'admin' })}`, { role: 'user' });
  await make('expired', { role: 'admin', ttl: '1s' });
  admin.time.now += 1_000;
  secrets.unknown = createSecret();
  secrets.mistyped = `${secrets.admin!.slice(0, -1)}${secrets.admin!.endsWith('a') ? 'b' : 'a'}`;
  secrets.nearlyMaster = `${MASTER_KEY}x`;
  secrets.master = MASTER_KEY;
});
afterAll(() => engine.close());

/** What `app` really serves of the native API, from its own list of routes. All of it is walked in test/access. */
function routesOf(app: AdminGateway['app']): { method: string; path: string }[] {
  return app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/admin/v1/'))
    .map(({ method, path }) => ({ method, path }));
}

/** What the routes of the admin API say, and those of self-service, below /me. */
type Verdict = { status: number; code: string } | undefined;
type Credentials = [kind: string, headers: () => Record<string, string>, verdicts: { admin: Verdict; own: Verdict }];
const OPEN = undefined;
const NOT_ALLOWED = { status: 403, code: 'permission_denied' };
const refusedAs = (code: string) => ({ admin: { status: 401, code }, own: { status: 401, code } });
/** What the API looks like. */
const FOR_ANYBODY = /^\/admin\/v1\/(openapi\.json|reference)/;
const bearer = (kind: string) => () => ({ authorization: `Bearer ${secrets[kind]}` });

const CREDENTIALS: Credentials[] = [
  ['the master key', bearer('master'), { admin: OPEN, own: NOT_ALLOWED }],
  ['the master key as x-api-key', () => ({ authorization: '', 'x-api-key': secrets.master! }), { admin: OPEN, own: NOT_ALLOWED }],
  ['a key of role admin', bearer('admin'), { admin: OPEN, own: OPEN }],
  ['a key of role user', bearer('user'), { admin: NOT_ALLOWED, own: OPEN }],
  ['a key that was admin', bearer('demoted'), { admin: NOT_ALLOWED, own: OPEN }],
  ['nothing', () => ({ authorization: '' }), refusedAs('invalid_api_key')],
  ['another scheme', () => ({ authorization: `Basic ${btoa(`admin:${MASTER_KEY}`)}` }), refusedAs('invalid_api_key')],
  ['an empty bearer', () => ({ authorization: 'Bearer ' }), refusedAs('invalid_api_key')],
  ['nearly the master key', bearer('nearlyMaster'), refusedAs('invalid_api_key')],
  ['an unknown key', bearer('unknown'), refusedAs('invalid_api_key')],
  ['a mistyped key', bearer('mistyped'), refusedAs('invalid_api_key')],
  ['a revoked key of role admin', bearer('revoked'), refusedAs('key_revoked')],
  ['an expired key of role admin', bearer('expired'), refusedAs('key_expired')],
  ['a deleted key of role admin', bearer('deleted'), refusedAs('invalid_api_key')],
];

describe.each(CREDENTIALS)('%s', (_kind, headers, verdicts) => {
  test('is answered alike on every route of the admin API, on every one of self-service, and on what is no route', async () => {
    const routes = routesOf(admin.app).filter(({ method, path }) => method === 'ALL' || !FOR_ANYBODY.test(path));
    expect(routes.length).toBeGreaterThanOrEqual(20);
    const others = [
      { method: 'GET', path: '/admin/v1/nothing' },
      { method: 'GET', path: '/admin' },
      { method: 'GET', path: '/me/nothing' },
      { method: 'PUT', path: '/me/sessions' },
      { method: 'GET', path: '/' },
      { method: 'PUT', path: '/admin/v1/keys' },
      { method: 'OPTIONS', path: '/admin/v1/keys' },
    ];
    for (const { method, path } of [...routes, ...others]) {
      const target = path.replace(':id', `key_${'0'.repeat(22)}`);
      const body = ['POST', 'PATCH', 'PUT'].includes(method) ? 'not JSON' : undefined;
      const answer = await admin.ask(method, target, body, headers());
      const told = `${method} ${path}: ${answer.status}`;
      expect(answer.headers.get('x-request-id'), told).toMatch(/^req_/);
      const verdict = path.startsWith('/me/') ? verdicts.own : verdicts.admin;
      if (verdict === undefined) {
        expect([200, 400, 404, 405], told).toContain(answer.status);
        continue;
      }
      const { status } = verdict;
      expect(told).toBe(`${method} ${path}: ${status}`);
      expect(answer.json).toMatchObject(verdict);
      expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
  });
});

test('x-api-key wins over the bearer token', async () => {
  const headers = { authorization: `Bearer ${secrets.user}`, 'x-api-key': secrets.admin! };
  expect((await admin.ask('GET', '/admin/v1/keys', undefined, headers)).status).toBe(200);
});

test('a refused request changes nothing', async () => {
  const before = (await admin.ask('GET', '/admin/v1/keys')).text;
  await admin.ask('POST', '/admin/v1/keys', { name: 'mine', role: 'admin' }, bearer('user')());
  await admin.ask('POST', '/admin/v1/keys', { name: 'mine' }, bearer('unknown')());
  const { items } = JSON.parse(before);
  for (const { id } of items) {
    await admin.ask('DELETE', `/admin/v1/keys/${id}`, undefined, bearer('user')());
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, { role: 'admin' }, bearer('user')());
  }
  expect((await admin.ask('GET', '/admin/v1/keys')).text).toBe(before);
});

describe('a database that cannot be reached', () => {
  const lost = () => createAdmin(createStore(engine.connect({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }), TABLE_NAMES));

  test.each([
    ['GET', '/admin/v1/keys', undefined],
    ['POST', '/admin/v1/keys', { name: 'x' }],
    ['GET', `/admin/v1/keys/key_${'0'.repeat(22)}`, undefined],
    ['PATCH', `/admin/v1/keys/key_${'0'.repeat(22)}`, { balance: '1' }],
    ['DELETE', `/admin/v1/keys/key_${'0'.repeat(22)}`, undefined],
    ['GET', '/admin/v1/journal', undefined],
  ])('%s %s: 503 and when to try again', async (method, path, body) => {
    const gateway = lost();
    const { status, headers, json, text } = await gateway.ask(method, path, body);
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(json.code).toBe('ledger_unavailable');
    expect(text).not.toMatch(/ECONN|127\.0\.0\.1|stack/);
    expect(gateway.logs.join()).toContain('ECONNREFUSED');
  });

  test('is no reason to call a good key a bad one', async () => {
    const { status, headers } = await lost().ask('GET', '/admin/v1/keys', undefined, bearer('admin')());
    expect([status, headers.get('www-authenticate')]).toEqual([503, null]);
  });
});
