// Every command once against a real gateway, for people and with --json: a command that is new is missing here until somebody tries it.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { createTerminal } from '../../cli/terminal/terminal.ts';
import { newHome, outcropHere, type Said } from '../support/command.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';

const MODEL = 'nova-micro';
/** As long as a busy machine may need. */
const WHILE = { timeout: 30_000, interval: 100 };
const WORDS = 'the recipe of my grandmother';

let issuer: Issuer;
let gateway: Gateway;
const tried = new Set<string>();
beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await startGateway({ logging: 'full', oidc: issuer.settings() });
});
afterAll(async () => {
  await gateway.close();
  issuer.stop();
});

/** Runs it as an administrator unless `key` says otherwise; `words` begin with the names of the command. */
async function run(words: string[], { key = gateway.masterKey, home = newHome(), stdin = '' } = {}): Promise<Said> {
  const environment = { HOME: home, OUTCROP_URL: gateway.url, OUTCROP_API_KEY: key };
  tried.add(words.filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-')).join(' '));
  const said = await outcropHere(words, { environment, folder: home, clock: Date.now, columns: 100, readStdin: async () => stdin });
  expect(said.failure?.code ?? said.err, said.err).not.toContain('bug');
  return said;
}

/** What it says to people and to programs; both end well. */
async function both(words: string[], more: Parameters<typeof run>[1] = {}): Promise<{ out: string; json: Said['json'] }> {
  const [people, program] = [await run(words, more), await run([...words, '--json'], more)];
  expect([people.code, program.code], `${words.join(' ')}: ${people.err}${program.err}`).toEqual([0, 0]);
  expect(program.err).toBe('');
  expect(program.json).toBeDefined();
  return { out: people.out, json: program.json };
}

async function chat(secret: string, session = 's1'): Promise<void> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'session-id': session };
  const answer = await gateway.chat(secret, { model: MODEL, messages: [{ role: 'user', content: WORDS }] }, { headers });
  expect(answer.status).toBe(200);
  await answer.text();
  await gateway.settled();
}

test('keys', async () => {
  const made = await run(['keys', 'create', '搜索团队', '--monthly-budget', '20', '--tags', 'a', '--logging', 'full', '--json']);
  const { id } = made.json;
  expect(made.json).toMatchObject({ name: '搜索团队', logging: 'full' });
  expect((await both(['keys', 'show', '搜索团队'])).json).toMatchObject({ id });
  await gateway.makeKey({ name: 'Aardvark' });
  const { out, json } = await both(['keys', 'list', '--sort', 'name']);
  expect(json.items.map(({ name }: { name: string }) => name).slice(0, 1)).toEqual(['Aardvark']);
  expect(out).toMatch(/搜索团队\s/);
  expect((await both(['keys', 'update', id, '--max-parallel', '3'])).json).toMatchObject({ maxParallel: 3 });
  await both(['keys', 'revoke', id, '--reason', 'left']);
  await both(['keys', 'restore', id]);
  const rotated = await run(['keys', 'rotate', id, '--grace', '1h', '--json']);
  expect(rotated.json.secret).toMatch(/^sk-oc-/);
  const chosen = await run(['keys', 'create', 'Chosen', '--own-secret', '--json'], { stdin: 'my-own-secret-of-20\n' });
  expect(chosen.json).not.toHaveProperty('secret');
  expect((await run(['whoami'], { key: 'my-own-secret-of-20' })).out).toContain('Chosen, a key');
  expect((await run(['keys', 'delete', id, '--yes'])).code).toBe(0);
});

test('keys from files, and out to them', async () => {
  const home = newHome();
  const [file, secrets] = [join(home, 'in.csv'), join(home, 'secrets.csv')];
  writeFileSync(file, 'name,tags,secret\nOld,brought,an-older-secret-1234\nNew,brought,\n');
  const preview = await both(['keys', 'import', file], { home });
  expect(preview.json.keys).toMatchObject([{ secret: 'kept' }, { secret: 'new' }]);
  expect(`${preview.out}${JSON.stringify(preview.json)}`).not.toContain('an-older-secret');
  const made = await run(['keys', 'import', file, '--apply', '--secrets', secrets, '--json'], { home });
  expect(made).toMatchObject({ code: 0, json: { applied: true, keys: [{ secret: 'kept' }, { secret: 'new' }] } });
  expect(statSync(secrets).mode & 0o777).toBe(0o600);
  expect(readFileSync(secrets, 'utf8')).toMatch(/^line,name,id,secret\r\n3,New,key_\w+,sk-oc-\w+\r\n$/);
  await chat('an-older-secret-1234');
  expect((await run(['keys', 'export', '--tag', 'brought'])).out.trim().split('\r\n')).toHaveLength(3);
  const old = join(home, 'old.json');
  writeFileSync(old, JSON.stringify([{ name: 'Jack', api_key: `br-${'x1'.repeat(14)}`, month_quota: '1' }]));
  expect((await both(['import', old, '--from', 'connector'], { home })).json.keys).toMatchObject([{ name: 'Jack', secret: 'kept' }]);
});

test.each(['group', 'user'])('%ss', async (kind) => {
  const all = `${kind}s`;
  const { id } = (await run([all, 'create', `The ${kind}`, '--monthly-budget', '5', '--json'])).json;
  await gateway.makeKey({ name: `Of the ${kind}`, [`${kind}Id`]: id });
  expect((await both([all, 'show', `The ${kind}`])).json).toMatchObject({ id });
  expect((await both([all, 'list'])).json.items).toMatchObject([{ id }]);
  expect((await both([all, 'update', id, '--tags', 'x'])).json).toMatchObject({ tags: ['x'] });
  expect((await both([all, 'keys', id])).json.items).toMatchObject([{ name: `Of the ${kind}` }]);
  await both([all, 'revoke', id]);
  await both([all, 'restore', id]);
  // A key belongs to it.
  expect(await run([all, 'delete', id, '--yes', '--json'])).toMatchObject({ code: 1, failure: { code: 'conflict', status: 409 } });
});

test('the journal is searched by the gateway, for whatever can be asked', async () => {
  const user = (await run(['users', 'create', 'Ada', '--json'])).json.id;
  const group = (await run(['groups', 'create', 'Search', '--json'])).json.id;
  const ada = await gateway.makeKey({ name: 'Of Ada', userId: user, groupId: group, tags: ['production'] });
  const bob = await gateway.makeKey({ name: 'Of Bob', tags: ['trial'] });
  for (const { secret } of [ada, bob]) await chat(secret);
  const keysOf = async (...words: string[]) => (await both(['journal', ...words])).json.items.map(({ keyId }: { keyId: string }) => keyId);
  const [{ requestId }] = (await both(['journal', '--key', 'Of Bob'])).json.items;
  for (const words of [
    ['--user', 'Ada'],
    ['--user', user],
    ['--group', 'Search'],
    ['--tag', 'production'],
  ]) {
    expect(await keysOf(...words), words.join(' ')).toEqual([ada.id]);
  }
  expect(await keysOf('--tag', 'trial', '--model', MODEL, '--status', 'succeeded')).toEqual([bob.id]);
  expect(await keysOf('--request', requestId)).toEqual([bob.id]);
  for (const words of [
    ['--user', 'Ada', '--tag', 'trial'],
    ['--request', requestId, '--key', 'Of Ada'],
    ['--tag', 'trial', '--status', 'failed'],
  ]) {
    expect(await keysOf(...words), words.join(' ')).toEqual([]);
  }
  expect(await run(['journal', '--request', 'nonsense', '--json'])).toMatchObject({ code: 1, failure: { status: 400 } });
});

test('money', async () => {
  const { id, secret } = await gateway.makeKey({ name: 'Spender', balance: '5' });
  await chat(secret);
  expect((await both(['journal', '--key', 'Spender', '--status', 'succeeded', '--model', MODEL])).json.items).toHaveLength(1);
  expect((await both(['journal', '--key', 'Spender', '--status', 'failed'])).json).toEqual({ items: [], hasMore: false });
  await both(['payments', 'recharge', id, '25', '--reason', 'invoice', '--idempotency-key', 'once']);
  await run(['payments', 'correct', id, '--reason', 'twice', '--', '-1']);
  expect((await both(['payments', 'list', 'Spender'])).json.items).toHaveLength(3);
  expect((await both(['audit', '--account', id])).json).toMatchObject({ accounts: 1, wrong: [] });
  expect((await both(['rebuild', '--no-wait'])).json.state).toBe('running');
  await both(['rebuild', '--status']);
  // Statements follow the journal, some time after it.
  const usage = await vi.waitFor(async () => {
    const said = await both(['usage', '--group', 'model,key']);
    expect(said.out).toMatch(/Spender\s+1/);
    return said;
  }, WHILE);
  expect(usage.json).toMatchObject({ total: { requests: expect.any(Number) }, groups: [{ by: 'model' }, { by: 'key' }] });
  expect((await run(['usage', '--group', 'key', '--csv'])).out).toContain('Spender');
});

test('models', async () => {
  await both(['models', 'list', '--search', 'nova', '--kind', 'chat', '--limit', '3']);
  await both(['models', 'unpriced', '--limit', '3']);
  await both(['models', 'show', MODEL]);
  await both(['models', 'validate', MODEL]);
  await both(['models', 'test', MODEL]);
  await both(['models', 'disable', MODEL]);
  await both(['models', 'enable', MODEL]);
  expect((await both(['models', 'set', 'ours', '--base', MODEL, '--target', 'amazon.nova-micro-v1:0'])).json).toMatchObject({
    custom: true,
  });
  await run(['models', 'delete', 'ours', '--yes', '--json']);
  const set = await run(['models', 'price', 'set', MODEL, '--input', '1', '--output', '2', '--from', '2030-01-01', '--json']);
  expect((await both(['models', 'price', 'list', '--model', MODEL])).json.items).toHaveLength(1);
  expect((await run(['models', 'price', 'end', set.json.id, '--yes', '--json'])).code).toBe(0);
  await both(['models', 'mapping', 'set', 'gpt-4o', MODEL]);
  expect((await both(['models', 'mapping', 'list'])).json.items).toHaveLength(1);
  expect((await run(['models', 'mapping', 'delete', 'gpt-4o', '--json'])).code).toBe(0);
});

test('sessions and threads', async () => {
  const { id, secret } = await gateway.makeKey({ name: 'Talker' });
  await chat(secret);
  await chat(secret);
  const sessions = await both(['sessions', 'list', '--key', 'Talker']);
  const [{ id: session }] = sessions.json.items;
  expect(sessions.json.items).toMatchObject([{ threads: 2, title: WORDS }]);
  expect((await both(['sessions', 'show', session])).json.items).toHaveLength(2);
  expect((await both(['sessions', 'rename', session, 'Recipes'])).json).toMatchObject({ title: 'Recipes' });
  const threads = await both(['threads', 'list', '--session', session, '--search', 'grandmother']);
  const shown = await both(['threads', 'show', threads.json.items[0].id]);
  expect(shown.out).toContain(`[user]\n${WORDS}\n`);
  expect(shown.out).toMatch(/\[answer\]\n.+/);
  expect((await both(['me', 'sessions', 'list'], { key: secret })).json.items).toHaveLength(1);
  await both(['me', 'sessions', 'show', session], { key: secret });
  await both(['me', 'sessions', 'rename', session, 'Mine'], { key: secret });
  expect((await both(['me', 'threads', 'list'], { key: secret })).json.items).toHaveLength(2);
  await both(['me', 'threads', 'show', threads.json.items[0].id], { key: secret });
  const stranger = await gateway.makeKey();
  expect((await run(['me', 'threads', 'show', threads.json.items[0].id, '--json'], { key: stranger.secret })).code).toBe(4);
  expect((await run(['threads', 'delete', threads.json.items[0].id, '--yes', '--json'])).json).toMatchObject({ deleted: true });
  expect((await run(['sessions', 'delete', session, '--yes', '--json'])).code).toBe(0);
  expect((await both(['sessions', 'list', '--key', id])).out).toBe('No sessions.\n');
});

test('what is one`s own, for a key and for somebody who is signed in', async () => {
  const mine = await gateway.makeKey({
    name: 'Ada`s',
    email: 'ada@example.com',
    monthlyBudget: '20',
    windows: [{ kind: 'requests', limit: 60, per: '1m' }],
  });
  await chat(mine.secret);
  const token = issuer.idToken();
  for (const key of [mine.secret, token]) {
    const { out, json } = await both(['whoami'], { key });
    expect(json.keys).toMatchObject([{ id: mine.id }]);
    expect(out).toMatch(/requests per 1m\s+key\s+60\s+1\s+59/);
    expect((await both(['me', 'keys'], { key })).json.items).toHaveLength(1);
    await both(['me', 'limits'], { key });
    await both(['me', 'usage', '--group', 'key'], { key });
    await both(['me', 'usage', '--by', 'month'], { key });
    expect((await both(['me', 'models', '--limit', '2'], { key })).json).toMatchObject({ items: { length: 2 }, hasMore: true });
  }
  expect((await run(['me', 'rotate', mine.id, '--grace', '1h', '--json'], { key: mine.secret })).code).toBe(3);
  expect((await run(['me', 'rotate', mine.id, '--grace', '1h', '--json'], { key: token })).json.secret).toMatch(/^sk-oc-/);
  expect((await both(['whoami'])).out).toContain('The master key belongs to nobody');
});

test('the gateway', async () => {
  expect((await both(['settings', 'set', '--logging', 'metadata', '--retention-days', '90'])).json).toMatchObject({ logging: 'metadata' });
  expect((await both(['settings', 'show'])).out).toMatch(/retentionDays\s+90/);
  const switched = await both(['settings', 'set', '--off', 'vision', 'documents', '--on', 'tools', '--warnings', '70,90']);
  expect(switched.json).toMatchObject({ features: { vision: false, documents: false, tools: true }, warnings: [70, 90] });
  expect(switched.out).toMatch(/features\s+vision off, documents off, tools on/);
  expect((await both(['settings', 'set', '--on', 'vision', 'documents', '--warnings', 'none'])).out).toMatch(/warnings\s+none/);
  for (const [wrong, words] of [
    [['--warnings', '0'], 'must be percents'],
    [['--on', 'tools', '--off', 'tools'], 'cannot be switched on and off at once'],
  ] as const)
    expect((await run(['settings', 'set', ...wrong, '--json'])).failure.message).toContain(words);
  expect((await run(['settings', 'set', '--logging', 'everything', '--json'])).failure.message).toContain(
    'Allowed choices are off, metadata, full.',
  );
  const { json, out } = await both(['audit-log', '--limit', '5']);
  expect(json.items[0]).toMatchObject({ action: 'PATCH /admin/v1/settings', outcome: 'done' });
  expect(out).toMatch(/master\s+PATCH \/settings\s+done/);
  expect((await run(['audit-log', '--diff', '--method', 'PATCH'])).out).toContain('  logging: "full" → "metadata"\n');
  const doctor = await run(['doctor', '--json']);
  expect(doctor.json.checks).toContainEqual(expect.objectContaining({ name: 'Version', state: 'ok' }));
  expect((await run(['doctor', '--no-call'])).out).toMatch(/✓ Version\s/);
});

test('signing in and out, and completion', async () => {
  const home = newHome();
  const { secret } = await gateway.makeKey();
  expect((await run(['login', gateway.url, '--name', 'there', '--json'], { home, key: secret })).json).toMatchObject({ profile: 'there' });
  expect((await both(['profiles', 'list'], { home })).json.items).toMatchObject([{ name: 'there', current: true }]);
  await both(['profiles', 'use', 'there'], { home });
  expect((await run(['logout', 'there', '--json'], { home })).code).toBe(0);
  expect(existsSync(join(home, '.config/outcrop/profiles.json'))).toBe(true);
  for (const shell of ['bash', 'zsh', 'fish']) expect((await both(['completion', shell])).out).toContain('outcrop');
  expect((await run(['completion', 'tcsh', '--json'])).code).toBe(2);
});

test('no command was left out', async () => {
  const program = await createProgram(createTerminal(process), [], true);
  const leaves = (command: Command, path: string): string[] =>
    command.commands.length === 0 ? [path] : command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`.trim()));
  // Tried as a process, in outcrop.test.ts.
  const elsewhere = ['start'];
  const wanted = leaves(program, '').filter((path) => !elsewhere.includes(path));
  const missing = wanted.filter((path) => ![...tried].some((one) => one === path || one.startsWith(`${path} `)));
  expect(missing).toEqual([]);
});
