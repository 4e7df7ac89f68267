// The compiler, the linter and the search for dead code, as `npm run check` runs them: each must have nothing to say.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  { says: 'the types fit', tool: 'tsc', args: ['-p', '.'] },
  { says: 'form and lint are clean', tool: 'biome', args: ['check', '.'] },
  { says: 'nothing is unused', tool: 'knip', args: ['--no-config-hints'] },
])('$tool: $says', { timeout: 180_000 }, async ({ tool, args }) => {
  const { code, output } = await run(`${root}/node_modules/.bin/${tool}`, args);
  expect(code, output).toBe(0);
});

function run(command: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
    let output = '';
    child.stdout.on('data', (part) => (output += part));
    child.stderr.on('data', (part) => (output += part));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
