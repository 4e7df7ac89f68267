// The CDK app.
import { App } from 'aws-cdk-lib';
import { readSettings } from '../lib/settings.ts';
import { createStacks } from '../lib/stacks.ts';

const app = new App();
createStacks(
  app,
  readSettings((name) => app.node.tryGetContext(name)),
);
