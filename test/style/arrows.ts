// Who may import whom, as ARCHITECTURE.md draws it. Each rule is a pure function: the tree → complaints, one a line. Types count as
// imports too, because a type ties two folders together as firmly as a function; only the console may have types of the server.
import { type Import, importsOf, isCode, type SourceTree, withoutComments } from './source-tree.ts';

export type Rule = (tree: SourceTree) => string[];

const WHAT_LIB_MAY_KNOW = [
  'functions/core/store/schema.ts',
  'functions/core/platform/environment.ts',
  'functions/core/turn/relay-settings.ts',
];
const OUTSIDE_FUNCTIONS = ['lib', 'local', 'cli', 'bin', 'bench', 'docs', 'test', 'web'];
const COMPOSES = [/^(local|cli|bin|bench|test)\//, /^functions\/(?!core\/)[^/]+\/index\.ts$/, /^[^/]+\.config\.ts$/];
const DEFINES_A_CLIENT = /^functions\/core\/(bedrock\/client|store\/dynamo)\.ts$/;
const WIRE_TYPES = /^@aws-sdk\//;

/** Functions of core: noun → the nouns it may import beside itself. Whoever is not named may have these two. */
const EVERY_NOUN_MAY = ['platform', 'store'];
const NOUN_MAY: Record<string, string[]> = { platform: [], store: ['platform'], dialects: ['platform'], bedrock: ['platform'] };

export const lambdasKeepApart: Rule = (tree) =>
  complain(tree, (path, { file }) => {
    const [from, to] = [lambdaOf(path), lambdaOf(file)];
    return from !== undefined && to !== undefined && from !== to && `a Lambda imports another, ${to}`;
  });

export const coreKnowsNoLambda: Rule = (tree) =>
  complain(tree, (path, { file }) => nounOf(path) !== undefined && lambdaOf(file) !== undefined && 'core imports a Lambda');

export const coreKnowsNoFramework: Rule = (tree) =>
  complain(tree, (path, { from }) => {
    const isFramework = /^(hono|@hono|aws-cdk-lib|aws-cdk|@aws-cdk|cdk-nag|constructs)(\/|$)/.test(from);
    return path.startsWith('functions/core/') && isFramework && 'core knows neither hono nor CDK';
  });

export const nounsKeepApart: Rule = (tree) =>
  complain(tree, (path, { file }) => {
    const [from, to] = [nounOf(path), nounOf(file)];
    if (from === undefined || to === undefined || from === to || from === 'turn') return false;
    const allowed = NOUN_MAY[from] ?? EVERY_NOUN_MAY;
    return !allowed.includes(to) && `${from} may import ${allowed.join(' and ') || 'no other noun'}; turn joins the rest`;
  });

export const dialectsArePure: Rule = (tree) =>
  complain(tree, (path, { from, isTypeOnly }) => {
    return nounOf(path) === 'dialects' && WIRE_TYPES.test(from) && !isTypeOnly && 'a dialect has only the types of the AWS SDK';
  });

export const functionsKnowNothingOutside: Rule = (tree) =>
  complain(tree, (path, { file, from }) => {
    if (!path.startsWith('functions/')) return false;
    if (file !== undefined && OUTSIDE_FUNCTIONS.includes(topOf(file))) return `functions never import ${topOf(file)}/`;
    return /^(aws-cdk-lib|cdk-nag|constructs)(\/|$)/.test(from) && 'functions never import CDK';
  });

export const deployTimeKnowsNamesOnly: Rule = (tree) =>
  complain(tree, (path, { file }) => {
    if (!/^(lib|bin)\//.test(path) || file === undefined || /^lib\//.test(file) || WHAT_LIB_MAY_KNOW.includes(file)) return false;
    return `deploy time may know lib/, ${WHAT_LIB_MAY_KNOW.join(' and ')}`;
  });

export const commandTalksHttp: Rule = (tree) =>
  complain(tree, (path, { file = '' }) => {
    if (!path.startsWith('cli/')) return file.startsWith('cli/') && 'nothing imports the command';
    return file !== '' && !file.startsWith('cli/') && 'the command knows a gateway by HTTP only';
  });

export const consoleTakesTypesOnly: Rule = (tree) =>
  complain(tree, (path, { file, isTypeOnly }) => {
    const leaves = path.startsWith('web/') && file !== undefined && !file.startsWith('web/');
    return leaves && !isTypeOnly && 'the console imports types only from the rest';
  });

export const onlyRootsReadTheEnvironment: Rule = (tree) =>
  codeOf(tree)
    .filter(
      ([path, text]) =>
        !composes(path) && /\bprocess\s*\.\s*env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*'node:process'/.test(withoutComments(text)),
    )
    .map(([path]) => `${path}: only a Lambda's index.ts, local/, cli/, bin/ and bench/ read process.env`);

/** Two files of core may say how a client is made, in a function that a root calls; nobody makes one when imported. */
export const onlyRootsBuildClients: Rule = (tree) =>
  codeOf(tree)
    .filter(([path, text]) => {
      if (composes(path)) return false;
      const code = withoutComments(text);
      const isAtTopLevel = /^(export\s+)?(const|let|var)\s[^\n]*\bnew\s+\w*Client\(/m.test(code);
      const builds = /\bnew\s+\w*Client\s*\(|\bDynamoDBDocument(Client)?\s*\.\s*from\s*\(/.test(code);
      return DEFINES_A_CLIENT.test(path) ? isAtTopLevel : builds;
    })
    .map(([path]) => `${path}: only a Lambda's index.ts, local/, cli/, bin/ and bench/ build clients`);

export const noImportCycles: Rule = (tree) => {
  const done = new Set<string>();
  const complaints: string[] = [];
  const visit = (path: string, trail: string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) complaints.push(`import cycle: ${[...trail.slice(start), path].join(' → ')}`);
    if (start >= 0 || done.has(path)) return;
    for (const { file } of importsOf(path, tree.get(path)!)) if (file !== undefined && tree.has(file)) visit(file, [...trail, path]);
    done.add(path);
  };
  for (const [path] of codeOf(tree)) visit(path, []);
  return complaints;
};

function complain(tree: SourceTree, judge: (path: string, what: Import) => string | false): string[] {
  return codeOf(tree).flatMap(([path, text]) =>
    importsOf(path, text).flatMap((what) => {
      const complaint = judge(path, what);
      return complaint ? [`${path} imports ${what.from}: ${complaint}`] : [];
    }),
  );
}

/** Tests may do what they like: they hold examples of everything that is wrong. */
function codeOf(tree: SourceTree): [string, string][] {
  return [...tree].filter(([path]) => isCode(path) && !path.startsWith('test/'));
}

function composes(path: string): boolean {
  return COMPOSES.some((pattern) => pattern.test(path));
}

function topOf(path: string): string {
  return path.split('/')[0]!;
}

function nounOf(path: string | undefined): string | undefined {
  return /^functions\/core\/([^/]+)\//.exec(path ?? '')?.[1];
}

function lambdaOf(path: string | undefined): string | undefined {
  const folder = /^functions\/([^/]+)\//.exec(path ?? '')?.[1];
  return folder === 'core' ? undefined : folder;
}
