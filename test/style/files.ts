// What every file looks like: its name, its first line, its length, what it exports. Each rule is a pure function: the tree → complaints.
import type { Rule } from './arrows.ts';
import { isCode, type SourceTree, withoutComments } from './source-tree.ts';

const MAX_LINES = 300;
const MAX_README_LINES = 40;
const BANNED_WORDS = ['util', 'utils', 'helper', 'helpers', 'common', 'misc'];
const SOURCE = /^(functions|lib|local|cli|bin|bench|docs)\//;
const DEMANDS_A_DEFAULT = /^test\/tally\.ts$|^test\/global-setup\.ts$|reporter\.ts$|\.config\.(ts|mjs|js)$/;

export const namesAreKebabCase: Rule = (tree) =>
  codeOf(tree)
    .filter(([path]) => !path.split('/').every((part) => /^[a-z0-9]+([-.][a-z0-9]+)*$/.test(part)))
    .map(([path]) => `${path}: files and folders are kebab-case`);

export const namesSaySomething: Rule = (tree) =>
  codeOf(tree)
    .filter(([path]) => path.split(/[/.-]/).some((word) => BANNED_WORDS.includes(word)))
    .map(([path]) => `${path}: ${BANNED_WORDS.join(', ')} name nothing`);

export const filesOpenWithAComment: Rule = (tree) =>
  codeOf(tree)
    .filter(([path, text]) => SOURCE.test(path) && !/^(\/\/|\/\*)/.test(text.replace(/^#!.*\n/, '')))
    .map(([path]) => `${path}: a file opens with a comment that says its job`);

export const filesAreShort: Rule = (tree) =>
  codeOf(tree)
    .map(([path, text]) => ({ path, lines: linesOf(text) }))
    .filter(({ path, lines }) => SOURCE.test(path) && lines > MAX_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines, more than ${MAX_LINES}`);

export const noBarrels: Rule = (tree) =>
  codeOf(tree)
    .filter(([, text]) => {
      const code = withoutComments(text);
      const reExport = /^export\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s*(from\s*['"][^'"]+['"])?\s*;?/gm;
      const ownImport = /^import\s[^;]*;/gm;
      return reExport.test(code) && code.replace(reExport, '').replace(ownImport, '').trim() === '';
    })
    .map(([path]) => `${path}: a file that only passes on the exports of others`);

export const noDefaultExports: Rule = (tree) =>
  codeOf(tree)
    .filter(([path]) => !DEMANDS_A_DEFAULT.test(path))
    .filter(([, text]) => /^export\s+(default\b|\{[^}]*\bas\s+default\b)/m.test(withoutComments(text)))
    .map(([path]) => `${path}: exports have names`);

export const nounsHaveAReadme: Rule = (tree) => {
  const nouns = new Set(codeOf(tree).flatMap(([path]) => /^functions\/core\/[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  return [...nouns].flatMap((noun) => {
    const readme = tree.get(`${noun}/README.md`);
    if (readme === undefined) return [`${noun}: no README.md says what it owns`];
    return linesOf(readme) > MAX_README_LINES ? [`${noun}/README.md: more than ${MAX_README_LINES} lines`] : [];
  });
};

function codeOf(tree: SourceTree): [string, string][] {
  return [...tree].filter(([path]) => isCode(path));
}

function linesOf(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}
