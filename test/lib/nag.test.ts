// AWS's own advice on the stacks, as rules: what they find is exactly what has been acknowledged, with a reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { ACKNOWLEDGED } from './acknowledged.ts';
import { createDeployment } from './deployment.ts';

type Report = { pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[] };

test('cdk-nag finds what is acknowledged, and nothing else', () => {
  const { app } = createDeployment({ graceSeconds: 60 });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  // Findings make it throw; they are read from its report.
  expect(() => app.synth()).toThrow();
  const report: Report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  const found = report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(
        ({ constructPath }) => `${constructPath.replace('Outcrop-prod-', '')}: ${ruleName.replace('AwsSolutions-', '')}`,
      ),
    ),
  );
  expect(found.sort()).toEqual(ACKNOWLEDGED.map(({ path, rule }) => `${path}: ${rule}`).sort());
});
