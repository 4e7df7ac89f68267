// What is remembered about who may, and for how long at most: API Gateway's memory over the authorizer over the copies of a process, with the
// clock in the test's hand. The numbers are those of docs/access.md.
import { handle } from 'hono/aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdminApp } from '../../functions/admin/app.ts';
import { createPrincipalOf } from '../../functions/admin/authorized.ts';
import { createDecide } from '../../functions/authorizer/decide.ts';
import { createMasterKey, MASTER_KEY_LIFE_MS } from '../../functions/authorizer/master-key.ts';
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import { STRANGER_LIFE_MS } from '../../functions/core/access/find-key.ts';
import { JWKS_LIFE_MS } from '../../functions/core/access/jwks.ts';
import { createVerifyToken } from '../../functions/core/access/oidc.ts';
import { createSecret } from '../../functions/core/access/secret.ts';
import { newAccount } from '../../functions/core/ledger/account.ts';
import { createBooks } from '../../functions/core/ledger/books.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { COPY_LIFE_MS } from '../../functions/core/store/copies.ts';
import { settingsOf } from '../lib/deployment.ts';
import { administrationOf } from '../support/admin.ts';
import { createParts, NO_LIMITS, usd } from '../support/gateway-parts.ts';
import { createSigningKey, type Issuer, startIssuer } from '../support/issuer.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const CACHE_MS = settingsOf().authorizerCacheSeconds * 1000;

/** Each part in a process of its own on one database, as deployed. */
function createWorld(issuer: Issuer) {
  const time = { now: Date.now() };
  const clock = () => time.now;
  const secrets = { master: 'the-first-master-key' };
  const store = createMemoryStore();
  const [behind, asked, elsewhere] = ['admin.1', 'authorizer.1', 'other.1'].map((name) => createParts(store, time, name));
  const masterKey = createMasterKey(async () => secrets.master, clock);
  const log = createLog(() => undefined);
  const verifyToken = createVerifyToken(issuer.settings(), clock);
  const authorize = createAuthorize({
    keys: asked!.keys,
    masterKey: masterKey.current,
    renewMasterKey: masterKey.renew,
    verifyToken,
    clock,
  });
  const decide = createDecide({ authorize, clock, log });
  const parts = { ...behind!, store, clock, log };
  const principalOf = createPrincipalOf({ keys: parts.keys, clock });
  const admin = handle(createAdminApp({ ...administrationOf(parts), ...createBooks(parts), ...parts, principalOf }));
  const memory = new Map<string, { answer: Awaited<ReturnType<typeof decide>>; until: number }>();

  return {
    time,
    secrets,
    store,
    elsewhere: elsewhere!,
    /** A request through API Gateway, which asks the authorizer only when it does not remember. */
    async ask(secret: string, path = '/admin/v1/keys'): Promise<{ status: number; code?: string }> {
      const headers = { authorization: `Bearer ${secret}` };
      let known = memory.get(secret);
      if (!known || known.until <= time.now) {
        known = { answer: await decide({ headers }), until: time.now + CACHE_MS };
        memory.set(secret, known);
      }
      const requestContext = { http: { method: 'GET', path }, authorizer: { lambda: JSON.parse(JSON.stringify(known.answer.context)) } };
      const event = { version: '2.0', rawPath: path, rawQueryString: '', headers, requestContext, isBase64Encoded: false };
      const { statusCode, body } = (await admin(event as never)) as unknown as { statusCode: number; body: string };
      return { status: statusCode, code: JSON.parse(body).code };
    },
  };
}

let issuer: Issuer;
let world: ReturnType<typeof createWorld>;
beforeAll(async () => {
  issuer = await startIssuer();
});
beforeEach(() => {
  world = createWorld(issuer);
});
afterAll(() => issuer.stop());

describe('on the JSON APIs', () => {
  test.each([
    ['revoked', { revoked: { reason: 'lost' } }, { status: 401, code: 'key_revoked' }],
    ['no admin any more', { role: 'user' as const }, { status: 403, code: 'permission_denied' }],
    ['an auditor now', { role: 'auditor' as const }, { status: 200 }],
  ])('a key that is %s counts as that at once', async (_what, change, expected) => {
    const { key, secret } = await world.elsewhere.makeKey({}, { role: 'admin' });
    expect(await world.ask(secret)).toMatchObject({ status: 200 });
    await world.elsewhere.keys.change(key.id, change, () => ({}));
    expect(await world.ask(secret)).toMatchObject(expected);
  });

  test('a key that is deleted is gone at once', async () => {
    const { key, secret } = await world.elsewhere.makeKey({}, { role: 'admin' });
    expect(await world.ask(secret)).toMatchObject({ status: 200 });
    await world.elsewhere.keys.remove(key.id);
    expect(await world.ask(secret)).toEqual({ status: 401, code: 'invalid_api_key' });
  });

  test('an old master key is believed for two minutes at most, and a new one at once', async () => {
    await world.ask('the-first-master-key');
    world.secrets.master = 'the-second-master-key';
    world.time.now += MASTER_KEY_LIFE_MS - 1;
    await world.ask('the-first-master-key');
    world.time.now += CACHE_MS;
    expect(MASTER_KEY_LIFE_MS + CACHE_MS).toBe(120_000);
    expect(await world.ask('the-first-master-key')).toEqual({ status: 401, code: 'invalid_api_key' });
    expect(await world.ask('the-second-master-key')).toMatchObject({ status: 200 });
  });

  test('a sign-in ends at its end, although its answer is remembered', async () => {
    const exp = Math.floor(world.time.now / 1000) + 30;
    const token = issuer.idToken({ 'cognito:groups': ['owners'], exp });
    expect(await world.ask(token)).toMatchObject({ status: 200 });
    world.time.now = exp * 1000;
    expect(await world.ask(token)).toEqual({ status: 401, code: 'key_expired' });
  });

  test('a key that an issuer has withdrawn is believed for eleven minutes at most', async () => {
    const token = issuer.idToken({ 'cognito:groups': ['owners'], exp: Math.floor(world.time.now / 1000) + 9_000 });
    expect(await world.ask(token)).toMatchObject({ status: 200 });
    const { keys } = issuer.told;
    issuer.told.keys = [createSigningKey('new')];
    world.time.now += JWKS_LIFE_MS - 1;
    await world.ask(token);
    world.time.now += CACHE_MS;
    expect(JWKS_LIFE_MS + CACHE_MS).toBe(660_000);
    expect(await world.ask(token)).toEqual({ status: 401, code: 'invalid_api_key' });
    issuer.told.keys = keys;
  });

  test('a refusal is remembered for 65 seconds at most', async () => {
    const secret = createSecret();
    expect(await world.ask(secret)).toMatchObject({ status: 401 });
    const fields = { name: 'late', email: null, role: 'admin' as const, tags: [], models: [], expiresAt: null };
    await world.elsewhere.keys.create(fields, newAccount(NO_LIMITS, '2026-11'), secret);
    world.time.now += CACHE_MS + STRANGER_LIFE_MS;
    expect(CACHE_MS + STRANGER_LIFE_MS).toBe(65_000);
    expect(await world.ask(secret)).toMatchObject({ status: 200 });
  });
});

describe('on the model API', () => {
  test('a list of models is shown to a revoked key for the life of a copy and no longer', async () => {
    const { key, secret } = await world.elsewhere.makeKey();
    const proxy = createParts(world.store, world.time, 'proxy.1');
    const authorize = createAuthorize({ keys: proxy.keys, masterKey: async () => undefined, clock: () => world.time.now });
    await authorize(secret);
    await world.elsewhere.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
    world.time.now += COPY_LIFE_MS - 1;
    expect(await authorize(secret)).toMatchObject({ kind: 'key' });
    world.time.now += 1;
    await expect(authorize(secret)).rejects.toMatchObject({ code: 'key_revoked' });
  });

  test('money and revocation are decided fresh by every call, whatever copy the process has', async () => {
    const proxy = createParts(world.store, world.time, 'proxy.1');
    const { key, secret } = await world.elsewhere.makeKey({ balance: usd('10') });
    const authorize = createAuthorize({ keys: proxy.keys, masterKey: async () => undefined, clock: () => world.time.now });
    await authorize(secret);
    expect(await proxy.call(key.id, usd('1'))).toBe(true);
    expect(await world.elsewhere.call(key.id, usd('8'))).toBe(true);
    await authorize(secret);
    expect((await proxy.admit(key.id, usd('2'), { smallestAmount: usd('2') })).hold).toBeUndefined();
    await world.elsewhere.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
    await authorize(secret);
    expect((await proxy.admit(key.id, usd('0.1'))).hold).toBeUndefined();
  });
});
