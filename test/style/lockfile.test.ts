// The lockfile installs on every platform: npm drops the packages of others when a registry did not offer them, and `npm ci` then fails.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Entry = { optionalDependencies?: Record<string, string> };
type Packages = Record<string, Entry>;

const lockfile = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');

test('every optional package that another one names is in the lockfile', () => {
  expect(missingFrom(JSON.parse(lockfile).packages)).toEqual([]);
});

test('one that is left out is noticed, wherever its owner sits', () => {
  const packages = {
    '': {},
    'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-mac': '1' } },
    'node_modules/a/node_modules/@b/c': { optionalDependencies: { 'a-linux': '1', '@b/c-mac': '1' } },
    'node_modules/a-linux': {},
  };
  expect(missingFrom(packages)).toEqual(['node_modules/a: a-mac', 'node_modules/a/node_modules/@b/c: @b/c-mac']);
});

function missingFrom(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !foldersAbove(path).some((folder) => `${folder}node_modules/${name}` in packages))
      .map((name) => `${path}: ${name}`),
  );
}

/** Where Node looks from a package: its own folder, then that of each package it is nested in, then the root. */
function foldersAbove(path: string): string[] {
  const parts = path.split(/(?=node_modules\/)/);
  return parts
    .map(
      (_, index) =>
        `${parts
          .slice(0, index + 1)
          .join('')
          .replace(/\/$/, '')}/`,
    )
    .concat('');
}
