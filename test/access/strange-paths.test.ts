// Paths and methods as no client sends them, raw over a socket: nothing is let in by another spelling of a path, and nothing is said there.
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
let userKey: string;
let secretName: string;
beforeAll(async () => {
  gateway = await startGateway();
  secretName = 'the-name-that-only-admins-see';
  userKey = (await gateway.makeKey({ name: secretName })).secret;
});
afterAll(() => {
  agent.destroy();
  return gateway.close();
});

/** The path goes out byte by byte; nothing puts it right on the way. */
function ask(method: string, path: string, credential?: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
    const asked = request({ hostname, port, method, path, headers, agent }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode!, text: Buffer.concat(parts).toString() }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const ADMIN = ['/admin/v1/keys', '/admin/v1/threads', '/admin/api-key/list', '/api/key-management/keys?tag=x'];
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const SPELLINGS: [string, (path: string) => string][] = [
  ['as it is', (path) => path],
  ['with a slash at its end', (path) => path.replace(/(\?|$)/, '/$1')],
  ['in capitals', (path) => path.toUpperCase()],
  ['with a capital', (path) => path.replace('/a', '/A')],
  ['with two slashes in front', (path) => `/${path}`],
  ['with two slashes inside', (path) => path.replace(/(?<=.)\//, '//')],
  ['with an encoded slash', (path) => path.replace(/(?<=.)\//, '%2f')],
  ['with an encoded letter', (path) => path.replace('a', '%61')],
  ['with a letter encoded twice', (path) => path.replace('a', '%2561')],
  ['by way of an open path', (path) => `/health/..${path}`],
  ['by way of an open path, encoded', (path) => `/health/%2e%2e${path}`],
  ['by way of an open path of the JSON APIs', (path) => `/api/health/../..${path}`],
  ['by way of the model API', (path) => `/v1/../${path}`],
  ['by way of one`s own', (path) => `/me/../${path.slice(1)}`],
  ['by way of one`s own, encoded', (path) => `/me/%2e%2e/${path.slice(1)}`],
  ['with a dot', (path) => `/.${path}`],
  ['with a parameter of the path', (path) => path.replace(/(\?|$)/, ';a=b$1')],
  ['with a zero', (path) => path.replace(/(\?|$)/, '%00$1')],
  ['with a backslash', (path) => path.replace(/(?<=.)\//, '\\')],
  ['with a whole address', (path) => `http://elsewhere.example${path}`],
];

describe.each(['GET', 'POST', 'PROPFIND'])('%s', (method) => {
  test.each(SPELLINGS)('an admin path %s lets in nobody without a credential, nor a user', async (_how, spelled) => {
    const asked = ADMIN.flatMap((path) => [undefined, userKey].map((credential) => ({ path, credential })));
    const answers = await Promise.all(asked.map(({ path, credential }) => ask(method, spelled(path), credential)));
    for (const [index, { path, credential }] of asked.entries()) {
      const { status, text } = answers[index]!;
      const told = `${method} ${spelled(path)}: ${status}`;
      expect([400, 401, 403, 404, 405], told).toContain(status);
      // As it is, it is refused for who asks and not for how.
      if (spelled(path) === path && method === 'GET') expect(status, told).toBe(credential === undefined ? 401 : 403);
      expect(text).not.toContain(secretName);
    }
  });
});

test.each(['HEAD', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('%s of an admin path lets in no more than its other methods', async (method) => {
  for (const path of ADMIN) {
    expect([401, 404, 405], path).toContain((await ask(method, path)).status);
    expect([403, 404, 405], path).toContain((await ask(method, path, userKey)).status);
  }
});

test('OPTIONS tells nothing but what pages of other origins need to know', async () => {
  for (const path of [...ADMIN, '/me', '/v1/models', '/v1/chat/completions']) {
    const { status, text } = await ask('OPTIONS', path);
    expect([204, 400, 401, 403, 404, 405], `${path}: ${status}`).toContain(status);
    if (status === 204) expect(text).toBe('');
  }
});

test('what HEAD answers is what GET would, without a word', async () => {
  const [got, head] = [await ask('GET', '/admin/v1/keys', gateway.masterKey), await ask('HEAD', '/admin/v1/keys', gateway.masterKey)];
  expect([got.status, head.status, head.text]).toEqual([200, 200, '']);
  expect((await ask('HEAD', '/admin/v1/keys')).status).toBe(401);
});

test('the bare path of one`s own answers, whatever follows it in the query, and no path that only begins like it', async () => {
  expect(JSON.parse((await ask('GET', '/me', userKey)).text)).toMatchObject({ principal: { kind: 'key' } });
  expect((await ask('GET', '/me?x=1', userKey)).status).toBe(200);
  expect((await ask('GET', '/me')).status).toBe(401);
  expect((await ask('GET', '/menu', userKey)).status).toBe(404);
});
