// A local start with an identity provider, over HTTP: both APIs ask the same authorize, and addresses are those of sockets.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MOST_A_MINUTE } from '../../functions/core/access/attempts.ts';
import { readSettings } from '../../local/settings.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';

let issuer: Issuer;
let gateway: Gateway;
beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await startGateway({ oidc: issuer.settings() });
});
afterAll(async () => {
  await gateway.close();
  issuer.stop();
});

async function ask(path: string, credential: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${credential}`, ...headers } });
  return { status: answer.status, text: await answer.text() };
}

test('people sign in to the JSON APIs by the role of their groups, and call no models', async () => {
  const token = issuer.idToken({ 'cognito:groups': ['owners'] });
  expect(JSON.parse((await ask('/me/principal', token)).text)).toMatchObject({ kind: 'user', role: 'admin', email: 'ada@example.com' });
  expect((await ask('/admin/v1/keys', token)).status).toBe(200);
  expect((await ask('/admin/v1/keys', issuer.accessToken())).status).toBe(403);
  const { status, text } = await ask('/v1/models', token);
  expect(status).toBe(401);
  expect(text).toContain('A sign-in token is not taken here. Use a key.');
  expect(gateway.logs.join('\n')).not.toContain(token);
});

test('wrong keys are counted over both APIs by the socket, whatever address a header claims', async () => {
  const { secret } = await gateway.makeKey();
  const statuses: number[] = [];
  for (let n = 0; n <= MOST_A_MINUTE; n += 1) {
    const path = n % 2 === 0 ? '/v1/models' : '/admin/v1/keys';
    statuses.push((await ask(path, `wrong-${n}`, { 'x-outcrop-viewer': `10.0.0.${n}`, 'x-forwarded-for': `10.0.0.${n}` })).status);
  }
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  expect((await ask('/v1/models', secret)).status).toBe(200);
});

test('settings that cannot be meant are told at the start', () => {
  expect(readSettings({}).oidc).toBeUndefined();
  expect(() => readSettings({ OUTCROP_OIDC_ISSUER: 'http://id.example' })).toThrow(
    'OUTCROP_OIDC_AUDIENCE is missing; it must name the client ids or audiences that tokens are for; "http://id.example" must be an https URL.',
  );
  expect(
    readSettings({ OUTCROP_OIDC_ISSUER: 'https://cognito-idp.eu-west-1.amazonaws.com/p', OUTCROP_OIDC_AUDIENCE: 'a, b' }).oidc,
  ).toMatchObject({
    audiences: ['a', 'b'],
    groupsClaim: 'cognito:groups',
    adminGroups: [],
    userGroups: null,
  });
});
