// Who may: every route of every app, from the apps' own lists, with every kind of credential and none. A route that is new has no decision
// here, and that is a failure until somebody decides.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAttempts } from '../../functions/core/access/attempts.ts';
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import { createVerifyToken } from '../../functions/core/access/oidc.ts';
import { createSecret } from '../../functions/core/access/secret.ts';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { parseRelaySettings } from '../../functions/core/turn/relay-settings.ts';
import { createProxyApp } from '../../functions/proxy/app.ts';
import { createAdmin, MASTER_KEY } from '../support/admin.ts';
import { createSigningKey, type Issuer, signToken, startIssuer } from '../support/issuer.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { routesOf } from '../support/routes.ts';

/** `open`: needs nobody. The rest are scopes of functions/core/access/roles.ts. */
type Need = 'open' | 'models' | 'known' | 'own' | 'read' | 'write';

const PROXY: Record<string, Need> = {
  'GET /': 'open',
  'GET /health': 'open',
  'GET /ready': 'open',
  'GET /v1/models': 'models',
  'GET /v1/models/:id{.+}': 'models',
  'POST /v1/chat/completions': 'models',
  'POST /v1/embeddings': 'models',
  'POST /v1/completions': 'models',
  // Where a model is relayed; all other paths are left to their routes.
  'POST /v1/*': 'models',
  // Those that only say which method is meant.
  'ALL /v1/chat/completions': 'open',
  'ALL /v1/embeddings': 'open',
  'ALL /v1/completions': 'open',
  'ALL /v1/models': 'open',
  'ALL /v1/models/*': 'open',
};

const ADMIN: Record<string, Need> = {
  'POST /admin/v1/keys': 'write',
  'GET /admin/v1/keys': 'read',
  'GET /admin/v1/keys/:id': 'read',
  'PATCH /admin/v1/keys/:id': 'write',
  'DELETE /admin/v1/keys/:id': 'write',
  'POST /admin/v1/keys/bulk': 'write',
  'ALL /admin/v1/keys/bulk': 'write',
  'GET /admin/v1/keys.csv': 'read',
  'ALL /admin/v1/keys.csv': 'write',
  'POST /admin/v1/keys/:id/rotate': 'write',
  'ALL /admin/v1/keys/:id/rotate': 'write',
  'ALL /admin/v1/keys': 'write',
  'ALL /admin/v1/keys/:id': 'write',
  'GET /admin/v1/journal': 'read',
  'ALL /admin/v1/journal': 'write',
  'GET /admin/v1/models': 'read',
  'POST /admin/v1/models/validate': 'write',
  'GET /admin/v1/models/:name': 'read',
  'PUT /admin/v1/models/:name': 'write',
  'PATCH /admin/v1/models/:name': 'write',
  'DELETE /admin/v1/models/:name': 'write',
  // It spends.
  'POST /admin/v1/models/:name/test': 'write',
  'ALL /admin/v1/models': 'write',
  'ALL /admin/v1/models/validate': 'write',
  'ALL /admin/v1/models/:name': 'write',
  'ALL /admin/v1/models/:name/test': 'write',
  'GET /admin/v1/mappings': 'read',
  'GET /admin/v1/mappings/:name': 'read',
  'PUT /admin/v1/mappings/:name': 'write',
  'DELETE /admin/v1/mappings/:name': 'write',
  'ALL /admin/v1/mappings': 'write',
  'ALL /admin/v1/mappings/:name': 'write',
  'GET /admin/v1/prices': 'read',
  'POST /admin/v1/prices': 'write',
  'GET /admin/v1/prices/:id': 'read',
  'DELETE /admin/v1/prices/:id': 'write',
  'ALL /admin/v1/prices': 'write',
  'ALL /admin/v1/prices/:id': 'write',
  'POST /admin/v1/groups': 'write',
  'GET /admin/v1/groups': 'read',
  'GET /admin/v1/groups/:id': 'read',
  'PATCH /admin/v1/groups/:id': 'write',
  'DELETE /admin/v1/groups/:id': 'write',
  'GET /admin/v1/groups/:id/keys': 'read',
  'ALL /admin/v1/groups': 'write',
  'ALL /admin/v1/groups/:id': 'write',
  'ALL /admin/v1/groups/:id/keys': 'write',
  'POST /admin/v1/users': 'write',
  'GET /admin/v1/users': 'read',
  'GET /admin/v1/users/:id': 'read',
  'PATCH /admin/v1/users/:id': 'write',
  'DELETE /admin/v1/users/:id': 'write',
  'GET /admin/v1/users/:id/keys': 'read',
  'ALL /admin/v1/users': 'write',
  'ALL /admin/v1/users/:id': 'write',
  'ALL /admin/v1/users/:id/keys': 'write',
  'POST /admin/v1/accounts/:id/payments': 'write',
  'GET /admin/v1/accounts/:id/payments': 'read',
  'ALL /admin/v1/accounts/:id/payments': 'write',
  'POST /admin/v1/accounts/:id/corrections': 'write',
  'ALL /admin/v1/accounts/:id/corrections': 'write',
  'GET /admin/v1/statements': 'read',
  'ALL /admin/v1/statements': 'write',
  'GET /admin/v1/statements.csv': 'read',
  'ALL /admin/v1/statements.csv': 'write',
  'GET /admin/v1/statements/forecast': 'read',
  'ALL /admin/v1/statements/forecast': 'write',
  'POST /admin/v1/statements/rebuild': 'write',
  'GET /admin/v1/statements/rebuild': 'read',
  'ALL /admin/v1/statements/rebuild': 'write',
  'GET /admin/v1/audit': 'read',
  'ALL /admin/v1/audit': 'write',
  'GET /admin/v1/audit/:id': 'read',
  'ALL /admin/v1/audit/:id': 'write',
  'POST /admin/v1/audit/:id/repair': 'write',
  'ALL /admin/v1/audit/:id/repair': 'write',
  'GET /admin/v1/audit-log': 'read',
  'ALL /admin/v1/audit-log': 'write',
  'GET /admin/v1/sessions': 'read',
  'GET /admin/v1/sessions/:id': 'read',
  'PATCH /admin/v1/sessions/:id': 'write',
  'DELETE /admin/v1/sessions/:id': 'write',
  'ALL /admin/v1/sessions': 'write',
  'ALL /admin/v1/sessions/:id': 'write',
  'GET /admin/v1/threads': 'read',
  'GET /admin/v1/threads/:id': 'read',
  'DELETE /admin/v1/threads/:id': 'write',
  'ALL /admin/v1/threads': 'write',
  'ALL /admin/v1/threads/:id': 'write',
  'GET /admin/v1/settings': 'read',
  'PATCH /admin/v1/settings': 'write',
  'ALL /admin/v1/settings': 'write',
  'GET /admin/v1/openapi.json': 'open',
  'GET /admin/v1/reference': 'open',
  'GET /admin/v1/reference/style.css': 'open',
  'GET /admin/v1/reference/script.js': 'open',
  'ALL /admin/v1/openapi.json': 'write',
  'GET /api/health': 'open',
  'GET /api/keys': 'read',
  'POST /api/keys': 'write',
  'GET /api/keys/:key': 'read',
  'PUT /api/keys/:key': 'write',
  'DELETE /api/keys/:key': 'write',
  'POST /api/keys/:key/reactivate': 'write',
  'DELETE /api/keys/:key/permanent': 'write',
  'GET /api/keys/:key/usage': 'read',
  'GET /api/pricing': 'read',
  'GET /api/pricing/providers': 'read',
  'POST /api/pricing': 'write',
  'GET /api/pricing/:id{.+}': 'read',
  'PUT /api/pricing/:id{.+}': 'write',
  'DELETE /api/pricing/:id{.+}': 'write',
  'GET /api/model-mapping': 'read',
  'POST /api/model-mapping': 'write',
  'GET /api/model-mapping/:id{.+}': 'read',
  'PUT /api/model-mapping/:id{.+}': 'write',
  'DELETE /api/model-mapping/:id{.+}': 'write',
  'GET /api/dashboard/stats': 'read',
  'GET /api/auth/config': 'open',
  'GET /api/auth/verify': 'known',
  'GET /api/auth/me': 'known',
  'GET /api/key-management/keys': 'read',
  'PUT /api/key-management/keys': 'write',
  'PATCH /api/key-management/keys/:id': 'write',
  'DELETE /api/key-management/keys/:id': 'write',
  'POST /api/v2/key-management/keys': 'read',
  'GET /api/reporting/keys/:id': 'read',
  'POST /api/reporting/top-keys': 'read',
  'POST /api/reporting/events': 'read',
  'POST /api/reporting/events-by-day': 'read',
  'GET /api/reporting/user-ids': 'read',
  'GET /api/reporting/custom-ids': 'read',
  'GET /api/events': 'read',
  'POST /api/v2/events': 'read',
  'GET /me': 'known',
  'ALL /me': 'write',
  'GET /me/keys': 'own',
  'ALL /me/keys': 'own',
  'GET /me/keys/:id': 'own',
  'ALL /me/keys/:id': 'own',
  'POST /me/keys/:id/rotate': 'own',
  'ALL /me/keys/:id/rotate': 'own',
  'GET /me/limits': 'own',
  'ALL /me/limits': 'own',
  'GET /me/principal': 'known',
  'ALL /me/principal': 'write',
  'GET /me/key': 'own',
  'ALL /me/key': 'own',
  'GET /me/usage': 'own',
  'ALL /me/usage': 'own',
  'GET /me/models': 'own',
  'ALL /me/models': 'own',
  'GET /me/sessions': 'own',
  'GET /me/sessions/:id': 'own',
  'PATCH /me/sessions/:id': 'own',
  'ALL /me/sessions': 'own',
  'ALL /me/sessions/:id': 'own',
  'GET /me/threads': 'own',
  'GET /me/threads/:id': 'own',
  'ALL /me/threads': 'own',
  'ALL /me/threads/:id': 'own',
  'POST /admin/api-key/apply': 'write',
  'POST /admin/api-key/update': 'write',
  'POST /admin/api-key/recharge': 'write',
  'POST /admin/api-key/delete': 'write',
  'POST /admin/api-key/reset-key': 'write',
  'POST /admin/api-key/import': 'write',
  'GET /admin/api-key/list': 'read',
  'GET /admin/api-key/detail/:id': 'read',
  'GET /admin/payment/list': 'read',
  'GET /admin/statistics/total': 'read',
  'GET /admin/session/list': 'read',
  'GET /admin/session/detail': 'read',
  'GET /admin/session/detail/:id': 'read',
  'GET /admin/thread/list': 'read',
  'GET /admin/thread/detail': 'read',
  'GET /admin/thread/detail/:id': 'read',
  'GET /user/session/list': 'own',
  'GET /user/session/detail': 'own',
  'GET /user/session/detail/:id': 'own',
  'GET /user/thread/list': 'own',
  'GET /user/thread/detail': 'own',
  'GET /user/thread/detail/:id': 'own',
  'GET /user/api-key/mine': 'own',
  'GET /admin/model/list': 'read',
  'GET /admin/model/list-providers': 'read',
  'GET /admin/model/detail/:id': 'read',
  'GET /admin/group/list': 'read',
  'GET /admin/group/list-model': 'read',
  'GET /admin/group/detail/:id': 'read',
  'GET /admin/api-key/list-model': 'read',
  'GET /user/model/list': 'own',
  'GET /user/model/list-for-brclient': 'own',
  'POST /admin/model/save': 'write',
  'POST /admin/model/delete': 'write',
  'POST /admin/model/save-kb-model': 'write',
  'POST /admin/group/save': 'write',
  'POST /admin/group/delete': 'write',
  'POST /admin/group/bind-or-unbind-model': 'write',
  'POST /admin/api-key/bind-or-unbind-model': 'write',
  'GET /admin/bot-connector/list': 'read',
  'GET /admin/bot-connector/list-providers': 'read',
  'GET /admin/bot-connector/detail/:id': 'read',
  'POST /admin/bot-connector/save': 'write',
  'POST /admin/bot-connector/delete': 'write',
};

const RELAYED_PATH = 'responses';
const RELAYS = JSON.stringify({
  relays: { up: { baseUrl: 'https://api.example.com/v1', auth: 'none' } },
  models: {
    relayed: {
      relay: 'up',
      target: 'm',
      price: { input: '1', output: '1' },
      contextTokens: 1_000,
      maxOutputTokens: 100,
      paths: [RELAYED_PATH],
    },
  },
});

type App = { routes: { method: string; path: string }[]; request(path: string, init: RequestInit): Response | Promise<Response> };
type World = { apps: Record<'proxy' | 'admin', App>; secrets: Record<string, string> };

/** What each credential may; with all else it hears the number. `proxy`: what it hears there, where the model API differs. */
type Expected = { may: Need[]; else: 401 | 403; proxy?: 401 };
const CREDENTIALS: Record<string, Expected> = {
  nothing: { may: [], else: 401 },
  'an empty bearer': { may: [], else: 401 },
  'basic authentication': { may: [], else: 401 },
  'the master key': { may: ['known', 'read', 'write'], else: 403, proxy: 401 },
  'nearly the master key': { may: [], else: 401 },
  'a key of role admin': { may: ['known', 'own', 'models', 'read', 'write'], else: 403 },
  'a key of role auditor': { may: ['known', 'own', 'models', 'read'], else: 403 },
  'a key of role user': { may: ['known', 'own', 'models'], else: 403 },
  'an unknown key': { may: [], else: 401 },
  'a mistyped key': { may: [], else: 401 },
  'a revoked key of role admin': { may: [], else: 401 },
  'an expired key of role admin': { may: [], else: 401 },
  'a deleted key of role admin': { may: [], else: 401 },
  'an admin who is signed in': { may: ['known', 'own', 'read', 'write'], else: 403, proxy: 401 },
  'an auditor who is signed in': { may: ['known', 'own', 'read'], else: 403, proxy: 401 },
  'a user who is signed in': { may: ['known', 'own'], else: 403, proxy: 401 },
  'a sign-in that has ended': { may: [], else: 401 },
  'a sign-in for another application': { may: [], else: 401 },
  'a sign-in of an admin that is forged': { may: [], else: 401 },
};

let issuer: Issuer;
let world: World;
beforeAll(async () => {
  issuer = await startIssuer();
  world = await createWorld(issuer);
});
afterAll(() => issuer.stop());

describe.each([
  ['proxy', PROXY],
  ['admin', ADMIN],
] as const)('the app %s', (name, decisions) => {
  test('has a decision for each of its routes, and no other', () => {
    expect(routesOf(world.apps[name]).sort()).toEqual(Object.keys(decisions).sort());
  });

  test.each(Object.entries(CREDENTIALS))('with %s', async (credential, expected) => {
    for (const [route, need] of Object.entries(decisions)) {
      const { method, init, path } = requestOf(route, world.secrets[credential]);
      const { status } = await world.apps[name].request(path, init);
      const told = `${method} ${path}: ${status}`;
      const isLetIn = need === 'open' || expected.may.includes(need);
      if (isLetIn) expect([200, 201, 204, 400, 404, 405, 422], told).toContain(status);
      else expect(told).toBe(`${method} ${path}: ${name === 'proxy' ? (expected.proxy ?? expected.else) : expected.else}`);
    }
  });
});

test('a path that no rule knows is for admins only', async () => {
  const status = async (credential: string) =>
    (await world.apps.admin.request('/api/new', requestOf('GET /api/new', world.secrets[credential]).init)).status;
  expect(await status('a key of role admin')).toBe(404);
  for (const other of ['a key of role auditor', 'a user who is signed in']) expect(await status(other)).toBe(403);
  expect(await status('nothing')).toBe(401);
});

function requestOf(route: string, credential: string | undefined) {
  const [method, pattern] = route.split(' ') as [string, string];
  const path = pattern
    .replace('/v1/*', `/v1/${RELAYED_PATH}`)
    .replace(/:id({\.\+})?$/, `key_${'0'.repeat(22)}`)
    .replace('*', 'x');
  const asked = method === 'ALL' ? 'PUT' : method;
  const body = ['POST', 'PATCH', 'PUT'].includes(asked) ? 'not JSON' : undefined;
  return { method, path, init: { method: asked, headers: { authorization: credential ?? '' }, body } };
}

async function createWorld({ url, settings, idToken, common, sign }: Issuer): Promise<World> {
  const verifyToken = createVerifyToken(settings.call(issuer), Date.now);
  const admin = createAdmin(createMemoryStore(), { verifyToken });
  const { keys, ledger, journal, clock, ids, makeKey } = admin;
  const attempts = createAttempts(clock, { most: Number.POSITIVE_INFINITY });
  const proxy = createProxyApp({
    // As in the proxy's function: no master key, no identity provider.
    authorize: createAuthorize({ keys, masterKey: async () => undefined, clock, attempts }),
    catalog: createShippedCatalog({ relayModels: parseRelaySettings(RELAYS).models }),
    ledger,
    journal,
    converse: nobody,
    countTokens: nobody,
    invoke: nobody,
    forward: nobody,
    checkReady: async () => undefined,
    clock,
    ids,
    log: createLog(() => undefined),
  } as never);

  const secretOf = async (role: string, more: object = {}) => (await makeKey({ role, ...more })).secret;
  const revoked = await makeKey({ role: 'admin' });
  await admin.ask('PATCH', `/admin/v1/keys/${revoked.id}`, { revoked: true });
  const deleted = await makeKey({ role: 'admin' });
  await admin.ask('DELETE', `/admin/v1/keys/${deleted.id}`);
  const expired = await secretOf('admin', { ttl: '1s' });
  admin.time.now += 1_000;
  const adminKey = await secretOf('admin');
  const bearer: Record<string, string> = {
    'the master key': MASTER_KEY,
    'nearly the master key': `${MASTER_KEY}x`,
    'a key of role admin': adminKey,
    'a key of role auditor': await secretOf('auditor'),
    'a key of role user': await secretOf('user'),
    'an unknown key': createSecret(),
    'a mistyped key': `${adminKey.slice(0, -1)}${adminKey.endsWith('a') ? 'b' : 'a'}`,
    'a revoked key of role admin': revoked.secret,
    'an expired key of role admin': expired,
    'a deleted key of role admin': deleted.secret,
    'an admin who is signed in': idToken({ 'cognito:groups': ['owners'] }),
    'an auditor who is signed in': idToken({ 'cognito:groups': ['revision'] }),
    'a user who is signed in': idToken(),
    'a sign-in that has ended': idToken({ 'cognito:groups': ['owners'], exp: 1_000_000_000 }),
    'a sign-in for another application': sign(common({ aud: 'other', 'cognito:groups': ['owners'] })),
    'a sign-in of an admin that is forged': signToken(createSigningKey('one'), { ...common({ 'cognito:groups': ['owners'] }), iss: url }),
  };
  const secrets = Object.fromEntries(Object.entries(bearer).map(([kind, secret]) => [kind, `Bearer ${secret}`]));
  const others = { 'an empty bearer': 'Bearer ', 'basic authentication': `Basic ${btoa(`admin:${MASTER_KEY}`)}` };
  return { apps: { proxy, admin: admin.app }, secrets: { ...secrets, ...others } };
}

function nobody(): never {
  throw new Error('No model is called here.');
}
