// Reads the repository's code into memory, so that a rule is a pure function of paths and texts. Also reads the imports of a file.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';

/** Path from the repository's root, with slashes → text. */
export type SourceTree = ReadonlyMap<string, string>;

export type Import = {
  /** As written: `./money.ts`, `hono`. */
  from: string;
  /** The path from the root when it is a file of ours. */
  file: string | undefined;
  /** Nothing of it is left once types are stripped. */
  isTypeOnly: boolean;
  isReExport: boolean;
};

const TOP_FOLDERS = ['bin', 'cli', 'lib', 'functions', 'local', 'web', 'test', 'bench'];
const NOT_OURS = /^(node_modules|dist|coverage|cdk\.out|golden|recordings)$|^\./;
const READ = /\.(ts|tsx|mjs|js|md)$/;
const CODE = /\.(ts|tsx|mjs|js)$/;

export function isCode(path: string): boolean {
  return CODE.test(path);
}

export function readSourceTree(root: string): SourceTree {
  const tree = new Map<string, string>();
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !NOT_OURS.test(entry.name) && (folder !== '.' || TOP_FOLDERS.includes(entry.name))) visit(path);
      if (entry.isFile() && READ.test(entry.name)) tree.set(path, readFileSync(join(root, path), 'utf8'));
    }
  };
  visit('.');
  return tree;
}

/** The code without its comments. Strings and templates stay whole; good for code as Biome formats it. */
export function withoutComments(text: string): string {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (found) => (found.startsWith('/') ? '' : found));
}

const STATEMENT = /^(import|export)\s+(type\s+)?((?:[\w$*\s,]|\{[^}]*\})*?)\s*from\s*['"]([^'"\n]+)['"]/gm;
const BARE = /^import\s*['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;

export function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text);
  const fileOf = (from: string) => (from.startsWith('.') ? normalize(join(dirname(path), from)) : undefined);
  const found: Import[] = [];
  for (const [, word, type, names = '', from = ''] of code.matchAll(STATEMENT)) {
    found.push({ from, file: fileOf(from), isTypeOnly: type !== undefined || areTypes(names), isReExport: word === 'export' });
  }
  for (const pattern of [BARE, DYNAMIC]) {
    for (const [, from = ''] of code.matchAll(pattern)) found.push({ from, file: fileOf(from), isTypeOnly: false, isReExport: false });
  }
  return found;
}

/** `{ type A, type B }`: every name inside the braces is a type, and there is nothing outside them. */
function areTypes(names: string): boolean {
  const inside = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  const parts = (inside ?? '').split(',').map((part) => part.trim());
  const named = parts.filter((part) => part !== '');
  return named.length > 0 && named.every((part) => part.startsWith('type '));
}
