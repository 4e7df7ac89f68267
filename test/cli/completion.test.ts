// Completion in a real bash; of the other shells, that each word is in the script.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toFish, toZsh } from '../../cli/terminal/completion-scripts.ts';
import { newHome, outcropHere } from '../support/command.ts';

const hasBash = spawnSync('bash', ['--version']).status === 0;

test.skipIf(!hasBash)('bash completes commands, those below them, and their options', async () => {
  const path = join(newHome(), 'outcrop.bash');
  writeFileSync(path, (await outcropHere(['completion', 'bash'], {})).out);
  const completed = (...words: string[]) => {
    const script = `source ${path}; COMP_WORDS=(outcrop ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _outcrop; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
  };
  expect(completed('ke')).toBe('keys');
  expect(completed('keys', 'r')).toBe('revoke restore rotate');
  expect(completed('models', 'price', 'set', 'claude', '--in')).toBe('--input');
  expect(completed('keys', 'list', '--status', '')).toBe('active revoked expired');
  expect(completed('settings', 'set', '--logging', 'm')).toBe('metadata');
  expect(completed('completion', 'z')).toBe('zsh');
  // A value between does not lead astray.
  expect(completed('keys', '--profile', 'prod', 'list', '--st')).toBe('--status');
});

test('zsh and fish are told each word with what it does, quoted', () => {
  const nodes = [
    { path: '', words: [{ word: 'keys', text: "Keys: a team's" }] },
    { path: 'keys', words: [{ word: '--tag', text: 'only with this tag' }], values: { '--tag': ['a', 'b'] } },
  ];
  expect(toZsh(nodes)).toContain("'keys') told=('--tag:only with this tag') ;;");
  expect(toZsh(nodes)).toContain(`'keys:Keys\\: a team'\\''s'`);
  expect(toFish(nodes)).toContain(`complete -c outcrop -n 'test (__outcrop_path) = ""' -f -a keys -d 'Keys: a team\\'s'`);
  expect(toFish(nodes)).toContain(`= "keys"' -l tag -x -a 'a b' -d 'only with this tag'`);
  expect(toZsh(nodes)).toContain("'keys --tag') told=('a' 'b') ;;");
});
