// A client generated from the OpenAPI document by a generator that is not ours: it compiles, its errors have types, and it administers a real
// gateway.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const BIN = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
const OPTIONS = {
  compilerOptions: {
    target: 'esnext',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  files: ['story.ts'],
};

let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  gateway = await startGateway();
  // Below this folder, so that the packages the client needs are found.
  folder = mkdtempSync(join(HERE, 'generated-client', 'made-'));
  const document = await (await fetch(`${gateway.url}/admin/v1/openapi.json`)).text();
  writeFileSync(join(folder, 'openapi.json'), document);
  await run(join(BIN, 'oazapfts'), [join(folder, 'openapi.json'), join(folder, 'client.ts')]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await gateway.close();
});

test('it compiles with a story that reads every answer and every error by its type', async () => {
  cpSync(join(HERE, 'generated-client', 'story.ts'), join(folder, 'story.ts'));
  const story = readFileSync(join(folder, 'story.ts'), 'utf8').replace(/^\/\/ @ts-expect-error.*\n/m, '');
  writeFileSync(join(folder, 'story.ts'), story);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(OPTIONS));
  const compile = () => run(join(BIN, 'tsc'), ['-p', folder]).catch(({ stdout }: { stdout: string }) => ({ stdout }));
  expect((await compile()).stdout).toBe('');
  writeFileSync(join(folder, 'story.ts'), story.replace('late.data.code', 'late.data.kode').replace("amount: '2.5'", 'amont: 1'));
  expect((await compile()).stdout).toMatch(/'kode' does not exist[\s\S]*'amont' does not exist/);
  writeFileSync(join(folder, 'story.ts'), story);
});

test('the story comes out as it should', async () => {
  const { tell } = (await import(/* @vite-ignore */ join(folder, 'story.ts'))) as typeof import('./generated-client/story.ts');
  expect(await tell(gateway.url, gateway.masterKey)).toEqual([
    'made Story false',
    'changed to 20',
    'precondition_failed',
    'listed Story',
    'rotated true',
    'paid 2.5',
    'stated 1',
    'invalid_value name',
    'deleted 204',
    'not_found',
  ]);
});
