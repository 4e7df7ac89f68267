// Tokens of an identity provider: who is let in as what, who is not, and how its keys are read.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSigningKeys, JWKS_LIFE_MS, JWKS_LONGEST_MS, SHORTEST_WAIT_MS } from '../../../functions/core/access/jwks.ts';
import { createVerifyToken } from '../../../functions/core/access/oidc.ts';
import { CLIENT_ID, type Claims, createSigningKey, type Issuer, signToken, startIssuer } from '../../support/issuer.ts';

let issuer: Issuer;
let time: { now: number };
const first = createSigningKey('one', 'RS256');
const clock = () => time.now;
const verifierOf = (more: Record<string, string> = {}) => createVerifyToken(issuer.settings(more), clock);

beforeAll(async () => {
  issuer = await startIssuer();
});
beforeEach(() => {
  time = { now: Date.now() };
  issuer.told.keys = [first];
  issuer.told.answer = undefined;
  issuer.asked.length = 0;
});
afterAll(() => issuer.stop());

describe('who is signed in', () => {
  test('is told by an ID token of Cognito', async () => {
    const user = await verifierOf()(issuer.idToken({ sub: 'u-1' }));
    expect(user).toEqual({
      id: 'u-1',
      name: 'Ada',
      email: 'ada@example.com',
      hasVerifiedEmail: true,
      role: 'user',
      expiresAt: expect.any(Number),
    });
  });

  test('is told by an access token of Cognito, which has a client id in place of an audience', async () => {
    const user = await verifierOf()(issuer.accessToken({ sub: 'u-1', 'cognito:groups': ['revision'] }));
    expect(user).toMatchObject({ id: 'u-1', email: null, role: 'auditor' });
  });

  test.each<[string, Claims, string]>([
    ['no group', {}, 'user'],
    ['a group that means nothing', { 'cognito:groups': ['readers'] }, 'user'],
    ['the group of admins', { 'cognito:groups': ['readers', 'owners'] }, 'admin'],
    ['the group of auditors', { 'cognito:groups': ['revision'] }, 'auditor'],
    ['both', { 'cognito:groups': ['revision', 'outcrop-admins'] }, 'admin'],
    ['one group as a text', { 'cognito:groups': 'revision' }, 'auditor'],
    ['a text that only holds the name of a group', { 'cognito:groups': 'not owners' }, 'user'],
    ['a role of its own making', { role: 'admin', groups: ['owners'] }, 'user'],
    ['groups of another shape', { 'cognito:groups': { owners: true } }, 'user'],
  ])('with %s has the role that the settings give it', async (_what, claims, role) => {
    expect(await verifierOf()(issuer.idToken(claims))).toMatchObject({ role });
  });

  test('is found by the claims that the settings name, by a path or by a name with dots', async () => {
    const names = { OUTCROP_OIDC_USER_CLAIM: 'oid', OUTCROP_OIDC_EMAIL_CLAIM: 'upn' };
    const token = issuer.idToken({
      oid: 'o-1',
      upn: 'a@b.example',
      realm_access: { roles: ['owners'] },
      'https://x.example/roles': ['revision'],
    });
    expect(await verifierOf({ ...names, OUTCROP_OIDC_GROUPS_CLAIM: 'realm_access.roles' })(token)).toMatchObject({
      id: 'o-1',
      email: 'a@b.example',
      role: 'admin',
    });
    expect(await verifierOf({ OUTCROP_OIDC_GROUPS_CLAIM: 'https://x.example/roles' })(token)).toMatchObject({ role: 'auditor' });
  });

  test('has no email address that the issuer calls unverified', async () => {
    expect(await verifierOf()(issuer.idToken({ email_verified: false }))).toMatchObject({ email: null });
  });

  test('must be in a named group where groups are named', async () => {
    const verify = verifierOf({ OUTCROP_OIDC_USER_GROUPS: 'staff' });
    expect(await verify(issuer.idToken({ 'cognito:groups': ['staff'] }))).toMatchObject({ role: 'user' });
    expect(await verify(issuer.idToken({ 'cognito:groups': ['owners'] }))).toMatchObject({ role: 'admin' });
    await expect(verify(issuer.idToken())).rejects.toMatchObject({ code: 'permission_denied', status: 403 });
  });
});

describe('a token is refused', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const none = (claims: Claims) => signToken(first, claims, { alg: 'none' });
  const byPublicKey = (claims: Claims) => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const input = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims)}`;
    return `${input}.${createHmac('sha256', JSON.stringify(first.jwk)).update(input).digest('base64url')}`;
  };
  const good = (more: Claims = {}) => issuer.common({ aud: CLIENT_ID, ...more });

  test.each<[string, () => string, string, string]>([
    ['of another issuer', () => issuer.idToken({ iss: 'https://evil.example' }), 'invalid_api_key', 'another issuer'],
    ['for another audience', () => issuer.idToken({ aud: 'other' }), 'invalid_api_key', 'another application'],
    [
      'for another audience, with our client id',
      () => issuer.sign(good({ aud: 'other', client_id: CLIENT_ID })),
      'invalid_api_key',
      'another application',
    ],
    ['for nobody', () => issuer.sign(good({ aud: undefined })), 'invalid_api_key', 'another application'],
    ['that is a refresh token', () => issuer.idToken({ token_use: 'refresh' }), 'invalid_api_key', 'neither an access'],
    ['that has ended', () => issuer.idToken({ exp: now() - 5 }), 'key_expired', 'expired on'],
    ['that ended long ago', () => issuer.idToken({ exp: now() - 5000 }), 'key_expired', 'expired on'],
    ['without an end', () => issuer.idToken({ exp: undefined }), 'invalid_api_key', 'no end'],
    ['of the future', () => issuer.idToken({ nbf: now() + 600 }), 'invalid_api_key', 'not valid'],
    ['without a user', () => issuer.idToken({ sub: undefined }), 'invalid_api_key', 'no claim sub'],
    ['signed by another key of the same name', () => signToken(createSigningKey('one', 'RS256'), good()), 'invalid_api_key', 'not valid'],
    ['signed by a key nobody names', () => signToken(createSigningKey('two'), good()), 'invalid_api_key', 'does not name'],
    ['that is not signed', () => none(good()), 'invalid_api_key', 'not valid'],
    ['signed with the public key as a secret', () => byPublicKey(good()), 'invalid_api_key', 'not valid'],
    [
      'whose claims were changed',
      () => issuer.idToken().replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(good())).toString('base64url')}.`),
      'invalid_api_key',
      'not valid',
    ],
    ['that is no token', () => 'eyJ.e.e', 'invalid_api_key', 'not valid'],
    ['that has no end of length', () => issuer.idToken({ x: 'x'.repeat(20_000) }), 'invalid_api_key', 'too long'],
  ])('%s', async (_what, make, code, text) => {
    const token = make();
    const refusal = await verifierOf()(token).catch((thrown) => thrown);
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(refusal.message).not.toContain(token.slice(0, 20));
  });

  test('at the very moment it ends', async () => {
    const verify = verifierOf();
    const token = issuer.idToken({ exp: now() + 3000 });
    const { expiresAt } = await verify(token);
    time.now = expiresAt - 1;
    await verify(token);
    time.now = expiresAt;
    await expect(verify(token)).rejects.toMatchObject({ code: 'key_expired' });
  });
});

describe('the keys of the issuer', () => {
  test('are found by its description and read once', async () => {
    const verify = verifierOf();
    await Promise.all([verify(issuer.idToken()), verify(issuer.idToken()), verify(issuer.accessToken())]);
    await verify(issuer.idToken());
    expect(issuer.asked).toEqual(['/pool/.well-known/openid-configuration', '/pool/keys']);
  });

  test('are read at an address of their own where one is given', async () => {
    await verifierOf({ OUTCROP_OIDC_JWKS_URI: `${issuer.url}/keys` })(issuer.idToken());
    expect(issuer.asked).toEqual(['/pool/keys']);
  });

  test('are read again for a key that is new, and no more often than once in ten seconds however many strangers come', async () => {
    const verify = verifierOf({ OUTCROP_OIDC_JWKS_URI: `${issuer.url}/keys` });
    await verify(issuer.idToken());
    issuer.told.keys = [first, createSigningKey('two')];
    const token = issuer.idToken();
    await expect(verify(token)).rejects.toMatchObject({ code: 'invalid_api_key' });
    time.now += SHORTEST_WAIT_MS;
    await verify(token);
    expect(issuer.asked).toHaveLength(2);
    const stranger = signToken(createSigningKey('three'), issuer.common({ aud: CLIENT_ID }));
    time.now += SHORTEST_WAIT_MS;
    for (let n = 0; n < 20; n += 1) await verify(stranger).catch(() => undefined);
    expect(issuer.asked).toHaveLength(3);
  });

  test('that were withdrawn are believed no longer than their life', async () => {
    const verify = verifierOf({ OUTCROP_OIDC_JWKS_URI: `${issuer.url}/keys` });
    const token = issuer.idToken();
    await verify(token);
    issuer.told.keys = [createSigningKey('two')];
    time.now += JWKS_LIFE_MS - 1;
    await verify(token);
    time.now += 1;
    await expect(verify(token)).rejects.toMatchObject({ code: 'invalid_api_key' });
  });

  test('stay in force for an hour while the issuer is out of reach, and then nothing can be decided', async () => {
    const verify = verifierOf({ OUTCROP_OIDC_JWKS_URI: `${issuer.url}/keys` });
    const [token, stranger] = [issuer.idToken(), signToken(createSigningKey('two'), issuer.common({ aud: CLIENT_ID }))];
    await verify(token);
    issuer.told.answer = () => undefined;
    time.now += JWKS_LIFE_MS;
    await verify(token);
    await verify(token);
    expect(issuer.asked).toHaveLength(2);
    await expect(verify(stranger)).rejects.toMatchObject({ code: 'service_unavailable' });
    const end = issuer.idToken({ exp: Math.floor(time.now / 1000) + 9000 });
    time.now += JWKS_LONGEST_MS - JWKS_LIFE_MS;
    await expect(verify(end)).rejects.toMatchObject({ code: 'service_unavailable', status: 503 });
  });

  const page = (body: string) => async () => new Response(body);
  test.each<[string, typeof globalThis.fetch]>([
    ['cannot be reached', () => Promise.reject(new Error('ECONNREFUSED 10.0.0.1'))],
    ['answers 500', async () => new Response('{"keys":[]}', { status: 500 })],
    ['answers no JSON', page('<html>')],
    ['answers no keys', page('{"keys":7}')],
    ['answers without an end', page(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`)],
    [
      'never answers',
      (_url, init) => new Promise((_, reject) => init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason))),
    ],
  ])('that %s: a 503 that tells nothing of it', async (what, fetch) => {
    const patient: typeof fetch = (url, init) =>
      fetch(url, what === 'never answers' ? { ...init, signal: AbortSignal.any([init!.signal!, AbortSignal.timeout(20)]) } : init);
    const keys = createSigningKeys({ issuer: issuer.url, jwksUri: `${issuer.url}/keys` }, clock, patient);
    const refusal = await keys.current().catch((thrown) => thrown);
    expect(refusal).toMatchObject({ code: 'service_unavailable', details: { retryAfterSeconds: 10 } });
    expect(refusal.message).not.toMatch(/ECONN|html|500/);
  });

  test('are asked for with an end in time, and never by way of another address', async () => {
    let asked: RequestInit | undefined;
    const keys = createSigningKeys({ issuer: issuer.url, jwksUri: undefined }, clock, (_url, init) => {
      asked = init;
      return Promise.reject(new Error());
    });
    await keys.current().catch(() => undefined);
    expect(asked).toMatchObject({ redirect: 'error', signal: expect.any(AbortSignal) });
  });

  test.each([
    ['another issuer', () => JSON.stringify({ issuer: 'https://evil.example', jwks_uri: `${issuer.url}/keys` })],
    ['an address without TLS', () => JSON.stringify({ issuer: issuer.url, jwks_uri: 'http://evil.example/keys' })],
  ])('are not taken from a description that names %s', async (_what, description) => {
    issuer.told.answer = description;
    await expect(verifierOf()(issuer.idToken())).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(issuer.asked).toHaveLength(1);
  });

  test('are usable although one of them is odd', async () => {
    issuer.told.answer = () => JSON.stringify({ keys: [null, { kty: 7 }, { ...first.jwk, kid: 'enc', use: 'enc' }, first.jwk] });
    expect(await verifierOf({ OUTCROP_OIDC_JWKS_URI: `${issuer.url}/keys` })(issuer.idToken())).toMatchObject({ role: 'user' });
  });
});
