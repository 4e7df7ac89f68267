// An identity provider on this machine: signs tokens as Amazon Cognito and others do, and serves its keys over loopback.
import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readOidc } from '../../functions/core/platform/environment.ts';

export type Claims = Record<string, unknown>;
export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

export const CLIENT_ID = '3n4b5urk1ft4fl3mg5e62d9ado';

export type SigningKey = { kid: string; alg: string; privateKey: KeyObject; jwk: object };

export function createSigningKey(kid: string, alg: 'RS256' | 'ES256' = 'ES256'): SigningKey {
  const pair = alg === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, alg, privateKey: pair.privateKey, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

export function signToken({ kid, alg, privateKey }: SigningKey, claims: Claims, header: Claims = {}): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode({ kid, alg, typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${input}.${createSign('sha256').update(input).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')}`;
}

export async function startIssuer() {
  const asked: string[] = [];
  const told = { keys: [createSigningKey('one', 'RS256')], answer: undefined as ((path: string) => string | undefined) | undefined };
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const body = told.answer ? told.answer(request.url!) : bodies[request.url!]?.();
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;
  const bodies: Record<string, () => string> = {
    '/pool/.well-known/openid-configuration': () => JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }),
    '/pool/keys': () => JSON.stringify({ keys: told.keys.map(({ jwk }) => jwk) }),
  };
  const now = () => Math.floor(Date.now() / 1000);
  const common = (claims: Claims) => ({ sub: randomUUID(), iss: url, iat: now(), exp: now() + 3600, ...claims });
  const sign = (claims: Claims, header?: Claims) => signToken(told.keys.at(-1)!, claims, header);

  return {
    url,
    /** What was asked for, in order. */
    asked,
    /** Its keys, the last of which signs; `answer` answers in place of what it would say. */
    told,
    environment: {
      OUTCROP_OIDC_ISSUER: url,
      OUTCROP_OIDC_AUDIENCE: CLIENT_ID,
      OUTCROP_OIDC_GROUPS_CLAIM: 'cognito:groups',
      OUTCROP_OIDC_ADMIN_GROUPS: 'outcrop-admins, owners',
      OUTCROP_OIDC_AUDITOR_GROUPS: 'revision',
    },
    settings(more: Record<string, string> = {}) {
      return readOidc({ ...this.environment, ...more })!;
    },
    sign,
    /** https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html */
    idToken: (claims: Claims = {}) =>
      sign(common({ aud: CLIENT_ID, token_use: 'id', email: 'ada@example.com', email_verified: true, name: 'Ada', ...claims })),
    /** https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html */
    accessToken: (claims: Claims = {}) =>
      sign(common({ client_id: CLIENT_ID, token_use: 'access', scope: 'openid', username: 'ada', ...claims })),
    common,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
