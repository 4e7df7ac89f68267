// The real command as a process against the real gateway: what it prints, how it ends, and where secrets go.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newHome, outcrop, outcropHere, type Said, startCommand } from '../support/command.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

/** The Node of this machine, where it is not new enough. */
const olderNode = olderNodeOf(process.env.PATH ?? '');

function olderNodeOf(path: string): string | undefined {
  const found = path.split(delimiter).map((folder) => join(folder, 'node'));
  return found.find((node) => existsSync(node) && /^v2[0-3]\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout));
}

const signedIn = () => ({ HOME: newHome(), OUTCROP_URL: gateway.url, OUTCROP_API_KEY: gateway.masterKey });
/** A process of its own: once for each command. */
const spawned = (words: string[], environment: Record<string, string> = signedIn(), input?: string) => outcrop(words, environment, input);
/** The same in this process, which is much faster. */
const run = (words: string[], environment: Record<string, string> = signedIn()): Promise<Said> =>
  outcropHere(words, { environment, folder: environment.HOME!, clock: Date.now });
const OLD_SECRET = `br-${'oldSecret'.repeat(3)}`;
const SECRET = /sk-oc-[0-9A-Za-z]{30,}/g;

function secretsIn({ out, err }: Said): string[] {
  return `${out}${err}`.match(SECRET) ?? [];
}

describe('keys', () => {
  test('are made with a secret that is shown once, and works; nothing shows it again', async () => {
    const made = await spawned(['keys', 'create', 'Search team', '--monthly-budget', '1.50', '--tags', 'search,production']);
    expect(made.code).toBe(0);
    expect(secretsIn(made)).toHaveLength(1);
    const [secret] = secretsIn(made);
    expect((await gateway.chat(secret!, { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hi' }] })).status).toBe(200);

    for (const words of [
      ['keys', 'show', 'Search team'],
      ['keys', 'list', '--json'],
      ['keys', 'export'],
      ['journal'],
      ['keys', 'update', 'Search team', '--email', 'a@b.c'],
    ]) {
      const said = await run(words);
      expect(said.code, said.err).toBe(0);
      expect(secretsIn(said)).toEqual([]);
    }
    const shown = await run(['keys', 'show', 'Search team']);
    const { id } = (await run(['keys', 'show', 'Search team', '--json'])).json;
    const { spent, remaining } = await gateway.readKey(id);
    expect(shown.out).toContain(`$${spent.month}\n`);
    expect(shown.out).toContain(`$${remaining}\n`);
    expect(shown.out).not.toContain('\u001b[');
  });

  test('as JSON hold the secret once, and the file for it has it alone', async () => {
    const made = await spawned(['keys', 'create', 'As JSON', '--json']);
    expect(made.json).toMatchObject({ name: 'As JSON', monthlyBudget: null, revoked: false, secret: expect.stringMatching(/^sk-oc-/) });
    expect(secretsIn(made)).toHaveLength(1);
    expect(made.err).toBe('');

    const environment = signedIn();
    const path = join(environment.HOME, 'secret');
    const kept = await spawned(['keys', 'create', 'In a file', '--secret-file', path, '--json'], environment);
    expect(secretsIn(kept)).toEqual([]);
    expect(kept.json).not.toHaveProperty('secret');
    expect(readFileSync(path, 'utf8')).toMatch(/^sk-oc-\S+\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    const again = await run(['keys', 'create', 'Never made', '--secret-file', path], environment);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });
    expect((await run(['keys', 'show', 'Never made'])).code).toBe(4);
  });

  test('are changed, revoked, restored and, only with a yes, deleted', async () => {
    const { id } = await gateway.makeKey({ name: 'Changing', maxParallel: 3 });
    const changed = await run(['keys', 'update', id, '--monthly-budget', 'none', '--max-parallel', 'none', '--tags', 'a', '--json']);
    expect(changed.json).toMatchObject({ id, monthlyBudget: null, maxParallel: null, tags: ['a'] });
    expect((await run(['keys', 'revoke', id, '--reason', 'left', '--json'])).json).toMatchObject({ revoked: true, revokedReason: 'left' });
    expect((await run(['keys', 'list', '--status', 'revoked', '--tag', 'a'])).out).toContain('Changing');
    expect((await run(['keys', 'restore', id, '--json'])).json).toMatchObject({ revoked: false });

    const refused = await spawned(['keys', 'delete', id]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect((await gateway.readKey(id)).id).toBe(id);
    expect(await run(['keys', 'delete', id, '--yes', '--json'])).toMatchObject({ code: 0, json: { id, deleted: true } });
    expect((await run(['keys', 'show', id])).code).toBe(4);
  });

  test('are listed over pages up to the limit, and filtered', async () => {
    for (let index = 0; index < 5; index += 1)
      await gateway.makeKey({ name: `Paged ${index}`, email: `p${index}@example.com`, tags: ['paged'] });
    const two = await spawned(['keys', 'list', '--search', 'paged', '--limit', '2', '--json']);
    expect(two.json).toMatchObject({ items: [{ name: 'Paged 4' }, { name: 'Paged 3' }], hasMore: true });
    const all = await run(['keys', 'list', '--tag', 'paged', '--all', '--json']);
    expect(all.json.items).toHaveLength(5);
    expect(all.json.hasMore).toBe(false);
    expect((await run(['keys', 'list', '--email', 'P3@example.com', '--json'])).json.items).toMatchObject([{ name: 'Paged 3' }]);
    expect((await run(['keys', 'list', '--search', 'nowhere'])).out).toBe('No keys that fit.\n');
  });

  test('go out as CSV and come in again, each new secret in a file and nowhere else', async () => {
    const environment = signedIn();
    await gateway.makeKey({ name: '=formula', tags: ['csv', 'x'], monthlyBudget: '2.5', maxParallel: 2 });
    const csv = (await spawned(['keys', 'export', '--tag', 'csv'], environment)).out;
    expect(csv).toContain("\r\n'=formula,,user,2.5,");
    const file = join(environment.HOME, 'keys.csv');
    writeFileSync(file, csv);

    const preview = await run(['keys', 'import', file, '--json'], environment);
    expect(preview.json).toMatchObject({
      applied: false,
      keys: [{ line: 2, name: '=formula', tags: ['csv', 'x'], monthlyBudget: '2.5', maxParallel: 2 }],
    });
    expect((await run(['keys', 'list', '--tag', 'csv', '--json'])).json.items).toHaveLength(1);

    const secrets = join(environment.HOME, 'secrets.csv');
    expect((await run(['keys', 'import', file, '--apply'], environment)).code).toBe(2);
    const applied = await spawned(['keys', 'import', file, '--apply', '--secrets', secrets], environment);
    expect(applied.code, applied.err).toBe(0);
    expect(secretsIn(applied)).toEqual([]);
    expect(readFileSync(secrets, 'utf8')).toMatch(/^line,name,id,secret\r\n2,'=formula,key_\w+,sk-oc-\w+\r\n$/);
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
    expect((await run(['keys', 'list', '--tag', 'csv', '--json'])).json.items).toMatchObject([
      { monthlyBudget: '2.5' },
      { monthlyBudget: '2.5' },
    ]);
  });

  test('that the gateway refuses stop an import at their line, which is named', async () => {
    const environment = signedIn();
    const file = join(environment.HOME, 'keys.csv');
    writeFileSync(file, 'name,monthlyBudget\nFine,1\nBroken,minus one\nNever,1\n');
    const said = await run(['keys', 'import', file, '--apply', '--secrets', join(environment.HOME, 's.csv'), '--json'], environment);
    expect(said).toMatchObject({
      code: 1,
      failure: { code: 'invalid_value', message: expect.stringMatching(/^Line 3 \(Broken\): monthlyBudget /) },
    });
    expect(said.failure.hint).toContain('1 key. When line 3 is mended');
    expect(readFileSync(join(environment.HOME, 's.csv'), 'utf8')).toContain('Fine');
  });
});

describe('money and calls', () => {
  test('the journal shows each call as the gateway counted it, as a table, as JSON and as CSV', async () => {
    const key = await gateway.makeKey({ name: 'Journal' });
    await gateway.chat(key.secret, { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hi' }] });
    const [entry] = await gateway.journalOf(key.id);
    expect((await spawned(['journal', '--key', 'Journal'])).out).toContain(`  ${entry!.cost}\n`);
    expect((await run(['journal', '--key', key.id, '--json'])).json).toEqual({ items: [entry], hasMore: false });
    expect((await run(['journal', '--key', key.id, '--csv'])).out).toContain(`,${entry!.requestId},`);
  });
});

describe('models', () => {
  test('are listed, looked up, tried and given prices and names', async () => {
    expect((await spawned(['models', 'list', '--search', 'claude sonnet', '--limit', '1'])).out).toMatch(
      /^Name\s+Kind\s+Vendor.*\n\S*claude\S+\s+chat/,
    );
    expect((await run(['models', 'unpriced', '--json'])).json.items[0]).toMatchObject({ price: null });
    expect((await run(['models', 'mapping', 'set', 'gpt-4o', 'claude-sonnet-4-5', '--json'])).json).toMatchObject({
      name: 'gpt-4o',
      resolves: true,
    });
    expect((await run(['models', 'mapping', 'list'])).out).toMatch(/gpt-4o\s+claude-sonnet-4-5\s+yes/);
    expect((await run(['models', 'validate', 'gpt-4o'])).out).toMatch(/Callable\s+yes/);
    expect((await run(['models', 'mapping', 'delete', 'gpt-4o'])).code).toBe(0);

    const set = await run([
      'models',
      'price',
      'set',
      'claude-sonnet-4-5',
      '--scope',
      'eu',
      '--from',
      '2030-01-01',
      '--input',
      '3.30',
      '--output',
      '16.5',
      '--json',
    ]);
    expect(set.json).toMatchObject({ input: '3.3', output: '16.5', scope: 'eu', state: 'future' });
    expect((await run(['models', 'price', 'list', '--model', 'claude-sonnet-4-5'])).out).toContain('2030-01-01 00:00');
    expect((await run(['models', 'price', 'end', set.json.id, '--yes'])).code).toBe(0);

    expect(await run(['models', 'disable', 'claude-sonnet-4-5', '--json'])).toMatchObject({ json: { enabled: false } });
    const failed = await run(['models', 'test', 'claude-sonnet-4-5']);
    expect(failed.code).not.toBe(0);
    expect((await run(['models', 'enable', 'claude-sonnet-4-5'])).code).toBe(0);
    expect(await spawned(['models', 'test', 'claude-sonnet-4-5', '--json'])).toMatchObject({ code: 0, json: { ok: true } });
  });
});

describe('signing in', () => {
  test('takes the key from stdin, tries it and keeps it in a file of its owner alone, shown by nothing', async () => {
    const environment = { HOME: newHome() };
    const said = await spawned(['login', gateway.url, '--name', 'here', '--stdin'], environment, `${gateway.masterKey}\n`);
    expect(said.code, said.err).toBe(0);
    const path = join(environment.HOME, '.config', 'outcrop', 'profiles.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await run(['keys', 'list', '--json'], environment)).code).toBe(0);
    const listed = await spawned(['profiles', 'list'], environment);
    expect(listed.out).toMatch(/\*\s+here/);
    expect(secretsIn(said).concat(secretsIn(listed))).toEqual([]);

    expect((await spawned(['logout'], environment)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).not.toContain(gateway.masterKey);
  });

  test('with a key that may not administer says so, and shows what is its own', async () => {
    const { secret } = await gateway.makeKey({ name: 'Mine', monthlyBudget: '20' });
    const environment = { HOME: newHome() };
    const said = await spawned(['login', gateway.url, '--stdin', '--json'], environment, secret);
    expect(said).toMatchObject({ code: 0, json: { kind: 'key', role: 'user', name: 'Mine' } });
    expect((await run(['whoami'], environment)).out).toMatch(
      /Mine, a key[\s\S]*\$20 may still be spent[\s\S]*monthly budget\s+key\s+\$20\s+\$0\s+\$20/,
    );
    expect(await run(['keys', 'list'], environment)).toMatchObject({ code: 3, err: expect.stringContaining('role admin') });
    expect(secretsIn(said)).toEqual([]);
  });

  test('with a key that is none keeps nothing and ends with 3', async () => {
    const environment = { HOME: newHome() };
    const said = await spawned(['login', gateway.url, '--stdin'], environment, 'sk-oc-wrong');
    expect(said).toMatchObject({ code: 3, out: '' });
    expect(said.err).not.toContain('sk-oc-wrong');
    expect(existsSync(join(environment.HOME, '.config'))).toBe(false);
  });
});

describe('what goes wrong', () => {
  test.each([
    { what: 'an unknown key', words: ['keys', 'list'], key: 'sk-oc-wrong', code: 3, error: { code: 'invalid_api_key', status: 401 } },
    {
      what: 'what is not there',
      words: ['keys', 'show', 'key_0000000000000000000000'],
      code: 4,
      error: { code: 'not_found', status: 404 },
    },
    {
      what: 'a value that is refused',
      words: ['keys', 'create', 'x', '--monthly-budget', 'much'],
      code: 1,
      error: { code: 'invalid_value', status: 400 },
    },
    { what: 'a misspelt command', words: ['kyes', 'list'], code: 2, error: { code: 'usage', hint: 'Did you mean keys?' } },
    {
      what: 'a misspelt option',
      words: ['keys', 'list', '--serach', 'x'],
      code: 2,
      error: { code: 'usage', hint: 'Did you mean --search?' },
    },
    { what: 'a name that is missing', words: ['keys', 'create'], code: 2, error: { code: 'usage' } },
    {
      what: 'a secret as an argument',
      words: ['keys', 'show', 'sk-oc-abcdefghijklmnopqrstuvwxyz012345'],
      code: 2,
      error: { code: 'usage' },
    },
  ])('$what ends with $code and says so as JSON on stderr', async ({ words, key, code, error }) => {
    const said = await run([...words, '--json'], { ...signedIn(), ...(key && { OUTCROP_API_KEY: key }) });
    expect(said).toMatchObject({ code, out: '', failure: { ...error, exitCode: code, message: expect.stringMatching(/\.$/) } });
    expect(said.err).not.toContain('abcdefghij');
    expect(said.err).not.toContain('sk-oc-wrong');
  });

  test('is a sentence for people, with the request it can be found by', async () => {
    const said = await spawned(['keys', 'create', 'x', '--monthly-budget', 'much']);
    expect(said.err).toMatch(/^monthlyBudget must be an amount of USD .*\nRequest req_\w+\n$/);
    const gone = await run(['keys', 'list'], { ...signedIn(), OUTCROP_URL: 'http://127.0.0.1:9' });
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('No gateway can be reached at http://127.0.0.1:9') });
  });
});

test('the doctor finds a healthy gateway healthy, and says that its Bedrock is made up', async () => {
  const aws = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-central-1' };
  const said = await spawned(['doctor', '--json'], { ...signedIn(), ...aws });
  const states = Object.fromEntries(said.json.checks.map(({ name, state }: { name: string; state: string }) => [name, state]));
  expect(states).toMatchObject({
    Node: 'ok',
    Reachable: 'ok',
    Clock: 'ok',
    Ready: 'ok',
    Key: 'ok',
    Bedrock: 'warning',
    'Model call': 'ok',
  });
  expect(said).toMatchObject({ code: 0, json: { ok: true } });

  const sick = await spawned(['doctor', '--no-call', '--json'], { ...signedIn(), OUTCROP_API_KEY: 'sk-oc-wrong' });
  expect(sick).toMatchObject({ code: 1, json: { ok: false }, failure: { code: 'unhealthy' } });
  expect(sick.json.checks).toContainEqual(
    expect.objectContaining({ name: 'AWS', state: 'warning', found: 'no credentials on this machine' }),
  );
});

test('keys of an older gateway are shown before they are made, with what is lost', async () => {
  const environment = signedIn();
  const file = join(environment.HOME, 'old.json');
  const rows = [{ name: 'jack', api_key: OLD_SECRET, month_quota: '1.0000000000', balance: '0.2300000000', group_name: 'g', role: 'user' }];
  writeFileSync(file, JSON.stringify({ success: true, data: { items: rows, total: '1' } }));
  const shown = await spawned(['import', file, '--from', 'connector'], environment);
  expect(shown.out).toMatch(/jack\s+1\s+0.23/);
  expect(shown.err).toContain('1 jack: the models granted to its group are not carried over');
  expect((await run(['keys', 'show', 'jack'])).code).toBe(4);

  const secrets = join(environment.HOME, 's.csv');
  expect(await run(['import', file, '--from', 'connector', '--apply'], environment)).toMatchObject({
    code: 0,
    out: 'Made 1 key; 1 secret kept.\n',
  });
  expect((await run(['keys', 'show', 'jack', '--json'])).json).toMatchObject({ monthlyBudget: '1', balance: '0.23', tags: ['group:g'] });
  // What its users have goes on working, and is shown by nothing.
  expect((await gateway.chat(OLD_SECRET, { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hi' }] })).status).toBe(200);
  expect(`${shown.out}${shown.err}`).not.toContain(OLD_SECRET);
  expect(existsSync(secrets)).toBe(false);

  writeFileSync(file, JSON.stringify([{ name: 'limited', rateLimitOverTime: 2, rateLimitUnit: 'm' }]));
  expect((await run(['import', file, '--from', 'bricks', '--apply', '--secrets', `${secrets}.2`], environment)).code).toBe(0);
});

test('a start serves as `npm start` does, and a signal to it stops its server', async () => {
  const home = newHome();
  const { child, url } = await startCommand(home, ['--port', '0', '--data', 'kept', '--bedrock', 'standin']);
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'healthy' });
  expect(existsSync(join(home, 'kept', 'master-key'))).toBe(true);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test.skipIf(olderNode === undefined)('an older Node goes on in the one that the packages bring', async () => {
  const said = await outcrop(['keys', 'list', '--json'], signedIn(), '', olderNode);
  expect(said.code, said.err).toBe(0);
  expect((await outcrop(['kyes'], signedIn(), '', olderNode)).code).toBe(2);
});

test('a start that cannot says why, of a flag as of its variable', async () => {
  const said = await spawned(['start', '--port', 'http', '--data', 'here'], { HOME: newHome() });
  expect(said).toMatchObject({ code: 1, err: expect.stringContaining('PORT is "http"') });
});

test('help tells every command and the exit codes; a command alone shows its own', async () => {
  const help = await spawned([]);
  expect(help.code).toBe(0);
  for (const name of ['start', 'login', 'keys', 'groups', 'users', 'usage', 'models', 'rebuild', 'audit', 'doctor', 'import']) {
    expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'));
  }
  expect(help.out).toContain('3 not authorised');
  const create = await run(['keys', 'create', '--help']);
  expect(create).toMatchObject({ code: 0, out: expect.stringContaining('$ outcrop keys create "Search team"') });
  expect(await spawned(['keys'])).toMatchObject({ code: 2, err: expect.stringContaining('Usage: outcrop keys') });
});
