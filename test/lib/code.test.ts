// The code a deployment uploads, packed for real.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS_FOLDER } from '../../lib/bundle.ts';
import { createDeployment } from './deployment.ts';

const isComplete = ['proxy', 'admin', 'authorizer'].every((folder) => existsSync(join(FUNCTIONS_FOLDER, folder, 'index.ts')));

describe.skipIf(!isComplete)('a deployment', () => {
  test('gives every function code of its own, and nothing but code', () => {
    const { app, gateway } = createDeployment({}, { isPacked: true });
    const { Resources } = app.synth().getStackByName(gateway.stackName).template as { Resources: Record<string, FunctionResource> };
    const functions = Object.entries(Resources)
      .filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('Api'))
      .map(([, { Properties }]) => `asset.${Properties.Code!.S3Key.replace('.zip', '')}`);
    expect(functions).toHaveLength(3);
    expect(new Set(functions).size).toBe(3);
    for (const asset of functions) expect(readdirSync(join(app.outdir, asset))).toEqual(['index.mjs']);
  });
});

type FunctionResource = { Type: string; Properties: { Code?: { S3Key: string } } };
