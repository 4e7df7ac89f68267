#!/usr/bin/env node
// The `outcrop` command, from a checkout. Plain JavaScript for any Node from 20 on: it goes on in the Node that the packages bring, and
// installs those first where they are missing.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as modules from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUR_NODE = 24;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const root = fileURLToPath(new URL('..', import.meta.url));
const ours = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (!existsSync(join(root, 'node_modules', 'commander'))) install();
if (Number(process.versions.node.split('.')[0]) >= OUR_NODE) {
  // Compiled code is kept: a start with what is kept takes half the time.
  modules.enableCompileCache(join(root, 'node_modules', '.cache', 'outcrop'));
  const { main } = await import('./main.ts');
  await main();
} else if (existsSync(ours)) {
  const child = spawn(ours, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child by the terminal; it decides when to end.
  for (const signal of SIGNALS) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
} else {
  console.error(`outcrop needs Node ${OUR_NODE}. Run \`node local/install.mjs\` in ${root}, which brings it.`);
  process.exit(1);
}

/** What it says goes where it does not mix with the answer. */
function install() {
  const { status } = spawnSync(process.execPath, [join(root, 'local', 'install.mjs')], { stdio: ['inherit', 2, 'inherit'] });
  if (status !== 0) process.exit(1);
}
