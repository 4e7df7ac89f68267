// The house's rules, held against the repository as it is. That each of them can fail is shown in rules.test.ts.
import { describe, expect, test } from 'vitest';
import * as arrows from './arrows.ts';
import * as files from './files.ts';
import { importsOf, isCode, readSourceTree } from './source-tree.ts';

const tree = readSourceTree(new URL('../..', import.meta.url).pathname);

describe('the house', () => {
  test.each(Object.entries({ ...arrows, ...files }))('%s', (_name, rule) => {
    expect(rule(tree)).toEqual([]);
  });

  test('is read whole: every relative import leads to a file the rules have seen', () => {
    const unseen = [...tree]
      .filter(([path]) => isCode(path) && !path.startsWith('test/'))
      .flatMap(([path, text]) =>
        importsOf(path, text)
          .filter(({ file }) => file !== undefined && isCode(file) && !tree.has(file))
          .map(({ from }) => `${path} imports ${from}`),
      );
    expect(unseen).toEqual([]);
    expect(tree.size).toBeGreaterThan(20);
  });
});
