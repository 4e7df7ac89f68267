import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clockCheck } from '../../cli/commands/gateway-checks.ts';
import { checkFolders, checkNode } from '../../cli/commands/machine-checks.ts';
import { newHome } from '../support/command.ts';

const NOW = Date.UTC(2026, 10, 21);
const dateAt = (seconds: number) => new Date(NOW + seconds * 1_000).toUTCString();

test.each([
  [0, 'ok'],
  [4, 'ok'],
  [-60, 'warning'],
  [400, 'failed'],
])('a clock that is %d seconds off is %s', (seconds, state) => {
  expect(clockCheck(dateAt(seconds), NOW).state).toBe(state);
});

test('a Node that is too old is told, with what brings the right one', () => {
  expect(checkNode('24.1.0').state).toBe('ok');
  expect(checkNode('20.20.2')).toMatchObject({ state: 'failed', hint: expect.stringContaining('install.mjs') });
});

test('a data folder, or a secret in it, that others may read is told with what closes it', () => {
  const folder = newHome();
  const data = join(folder, '.outcrop');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, 'master-key'), 'x', { mode: 0o600 });
  const check = () => checkFolders({ environment: {}, folder })[0]!;
  expect(check().state).toBe('ok');
  chmodSync(join(data, 'master-key'), 0o644);
  expect(check()).toMatchObject({ state: 'warning', found: expect.stringContaining('master-key'), hint: `chmod -R go= ${data}` });
});
