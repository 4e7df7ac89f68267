// The authorizer's bundle as Lambda runs it: whom it lets pass, and that nobody is let pass for a header the answer is not remembered by.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { type Database, startDatabase } from './database.ts';
import type { Emulator } from './runtime/emulator.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { start } from './shipped.ts';

const ENTRY = 'functions/authorizer/index.ts';
const MASTER_KEY_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:master';
const MASTER_KEY = 'the-master-key-of-this-test';
const refused = (code: string) => ({ isAuthorized: true, context: expect.objectContaining({ kind: 'refused', code }) });

describe.skipIf(!existsSync(new URL(`../../${ENTRY}`, import.meta.url)))('the authorizer', () => {
  let database: Database;
  let secrets: Secrets;
  let emulator: Emulator;
  let issuer: Issuer;
  let adminKey: { id: string; secret: string };

  beforeAll(async () => {
    [database, secrets] = await Promise.all([startDatabase(), startSecrets({ [MASTER_KEY_SECRET_ARN]: MASTER_KEY })]);
    issuer = await startIssuer();
    adminKey = await database.makeKey({ role: 'admin' });
    emulator = await start(ENTRY, {
      ...database.environment,
      MASTER_KEY_SECRET_ARN,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      ...issuer.environment,
    });
  });
  afterAll(async () => {
    await emulator.stop();
    await database.stop();
    secrets.stop();
    issuer.stop();
  });

  const decide = async (headers: Record<string, string>) =>
    (await emulator.invoke(question(headers))) as { isAuthorized: boolean; context: unknown };
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

  test('lets the master key pass', async () => {
    expect(await decide(bearer(MASTER_KEY))).toEqual({ isAuthorized: true, context: { kind: 'master' } });
  });

  test('lets a key with the role admin pass', async () => {
    expect(await decide(bearer(adminKey.secret))).toEqual({ isAuthorized: true, context: { kind: 'key', keyId: adminKey.id } });
  });

  test('lets somebody pass whom the identity provider has signed in', async () => {
    const { context } = await decide(bearer(issuer.accessToken({ sub: 'u-1', 'cognito:groups': ['owners'] })));
    expect(context).toEqual({ kind: 'user', id: 'u-1', role: 'admin', expiresAt: expect.any(Number) });
    expect(await decide(bearer(issuer.idToken({ aud: 'other' })))).toEqual(refused('invalid_api_key'));
  });

  test.each([
    ['nearly the master key', bearer(`${MASTER_KEY}.`)],
    ['an unknown key', bearer('sk-unknown')],
    ['no bearer token', { authorization: 'Basic dTpw' }],
    ['an empty header', { authorization: '' }],
  ])('refuses %s, without an error', async (_what, headers) => {
    expect(await decide(headers)).toEqual(refused('invalid_api_key'));
  });

  test('refuses an expired key', async () => {
    const { secret } = await database.makeKey({ role: 'admin', expiresAt: Date.now() - 1 });
    expect(await decide(bearer(secret))).toEqual(refused('key_expired'));
  });

  test('does not look at x-api-key: its answer would be remembered for whoever sends the same Authorization', async () => {
    expect(await decide({ ...bearer('sk-unknown'), 'x-api-key': MASTER_KEY })).toEqual(refused('invalid_api_key'));
  });

  test('says nothing in its answer or log that opens a door', async () => {
    const answers = [await decide(bearer(MASTER_KEY)), await decide(bearer(adminKey.secret))];
    await emulator.settled();
    for (const secret of [MASTER_KEY, adminKey.secret]) expect(JSON.stringify(answers) + emulator.log()).not.toContain(secret);
  });
});

/** What API Gateway asks: payload version 2.0. */
function question(headers: Record<string, string>) {
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: 'arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/admin/v1/keys',
    identitySource: [headers.authorization, 'ANY /admin/{proxy+}'],
    routeKey: 'ANY /admin/{proxy+}',
    rawPath: '/admin/v1/keys',
    rawQueryString: '',
    headers,
    requestContext: { http: { method: 'GET', path: '/admin/v1/keys' }, routeKey: 'ANY /admin/{proxy+}', stage: '$default' },
    pathParameters: { proxy: 'v1/keys' },
  };
}
