// Settings in, stacks out.
import { type App, Tags } from 'aws-cdk-lib';
import { DataStack } from './data-stack.ts';
import { GatewayStack } from './gateway-stack.ts';
import type { Settings } from './settings.ts';

export type Stacks = { data: DataStack; gateway: GatewayStack };

export function createStacks(app: App, settings: Settings): Stacks {
  const data = new DataStack(app, `Outcrop-${settings.stage}-Data`, settings);
  const gateway = new GatewayStack(app, `Outcrop-${settings.stage}-Gateway`, settings, data);
  Tags.of(app).add('outcrop:stage', settings.stage);
  return { data, gateway };
}
