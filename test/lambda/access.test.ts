// The authorizer's bundle and the one behind it, joined as API Gateway joins them: callers read why they are refused, and who comes without
// an answer of the authorizer, or with one that names nobody, is refused too.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecret } from '../../functions/core/access/secret.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { type Database, startDatabase } from './database.ts';
import type { Emulator } from './runtime/emulator.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { start } from './shipped.ts';

const MASTER_KEY_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:master';
const MASTER_KEY = 'the-master-key-of-this-test';

let [database, secrets, issuer] = [] as unknown as [Database, Secrets, Issuer];
let [authorizer, admin] = [] as unknown as [Emulator, Emulator];

beforeAll(async () => {
  [database, secrets, issuer] = await Promise.all([startDatabase(), startSecrets({ [MASTER_KEY_SECRET_ARN]: MASTER_KEY }), startIssuer()]);
  const environment = { ...database.environment, BODIES_BUCKET: 'bodies', LOGGING: 'off' };
  const forAuthorizer = { MASTER_KEY_SECRET_ARN, AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url, ...issuer.environment };
  [authorizer, admin] = await Promise.all([
    start('functions/authorizer/index.ts', { ...environment, ...forAuthorizer }),
    start('functions/admin/index.ts', { ...environment, ENABLE_TOOL_USE: 'false', RATE_LIMIT_REQUESTS: '9', RATE_LIMIT_WINDOW: '3600' }),
  ]);
});
afterAll(async () => {
  await Promise.all([authorizer?.stop(), admin?.stop()]);
  await database.stop();
  secrets.stop();
  issuer.stop();
});

type Answer = { statusCode: number; headers: Record<string, string>; body: string };

async function answerOf(method: string, path: string, headers: Record<string, string>, context: unknown, body?: object) {
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'test' };
  const requestContext = {
    http,
    domainName: 'api.example.com',
    stage: '$default',
    ...(context !== undefined && { authorizer: { lambda: context } }),
  };
  const event = {
    version: '2.0',
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext,
    body: body && JSON.stringify(body),
    isBase64Encoded: false,
  };
  const { statusCode, headers: answered, body: text } = (await admin.invoke(event)) as Answer;
  return { status: statusCode, headers: answered, json: JSON.parse(text) };
}

async function ask(authorization: string, path = '/admin/v1/keys', method = 'GET', body?: object) {
  const headers = { authorization, ...(body && { 'content-type': 'application/json' }) };
  const { isAuthorized, context } = (await authorizer.invoke({ version: '2.0', type: 'REQUEST', headers })) as {
    isAuthorized: boolean;
    context: unknown;
  };
  expect(isAuthorized).toBe(true);
  return answerOf(method, path, headers, context, body);
}

describe('a caller', () => {
  test('with the master key, a key of role admin or a sign-in of an admin is let in', async () => {
    const { secret } = await database.makeKey({ role: 'admin' });
    const token = issuer.idToken({ 'cognito:groups': ['owners'] });
    for (const one of [MASTER_KEY, secret, token]) expect((await ask(`Bearer ${one}`)).status).toBe(200);
  });

  test('who is an auditor reads, and changes nothing', async () => {
    const { secret } = await database.makeKey({ role: 'auditor' });
    expect((await ask(`Bearer ${secret}`)).status).toBe(200);
    const { status, json } = await ask(`Bearer ${secret}`, '/admin/v1/keys', 'POST');
    expect([status, json.code]).toEqual([403, 'permission_denied']);
  });

  test('who is signed in hears who he is here', async () => {
    const { json } = await ask(`Bearer ${issuer.idToken({ sub: 'u-1' })}`, '/me/principal');
    expect(json).toEqual({ kind: 'user', role: 'user', id: 'u-1', name: 'Ada', email: 'ada@example.com', expiresAt: expect.any(String) });
  });

  test.each<[string, () => Promise<string> | string, string, RegExp]>([
    ['without credentials', () => 'None', 'invalid_api_key', /No key was given/],
    ['with an unknown key', () => `Bearer ${createSecret()}`, 'invalid_api_key', /Incorrect API key/],
    ['with an expired key', async () => `Bearer ${(await database.makeKey({ expiresAt: 1 })).secret}`, 'key_expired', /expired on 1970/],
    ['with a sign-in for another application', () => `Bearer ${issuer.idToken({ aud: 'x' })}`, 'invalid_api_key', /another application/],
  ])('%s reads why in problem+json', async (_what, authorization, code, detail) => {
    const { status, headers, json } = await ask(await authorization());
    expect([status, headers['content-type'], headers['www-authenticate']]).toEqual([401, 'application/problem+json', 'Bearer']);
    expect(json).toMatchObject({ code, detail: expect.stringMatching(detail) });
  });

  test('with one wrong key after the other is told to wait', async () => {
    let last = await ask('Bearer sk-wrong');
    for (let n = 0; n < 25; n += 1) last = await ask(`Bearer sk-wrong-${n}`);
    expect([last.status, last.json.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(`Bearer ${MASTER_KEY}`)).status).toBe(200);
  });
});

test('what the environment says of rates and features counts until somebody says otherwise', async () => {
  const made = await ask(`Bearer ${MASTER_KEY}`, '/api/keys', 'POST', { user_id: 'u', name: 'k' });
  expect(made.json).toMatchObject({ rate_limit: 9 });
  const { windows } = (await ask(`Bearer ${MASTER_KEY}`, `/admin/v1/keys/${made.json.key_id}`)).json;
  expect(windows).toMatchObject([{ kind: 'requests', limit: 9, per: '1h' }]);
  const { json } = await ask(`Bearer ${MASTER_KEY}`, '/admin/v1/settings');
  expect(json.features).toMatchObject({ tools: false, vision: true });
});

test.each([
  ['no answer of the authorizer', undefined],
  ['an empty one', {}],
  ['a kind nobody knows', { kind: 'anonymous' }],
  ['a refusal', { kind: 'refused', code: 'invalid_api_key', message: 'no' }],
  ['a refusal with a code that is none', { kind: 'refused', code: 'internal_error', message: 'no' }],
  ['half a user', { kind: 'user', id: 'u-1', role: 'admin' }],
  ['a user of a role that is none', { kind: 'user', id: 'u-1', role: 'master', expiresAt: 9e15 }],
])('%s lets nobody in, whatever the headers say', async (_what, context) => {
  for (const path of ['/admin/v1/keys', '/me/principal', '/nothing']) {
    expect((await answerOf('GET', path, { authorization: `Bearer ${MASTER_KEY}` }, context)).status).toBe(401);
  }
});
