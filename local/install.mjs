// Installs from the lockfile what is missing, before `npm start` and `npm test`. Plain JavaScript for any Node from 20 on, and milliseconds
// when there is nothing to do. Law: the stamp is removed first and written last, so an install cut short never counts as a whole one.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
const OUR_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));

if (majorOf(process.version) < OLDEST_NODE)
  fail(`Node ${process.version} is too old to install Outcrop; use Node ${OLDEST_NODE} or newer.`);

// NODE_ENV=production would leave out the compiler's half of the packages, and Node itself.
ensureInstalled({ folder: root, name: 'packages', flags: ['--include=dev', '--include=optional'], verify: verifyNode });

if (process.argv[2] === 'test') {
  // The real Lambda runtime client, for tests of the shipped bundles. Its native half is for Lambda only: no install scripts.
  const folder = join(root, 'test', 'lambda', 'runtime');
  ensureInstalled({ folder, name: 'packages of test/lambda/runtime', flags: ['--ignore-scripts'] });
}

/** Leaves the folder with what its package-lock.json says, or ends the process with one clear error. */
function ensureInstalled({ folder, name, flags, verify = () => undefined }) {
  const lockfile = join(folder, 'package-lock.json');
  if (!existsSync(lockfile)) return;
  const modules = join(folder, 'node_modules');
  const stampFile = join(modules, '.outcrop-stamp');
  // The platform belongs to the stamp: a folder shared with a container or another machine holds the wrong binaries.
  const stamp = `${process.platform}-${process.arch} ${createHash('sha256').update(readFileSync(lockfile)).digest('hex')}\n`;
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;

  // Whoever ran npm himself has it all and only lacks the stamp. What a link points to is its owner's to change.
  if (isLink(modules)) return;
  if (!holdsAllOf(lockfile, modules) || verify() !== undefined) {
    console.log(`Installing ${name} from package-lock.json, once …`);
    rmSync(stampFile, { force: true });
    rmSync(join(modules, '.package-lock.json'), { force: true });
    runNpm(folder, ['ci', '--loglevel=error', '--no-progress', '--no-audit', '--no-fund', ...flags]);
    const complaint = verify();
    if (complaint !== undefined) fail(complaint);
  }
  writeFileSync(stampFile, stamp);
}

/** Whether npm's own record of what it installed, and the folders themselves, cover the lockfile. Other platforms' packages may be absent. */
function holdsAllOf(lockfile, modules) {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  try {
    const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
    const wanted = Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages);
    return wanted.every(([path, { version, optional, devOptional }]) => {
      if (path === '') return true;
      if (installed[path] === undefined) return optional === true || devOptional === true;
      return installed[path].version === version && existsSync(join(modules, '..', path, 'package.json'));
    });
  } catch {
    return false;
  }
}

/** Runs npm in the folder, silent unless it fails. */
function runNpm(folder, args) {
  const { npm_execpath: cli = '', npm_node_execpath: node = process.execPath } = process.env;
  const isNpm = cli.endsWith('npm-cli.js');
  const [command, ...first] = isNpm ? [node, cli] : ['npm'];
  // npm must not stand on the very Node that it is about to replace.
  const ours = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== ours);
  const { status, error, stdout, stderr } = spawnSync(command, [...first, ...args], {
    cwd: folder,
    env: { ...process.env, PATH: path.join(delimiter) },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: !isNpm && process.platform === 'win32',
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  const reason = error ? error.message : status === null ? 'it was interrupted' : `exit code ${status}`;
  fail(`npm ci failed in ${folder} (${reason}). Mend what it says above and try again.`);
}

/** Scripts run on the `node` package, first on npm's path; without it, on the system's Node. `undefined` when that is the right one. */
function verifyNode() {
  const ours = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(ours)) {
    if (majorOf(process.version) >= OUR_NODE) return undefined;
    return `node_modules/.bin/node is missing: npm did not run the install script of the package "node". Run \`npm rebuild node --ignore-scripts=false\`, or use Node ${OUR_NODE}.`;
  }
  const { status, stdout } = spawnSync(ours, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  if (status === 0 && majorOf(stdout) >= OUR_NODE) return undefined;
  return `node_modules/.bin/node does not run here. Use Node ${OUR_NODE} and delete that file, or delete node_modules and try again.`;
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function majorOf(version) {
  return Number(/^v?(\d+)/.exec(version)?.[1]);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
