// `npm start` as its user sees it: what it prints, what it keeps, how it stops, and what it says when it cannot start.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { KeyView } from '../support/gateway.ts';
import { admin, ask, runToEnd, startServer, stop } from '../support/server.ts';

const HELLO = { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hello' }] };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('a start', () => {
  test('prints the address, the Bedrock it uses, where the master key is, and a line that works when pasted', async () => {
    const folder = newFolder();
    const server = await startServer(folder);
    onTestFinished(() => void server.child.kill('SIGKILL'));
    await expect.poll(() => server.greeting()).toContain('curl ');
    expect(server.greeting()).toMatch(/ready at http:\/\/localhost:\d+/);
    expect(server.greeting()).toContain('stand-in');
    expect(server.greeting()).toContain(join(folder, 'master-key'));
    expect(server.greeting()).not.toContain(server.masterKey);
    expect(statSync(join(folder, 'master-key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'first-key')).mode & 0o777).toBe(0o600);
    const line = server
      .greeting()
      .split('\n')
      .find((text) => text.startsWith('curl '))!;
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toContain('data: [DONE]');
  });

  test('keeps every key and charge over a restart, and the master key too', async () => {
    const folder = newFolder();
    const first = await startServer(folder);
    const key = await admin<KeyView>(first, 'POST', '/keys', { name: 'kept', monthlyBudget: '1' });
    expect((await ask(first, key.secret, HELLO)).status).toBe(200);
    const before = await admin<KeyView>(first, 'GET', `/keys/${key.id}`);
    expect(await stop(first, 'SIGTERM')).toBe(0);

    const second = await startServer(folder);
    onTestFinished(() => void second.child.kill('SIGKILL'));
    expect(second.masterKey).toBe(first.masterKey);
    expect(await admin<KeyView>(second, 'GET', `/keys/${key.id}`)).toEqual(before);
    expect(before.spent.month).not.toBe('0');
    expect((await ask(second, key.secret, HELLO)).status).toBe(200);
  });

  test('that is stopped lets a stream under way finish, and settles it', async () => {
    const folder = newFolder();
    const first = await startServer(folder);
    const key = await admin<KeyView>(first, 'POST', '/keys', { name: 'streaming', monthlyBudget: '1' });
    const answer = await ask(first, key.secret, { ...HELLO, stream: true, messages: [{ role: 'user', content: 'write 60 words' }] });
    const stopped = stop(first, 'SIGINT');
    expect(await answer.text()).toContain('data: [DONE]');
    expect(await stopped).toBe(0);

    const second = await startServer(folder);
    onTestFinished(() => void second.child.kill('SIGKILL'));
    const { items } = await admin<{ items: object[] }>(second, 'GET', `/journal?keyId=${key.id}`);
    expect(items).toMatchObject([{ status: 'succeeded', estimated: false }]);
    expect(await admin<KeyView>(second, 'GET', `/keys/${key.id}`)).toMatchObject({ held: '0' });
  });

  test('with ADMIN_API_KEY takes it as the master key, writes none and makes no key', async () => {
    const folder = newFolder();
    const server = await startServer(folder, { ADMIN_API_KEY: 'br_master_of_tests' });
    onTestFinished(() => void server.child.kill('SIGKILL'));
    expect(await admin<{ items: object[] }>(server, 'GET', '/keys')).toMatchObject({ items: [], nextCursor: null });
    expect(() => statSync(join(folder, 'master-key'))).toThrow();
    expect(server.greeting()).not.toContain('br_master_of_tests');
    const refused = await ask(server, 'br_master_of_tests', HELLO);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('/admin/v1/keys');
  });
});

describe('what cannot start says why in one line and exits with 1', () => {
  test('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    await expectOneLine(
      { PORT: String(port), OUTCROP_DATA: newFolder(), OUTCROP_BEDROCK: 'standin' },
      `Port ${port} on 127.0.0.1 is in use`,
    );
  });

  test('a data folder that is a file', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expectOneLine({ PORT: '0', OUTCROP_DATA: file }, 'cannot be written');
  });

  test.skipIf(process.getuid?.() === 0)('a data folder that may not be written', async () => {
    const folder = join(newFolder(), 'locked');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    await expectOneLine({ PORT: '0', OUTCROP_DATA: folder }, 'cannot be written');
  });

  test('a data folder that another start is using', async () => {
    const folder = newFolder();
    const server = await startServer(folder);
    onTestFinished(() => void server.child.kill('SIGKILL'));
    await expectOneLine({ PORT: '0', OUTCROP_DATA: folder, OUTCROP_BEDROCK: 'standin' }, 'Another Outcrop is using');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a port that is a word', { PORT: 'http' }, 'PORT is "http"; it must be a whole number from 0 to 65535.'],
    ['a port beyond the last', { PORT: '70000' }, 'PORT is "70000"'],
    ['a Bedrock that is none', { OUTCROP_BEDROCK: 'gcp' }, 'OUTCROP_BEDROCK is "gcp"; it must be one of auto, aws, standin.'],
    ['a switch that is neither on nor off', { OUTCROP_FETCH_MEDIA: 'yes' }, 'OUTCROP_FETCH_MEDIA is "yes"; it must be one of off, on.'],
    [
      'a way of caching that is none',
      { OUTCROP_PROMPT_CACHING: 'on' },
      'OUTCROP_PROMPT_CACHING is "on"; it must be one of explicit, auto.',
    ],
    ['relays that are no JSON', { OUTCROP_RELAYS: '{"relays":' }, 'OUTCROP_RELAYS: The relays are not JSON.'],
    [
      'relays in a file that is not there',
      { OUTCROP_RELAYS: '/nowhere/relays.json' },
      'OUTCROP_RELAYS: the file /nowhere/relays.json cannot be read (ENOENT).',
    ],
    [
      'a relay whose key is in AWS',
      {
        OUTCROP_RELAYS: JSON.stringify({
          relays: { up: { baseUrl: 'https://example.com', key: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf' } },
        }),
      },
      'relays.up.key is a secret of AWS; a local start takes env:NAME or file:path.',
    ],
    ['an endpoint that is no URL', { AWS_ENDPOINT_URL_DYNAMODB: 'localhost:8000' }, 'AWS_ENDPOINT_URL_DYNAMODB is "localhost:8000"'],
    ['a master key that is too short', { ADMIN_API_KEY: 'abc' }, 'ADMIN_API_KEY has 3 characters'],
    [
      'AWS without credentials',
      { OUTCROP_BEDROCK: 'aws', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' },
      'no AWS credentials were found',
    ],
    ['a host that is none', { HOST: '203.0.113.7', OUTCROP_BEDROCK: 'standin' }, 'no address of this machine'],
  ])('%s', async (_what, environment, message) => {
    await expectOneLine({ PORT: '0', OUTCROP_DATA: newFolder(), ...environment }, message);
  });

  async function expectOneLine(environment: Record<string, string>, message: string): Promise<void> {
    const { code, stdout, stderr } = await runToEnd(environment);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  }
});
