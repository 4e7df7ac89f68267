// What is deployed: each function's own code, the same bytes every time, and nothing that belongs where one deploys from.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS_FOLDER } from '../../lib/bundle.ts';
import { ship } from './shipped.ts';

/** The proxy and the authorizer stand before every call. The admin function's schemas and their OpenAPI document are most of its size. */
const MAX_BYTES: Record<string, number> = {
  proxy: 600_000,
  authorizer: 600_000,
  admin: 1_100_000,
  rollup: 600_000,
  sweeper: 600_000,
  drain: 600_000,
};

const folders = readdirSync(FUNCTIONS_FOLDER).filter((folder) => existsSync(join(FUNCTIONS_FOLDER, folder, 'index.ts')));

describe.each(folders)('the bundle of %s', (folder) => {
  const shipped = ship(`functions/${folder}/index.ts`);
  const bytes = Buffer.byteLength(shipped.code);
  console.info(`${folder}: ${Math.round(bytes / 1000)} KB, ${Math.round(gzipSync(shipped.code).length / 1000)} KB gzipped`);

  test('is one file', () => {
    expect(readdirSync(shipped.folder)).toEqual(['index.mjs']);
  });

  test('is the same every time', () => {
    expect(ship(`functions/${folder}/index.ts`).code).toBe(shipped.code);
  });

  test('has nothing of CDK, of the local machine or of this computer in it', () => {
    for (const stranger of ['aws-cdk', 'constructs', 'CfnResource', 'dynalite', 'sourceMappingURL', process.cwd()]) {
      expect(shipped.code).not.toContain(stranger);
    }
  });

  test('reaches for no other file but what Node has', () => {
    expect(shipped.code).not.toMatch(/from\s*"\.{1,2}\//);
  });

  test('is small enough to start fast', () => {
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES[folder]!);
  });
});
