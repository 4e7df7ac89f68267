// install.mjs in a folder of its own, with an npm that only says what it was asked and makes what an npm would make.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const INSTALLER = fileURLToPath(new URL('../../local/install.mjs', import.meta.url));
const LINE = 'Installing packages from package-lock.json, once …\n';

/** Notes its arguments; then, by the file `mode` beside it: install, fail, or wait to be stopped. */
const NPM = `
const { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
appendFileSync(__dirname + '/calls', process.cwd() + ' ' + process.argv.slice(2).join(' ') + '\\n');
const mode = readFileSync(__dirname + '/mode', 'utf8');
if (mode === 'wait') setInterval(() => {}, 1000);
else if (mode === 'fail') { console.error('npm error 404 no such package'); process.exitCode = 7; }
else {
  rmSync('node_modules', { recursive: true, force: true });
  mkdirSync('node_modules/.bin', { recursive: true });
  mkdirSync('node_modules/hono');
  writeFileSync('node_modules/hono/package.json', '{}');
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const packages = Object.entries(lock.packages).filter(([path, { os }]) => path !== '' && os === undefined);
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries(packages) }));
  if (mode === 'install') symlinkSync(process.execPath, 'node_modules/.bin/node');
  if (mode === 'wrong node') symlinkSync('/bin/false', 'node_modules/.bin/node');
}
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'outcrop-install-'));
  mkdirSync(join(root, 'local'));
  mkdirSync(join(root, 'npm'));
  writeFileSync(join(root, 'local', 'install.mjs'), readFileSync(INSTALLER));
  writeFileSync(join(root, 'npm', 'npm-cli.js'), NPM);
  setMode('install');
  writeLockfile('4.0.0');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a fresh clone is installed with one line, and the second time nothing is done or said', async () => {
  expect(await install()).toEqual({ code: 0, out: LINE, err: '' });
  expect(calls()).toEqual([`${root} ci --loglevel=error --no-progress --no-audit --no-fund --include=dev --include=optional`]);
  expect(await install()).toEqual({ code: 0, out: '', err: '' });
  expect(calls()).toHaveLength(1);
});

test('a changed lockfile is installed again, a touched one is not', async () => {
  await install();
  utimesSync(join(root, 'package-lock.json'), new Date(), new Date(Date.now() + 60_000));
  await install();
  expect(calls()).toHaveLength(1);
  writeLockfile('4.0.1');
  expect((await install()).out).toBe(LINE);
  expect(calls()).toHaveLength(2);
});

test('what the user installed with npm himself is taken as it is', async () => {
  await install();
  rmSync(stampFile());
  expect(await install()).toEqual({ code: 0, out: '', err: '' });
  expect(calls()).toHaveLength(1);
  expect(existsSync(stampFile())).toBe(true);
});

test('packages that lack a folder are installed again although npm has them on record', async () => {
  await install();
  rmSync(stampFile());
  rmSync(join(root, 'node_modules', 'hono'), { recursive: true });
  await install();
  expect(calls()).toHaveLength(2);
});

test('when npm fails, its words, one clear line and exit code 1; and the next start tries again', async () => {
  setMode('fail');
  const { code, err } = await install();
  expect(code).toBe(1);
  expect(err).toBe(`npm error 404 no such package\nnpm ci failed in ${root}/ (exit code 7). Mend what it says above and try again.\n`);
  expect(existsSync(stampFile())).toBe(false);
  setMode('install');
  expect((await install()).code).toBe(0);
});

test('an install that is interrupted leaves no stamp, not even that of the install before', async () => {
  await install();
  writeLockfile('4.0.1');
  setMode('wait');
  const { child, done } = start();
  await until(() => calls().length === 2);
  // Ctrl-C reaches the whole foreground group of the terminal.
  process.kill(-child.pid!, 'SIGINT');
  expect((await done).code).not.toBe(0);
  expect(existsSync(stampFile())).toBe(false);
  expect(existsSync(join(root, 'node_modules', '.package-lock.json'))).toBe(false);
});

test('a Node of ours that does not run is an error that says what to do', async () => {
  setMode('wrong node');
  const { code, err } = await install();
  expect(code).toBe(1);
  expect(err).toContain('node_modules/.bin/node does not run here. Use Node 24');
  expect(existsSync(stampFile())).toBe(false);
});

test('what a linked node_modules points to is left alone', async () => {
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'node_modules'));
  expect(await install()).toEqual({ code: 0, out: '', err: '' });
  expect(calls()).toEqual([]);
});

test('before tests, the Lambda runtime client is installed too, without its install scripts', async () => {
  const nested = join(root, 'test', 'lambda', 'runtime');
  mkdirSync(nested, { recursive: true });
  writeFileSync(join(nested, 'package-lock.json'), readFileSync(join(root, 'package-lock.json')));
  await install();
  expect(calls()).toHaveLength(1);
  expect((await install('test')).out).toBe('Installing packages of test/lambda/runtime from package-lock.json, once …\n');
  expect(calls()[1]).toBe(`${nested} ci --loglevel=error --no-progress --no-audit --no-fund --ignore-scripts`);
  expect((await install('test')).out).toBe('');
});

type Result = { code: number | null; out: string; err: string };

function install(...args: string[]): Promise<Result> {
  return start(...args).done;
}

function start(...args: string[]): { child: ChildProcess; done: Promise<Result> } {
  const env = { ...process.env, npm_execpath: join(root, 'npm', 'npm-cli.js'), npm_node_execpath: process.execPath };
  const child = spawn(process.execPath, [join(root, 'local', 'install.mjs'), ...args], { cwd: root, env, detached: true });
  const result: Result = { code: null, out: '', err: '' };
  child.stdout.on('data', (part) => {
    result.out += part;
  });
  child.stderr.on('data', (part) => {
    result.err += part;
  });
  const done = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...result, code }));
  });
  return { child, done };
}

function calls(): string[] {
  const file = join(root, 'npm', 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

function setMode(mode: string): void {
  writeFileSync(join(root, 'npm', 'mode'), mode);
}

function writeLockfile(version: string): void {
  const absent = { version: '1.0.0', optional: true, os: ['aix'] };
  const packages = { '': { name: 'x' }, 'node_modules/hono': { version }, 'node_modules/elsewhere-only': absent };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
}

function stampFile(): string {
  return join(root, 'node_modules', '.outcrop-stamp');
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
