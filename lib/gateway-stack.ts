// What serves requests: functions, doors and the address. All of it can be deleted and made again; what is precious is in the data stack.
// One stack, because a value that crosses stacks is printed as an output, and the raw function URL must not be.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api } from './api.ts';
import type { DataStack } from './data-stack.ts';
import { Grace } from './grace.ts';
import type { Settings } from './settings.ts';
import { Upkeep } from './upkeep.ts';
import { Web } from './web.ts';

export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings, data: DataStack, props: StackProps = {}) {
    super(scope, id, { description: 'Outcrop: functions, APIs, CloudFront and the console', ...props });
    const grace = settings.graceSeconds > 0 ? new Grace(this, 'Grace', settings, data) : undefined;
    const api = new Api(this, 'Api', settings, data, grace?.queue);
    new Upkeep(this, 'Upkeep', settings, data);
    const web = new Web(this, 'Web', settings, api);
    new CfnOutput(this, 'Url', { value: web.url });
  }
}
