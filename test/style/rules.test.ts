// Every rule of the house, broken once: trees of a file or two, one that must be refused and one that must pass.
import { describe, expect, test } from 'vitest';
import * as arrows from './arrows.ts';
import * as files from './files.ts';
import { importsOf, withoutComments } from './source-tree.ts';

type Files = Record<string, string>;
type Case = { rule: keyof typeof rules; because: string; refused: Files; passes: Files };

const rules = { ...arrows, ...files };
const core = 'functions/core';
const open = '// Its job.\n';

const CASES: Case[] = [
  {
    rule: 'lambdasKeepApart',
    because: 'one Lambda imports another',
    refused: { 'functions/admin/app.ts': "import { caller } from '../proxy/caller.ts';" },
    passes: { 'functions/admin/app.ts': "import { app } from './native/keys.ts';\nimport { runTurn } from '../core/turn/run-turn.ts';" },
  },
  {
    rule: 'lambdasKeepApart',
    because: 'it does so for a type only',
    refused: { 'functions/admin/app.ts': "import type { Caller } from '../proxy/caller.ts';" },
    passes: { 'local/start.ts': "import { createApp } from '../functions/proxy/app.ts';" },
  },
  {
    rule: 'coreKnowsNoLambda',
    because: 'core imports a Lambda',
    refused: { [`${core}/turn/turn.ts`]: "import { reply } from '../../proxy/reply.ts';" },
    passes: { [`${core}/turn/turn.ts`]: "import { Key } from '../access/principal.ts';" },
  },
  {
    rule: 'coreKnowsNoFramework',
    because: 'core imports a part of hono',
    refused: { [`${core}/access/authorize.ts`]: "import { bodyLimit } from 'hono/body-limit';" },
    passes: { 'functions/proxy/app.ts': "import { Hono } from 'hono';", [`${core}/access/a.ts`]: "import a from 'honoured';" },
  },
  {
    rule: 'coreKnowsNoFramework',
    because: 'core imports CDK over several lines',
    refused: { [`${core}/store/schema.ts`]: "import {\n  Table,\n  Stack,\n} from 'aws-cdk-lib';" },
    passes: { 'lib/tables.ts': "import { Table } from 'aws-cdk-lib';" },
  },
  {
    rule: 'nounsKeepApart',
    because: 'one noun imports another',
    refused: { [`${core}/ledger/bound.ts`]: "import { priceOf } from '../catalog/prices.ts';" },
    passes: { [`${core}/turn/run-turn.ts`]: "import { priceOf } from '../catalog/prices.ts';" },
  },
  {
    rule: 'nounsKeepApart',
    because: 'a noun imports turn, from a folder below',
    refused: { [`${core}/dialects/openai/chat.ts`]: "import type { Turn } from '../../turn/turn.ts';" },
    passes: {
      [`${core}/dialects/openai/chat.ts`]: "import { sse } from '../sse.ts';\nimport { GatewayError } from '../../platform/errors.ts';",
    },
  },
  {
    rule: 'nounsKeepApart',
    because: 'platform knows a noun',
    refused: { [`${core}/platform/log.ts`]: "import { keys } from '../store/keys.ts';" },
    passes: { [`${core}/ledger/journal.ts`]: "import { keys } from '../store/keys.ts';\nimport { monthOf } from '../platform/clock.ts';" },
  },
  {
    rule: 'nounsKeepApart',
    because: 'bedrock knows the store',
    refused: { [`${core}/bedrock/converse.ts`]: "const { keys } = await import('../store/keys.ts');" },
    passes: { [`${core}/bedrock/converse.ts`]: "// import '../store/keys.ts'\nimport '../platform/clock.ts';" },
  },
  {
    rule: 'dialectsArePure',
    because: 'a dialect runs code of the AWS SDK',
    refused: { [`${core}/dialects/openai/chat.ts`]: "import { type Message, StopReason } from '@aws-sdk/client-bedrock-runtime';" },
    passes: {
      [`${core}/dialects/openai/chat.ts`]: "import { type Message } from '@aws-sdk/client-bedrock-runtime';",
      [`${core}/dialects/openai/usage.ts`]: "import type { TokenUsage } from '@aws-sdk/client-bedrock-runtime';",
    },
  },
  {
    rule: 'functionsKnowNothingOutside',
    because: 'a function imports the local server',
    refused: { 'functions/proxy/app.ts': "export { engine } from '../../local/engine.ts';" },
    passes: { 'local/start.ts': "export { engine } from './engine.ts';\nimport { a } from '../functions/proxy/app.ts';" },
  },
  {
    rule: 'functionsKnowNothingOutside',
    because: 'a function imports CDK',
    refused: { 'functions/proxy/app.ts': "import type { Construct } from 'constructs';" },
    passes: { 'lib/api-stack.ts': "import type { Construct } from 'constructs';" },
  },
  {
    rule: 'deployTimeKnowsNamesOnly',
    because: 'a stack imports what runs in a Lambda',
    refused: { 'lib/tables.ts': "import { createStore } from '../functions/core/store/client.ts';" },
    passes: {
      'lib/tables.ts': "import { TABLES } from '../functions/core/store/schema.ts';\nimport { a } from './settings.ts';",
      'lib/settings.ts': "import { parseRelaySettings } from '../functions/core/turn/relay-settings.ts';",
    },
  },
  {
    rule: 'deployTimeKnowsNamesOnly',
    because: 'the CDK app imports the local server',
    refused: { 'bin/outcrop.ts': "import { start } from '../local/start.ts';" },
    passes: { 'bin/outcrop.ts': "import { settings } from '../lib/settings.ts';" },
  },
  {
    rule: 'consoleTakesTypesOnly',
    because: 'the console takes a value along with a type',
    refused: { 'web/src/keys.tsx': "import { type Key, parseKey } from '../../functions/admin/native/keys.ts';" },
    passes: {
      'web/src/keys.tsx': "import type { Key } from '../../functions/admin/native/keys.ts';\nimport { table } from './table.tsx';",
    },
  },
  {
    rule: 'onlyRootsReadTheEnvironment',
    because: 'core reads a variable',
    refused: { [`${core}/store/client.ts`]: 'export const table = () => process.env.TABLE;' },
    passes: {
      'functions/proxy/index.ts': 'const environment = process.env;',
      'local/start.ts': 'process.env.PORT;',
      [`${core}/store/client.ts`]: '// process.env is read elsewhere',
    },
  },
  {
    rule: 'onlyRootsReadTheEnvironment',
    because: 'a Lambda reads one outside its index.ts, by another name',
    refused: { 'functions/proxy/app.ts': "import { env } from 'node:process';" },
    passes: { 'functions/proxy/index.ts': "import { env } from 'node:process';" },
  },
  {
    rule: 'onlyRootsBuildClients',
    because: 'an app builds its own client',
    refused: { 'functions/proxy/app.ts': 'const database = new DynamoDBClient({});' },
    passes: { 'functions/proxy/index.ts': 'const database = new DynamoDBClient({});', 'local/start.ts': 'new BedrockRuntimeClient({});' },
  },
  {
    rule: 'onlyRootsBuildClients',
    because: 'a client is built when its file is imported',
    refused: { [`${core}/bedrock/client.ts`]: 'export const bedrock = new BedrockRuntimeClient({});' },
    passes: { [`${core}/bedrock/client.ts`]: 'export function createClient() {\n  return new BedrockRuntimeClient({});\n}' },
  },
  {
    rule: 'noImportCycles',
    because: 'three files go round',
    refused: {
      'lib/a.ts': "import { b } from './b.ts';",
      'lib/b.ts': "import type { C } from './deep/c.ts';",
      'lib/deep/c.ts': "export { a } from '../a.ts';",
    },
    passes: { 'lib/a.ts': "import './b.ts';\nimport './c.ts';", 'lib/b.ts': "import './c.ts';", 'lib/c.ts': '' },
  },
  {
    rule: 'namesAreKebabCase',
    because: 'a file is named in camel case',
    refused: { 'lib/apiStack.ts': '' },
    passes: { 'lib/api-stack.ts': '', 'test/lib/api-stack.test.ts': '', 'functions/core/turn/README.md': '' },
  },
  {
    rule: 'namesAreKebabCase',
    because: 'a folder has an underscore',
    refused: { 'lib/api_stack/index.ts': '' },
    passes: { 'lib/api-stack/index.ts': '' },
  },
  {
    rule: 'namesSaySomething',
    because: 'a folder is called utils',
    refused: { 'lib/utils/money.ts': '' },
    passes: { 'lib/money.ts': '' },
  },
  {
    rule: 'namesSaySomething',
    because: 'a file is called test-helpers',
    refused: { 'test/test-helpers.ts': '' },
    passes: { 'test/utility-bill.ts': '' },
  },
  {
    rule: 'filesOpenWithAComment',
    because: 'a source file begins with code',
    refused: { 'cli/keys.ts': "import { a } from './a.ts';\n// Its job.\n" },
    passes: { 'cli/keys.ts': open, 'cli/outcrop.ts': `#!/usr/bin/env node\n${open}`, 'lib/a.ts': '/** Its job. */', 'test/a.test.ts': 'x' },
  },
  {
    rule: 'filesAreShort',
    because: 'a source file has 301 lines',
    refused: { 'lib/a.ts': `${open}\n`.padEnd(302 + open.length - 2, '\n') },
    passes: { 'lib/a.ts': `${open}\n`.padEnd(301 + open.length - 2, '\n'), 'test/a.test.ts': '\n'.repeat(500) },
  },
  {
    rule: 'noBarrels',
    because: 'a file passes on what others export',
    refused: { 'lib/index.ts': "// Everything.\nexport * from './a.ts';\nexport {\n  b,\n} from './b.ts';\n" },
    passes: { 'lib/a.ts': "export { b } from './b.ts';\nexport const a = 1;" },
  },
  {
    rule: 'noBarrels',
    because: 'it does so in two steps',
    refused: { 'lib/index.ts': "import { a } from './a.ts';\nimport { b } from './b.ts';\nexport { a, b };" },
    passes: { 'lib/main.ts': "import { a } from './a.ts';\na();" },
  },
  {
    rule: 'noDefaultExports',
    because: 'a file exports without a name',
    refused: { 'lib/a.ts': 'export default class Stack {}' },
    passes: { 'vitest.config.ts': 'export default {};', 'test/tally.ts': 'export default class Tally {}', 'lib/a.ts': '// export default' },
  },
  {
    rule: 'commandTalksHttp',
    because: 'the command imports a type of the functions',
    refused: { 'cli/commands/keys.ts': "import type { KeyView } from '../../functions/admin/native/key-schemas.ts';" },
    passes: { 'cli/commands/keys.ts': "import { addAction } from '../action.ts';\nimport { Command } from 'commander';" },
  },
  {
    rule: 'commandTalksHttp',
    because: 'somebody imports the command',
    refused: { 'local/start.ts': "import { toTable } from '../cli/terminal/table.ts';" },
    passes: { 'test/cli/table.test.ts': "import { toTable } from '../../cli/terminal/table.ts';" },
  },
  {
    rule: 'noDefaultExports',
    because: 'it does so in braces',
    refused: { 'lib/a.ts': 'export { stack as default };' },
    passes: { 'lib/a.ts': 'export { stack as standard };' },
  },
  {
    rule: 'nounsHaveAReadme',
    because: 'a noun with files does not say what it owns',
    refused: { [`${core}/ledger/bound.ts`]: '' },
    passes: { [`${core}/ledger/bound.ts`]: '', [`${core}/ledger/README.md`]: '# ledger\n' },
  },
  {
    rule: 'nounsHaveAReadme',
    because: 'its README has 41 lines',
    refused: { [`${core}/dialects/openai/chat.ts`]: '', [`${core}/dialects/README.md`]: 'x\n'.repeat(41) },
    passes: { [`${core}/dialects/openai/chat.ts`]: '', [`${core}/dialects/README.md`]: 'x\n'.repeat(40) },
  },
];

describe('each rule of the house', () => {
  test.each(CASES)('$rule complains when $because', ({ rule, refused, passes }) => {
    expect(rules[rule](treeOf(refused))).toHaveLength(1);
    expect(rules[rule](treeOf(passes))).toEqual([]);
  });

  test('is broken here at least once', () => {
    expect(Object.keys(rules).filter((name) => !CASES.some(({ rule }) => rule === name))).toEqual([]);
  });
});

test('imports are read from statements of every form, and from nowhere else', () => {
  const code = [
    "import a, { type B } from './a.ts';",
    "import type { C } from '../c.ts';",
    "export * as d from 'd';",
    "import 'e';",
    "const f = await import('./f.ts');",
    "// import g from 'g';",
    'const text = "import h from \'h\'";',
  ].join('\n');
  expect(importsOf('lib/x.ts', code)).toEqual([
    { from: './a.ts', file: 'lib/a.ts', isTypeOnly: false, isReExport: false },
    { from: '../c.ts', file: 'c.ts', isTypeOnly: true, isReExport: false },
    { from: 'd', file: undefined, isTypeOnly: false, isReExport: true },
    { from: 'e', file: undefined, isTypeOnly: false, isReExport: false },
    { from: './f.ts', file: 'lib/f.ts', isTypeOnly: false, isReExport: false },
  ]);
});

test('comments are taken away, addresses in strings are not', () => {
  expect(withoutComments("const a = 'https://x'; // b\n/* c */const d = `//e`;")).toBe("const a = 'https://x'; \nconst d = `//e`;");
});

function treeOf(contents: Files): Map<string, string> {
  return new Map(Object.entries(contents));
}
