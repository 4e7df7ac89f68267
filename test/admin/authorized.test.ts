// The app behind API Gateway: who calls is what the authorizer said, and how the key is now.
import { handle } from 'hono/aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminApp } from '../../functions/admin/app.ts';
import { createPrincipalOf } from '../../functions/admin/authorized.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { type AdminGateway, createAdmin, MASTER_KEY } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
let ask: (authorizer: unknown, event?: object) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  const { keys, clock } = admin;
  const log = createLog(() => undefined);
  const handler = handle(createAdminApp({ ...admin, principalOf: createPrincipalOf({ keys, clock }), log }));
  ask = async (authorizer, event) => {
    const answer = await handler({ ...question(authorizer), ...event } as never);
    return answer as unknown as Awaited<ReturnType<typeof ask>>;
  };
});
afterAll(() => engine.close());

const asKey = (keyId: string, role = 'admin') => ({ lambda: { kind: 'key', keyId, role } });

test('the master key and keys of role admin may', async () => {
  const { id } = await admin.makeKey({ role: 'admin' });
  expect((await ask({ lambda: { kind: 'master' } })).statusCode).toBe(200);
  expect((await ask(asKey(id))).statusCode).toBe(200);
});

test.each([
  ['no authorizer', undefined],
  ['nothing of it', {}],
  ['an empty answer', { lambda: {} }],
  ['another kind', { lambda: { kind: 'admin' } }],
  ['no key', { lambda: { kind: 'key' } }],
  ['a key that is no more', asKey(`key_${'0'.repeat(22)}`)],
  ['another authorizer', { jwt: { claims: { kind: 'master' } } }],
])('with %s nobody may, whatever the headers say', async (_what, authorizer) => {
  const headers = { authorization: `Bearer ${MASTER_KEY}`, 'x-api-key': MASTER_KEY };
  const { statusCode, headers: answered } = await ask(authorizer, { headers });
  expect([statusCode, answered['www-authenticate']]).toEqual([401, 'Bearer']);
});

describe('an answer that API Gateway remembers', () => {
  test.each([
    ['is revoked', { revoked: true }, 401],
    ['is no admin any more', { role: 'user' }, 403],
    ['is renamed', { name: 'other' }, 200],
  ])('counts for nothing once the key %s', async (_what, change, status) => {
    const { id } = await admin.makeKey({ role: 'admin' });
    expect((await ask(asKey(id))).statusCode).toBe(200);
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, change);
    expect((await ask(asKey(id))).statusCode).toBe(status);
  });
});

test('a key is made through API Gateway, its body as bytes or as text', async () => {
  const text = JSON.stringify({ name: '钥匙', balance: '1' });
  for (const isBase64Encoded of [false, true]) {
    const body = isBase64Encoded ? Buffer.from(text).toString('base64') : text;
    const event = { ...post, body, isBase64Encoded };
    const { statusCode, headers, body: answer } = await ask({ lambda: { kind: 'master' } }, event);
    expect(statusCode).toBe(201);
    expect(JSON.parse(answer)).toMatchObject({ name: '钥匙', balance: '1', id: headers.location!.split('/').at(-1) });
  }
  const { statusCode, body } = await ask({ lambda: { kind: 'master' } }, { ...post, body: '{}' });
  expect([statusCode, JSON.parse(body).code]).toEqual([400, 'missing_required_parameter']);
});

const http = (method: string, path: string) => ({ method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' });
const post = {
  rawPath: '/admin/v1/keys',
  requestContext: {
    ...question(undefined).requestContext,
    http: http('POST', '/admin/v1/keys'),
    authorizer: { lambda: { kind: 'master' } },
  },
};

function question(authorizer: unknown) {
  return {
    version: '2.0',
    routeKey: 'ANY /admin/{proxy+}',
    rawPath: '/admin/v1/keys',
    rawQueryString: '',
    headers: { host: 'api.example.com', 'content-type': 'application/json' } as Record<string, string>,
    requestContext: {
      domainName: 'api.example.com',
      stage: '$default',
      routeKey: 'ANY /admin/{proxy+}',
      http: { method: 'GET', path: '/admin/v1/keys', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      authorizer,
    },
    isBase64Encoded: false,
  };
}
