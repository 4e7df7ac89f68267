// Our kind of Lambda function: runtime, size, code, log group, and a role that starts with nothing but its own log.
import { join } from 'node:path';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { bundle, FUNCTIONS_FOLDER, HANDLER } from './bundle.ts';
import type { Settings } from './settings.ts';

export type GatewayFunctionProps = {
  /** The folder below functions/ whose index.ts exports `handler`. */
  folder: string;
  description: string;
  timeout: Duration;
  environment: Record<string, string>;
  settings: Settings;
  reservedConcurrentExecutions?: number;
};

export class GatewayFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: GatewayFunctionProps) {
    const { folder, settings, ...own } = props;
    const logGroup = createLogGroup(scope, `${id}Log`, settings);
    // Lambda's managed policy may write to every log group of the account; this role only to its own.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      ...own,
      role,
      logGroup,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      handler: HANDLER,
      code: codeOf(folder),
    });
    logGroup.grantWrite(role);
  }
}

export function createLogGroup(scope: Construct, id: string, settings: Settings): LogGroup {
  return new LogGroup(scope, id, {
    retention: settings.logRetentionDays,
    removalPolicy: settings.isEphemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });
}

/** The bundle, named by its bytes: a function is deployed again only when they change. */
function codeOf(folder: string): Code {
  return Code.fromAsset(FUNCTIONS_FOLDER, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // esbuild runs in this very process; CDK asks for an image all the same, and never uses it.
      image: DockerImage.fromRegistry('unused'),
      // Never run either. It tells the functions apart: CDK makes assets of one source and equal options once, and reuses them.
      command: [folder],
      local: {
        tryBundle(output: string) {
          bundle(join(FUNCTIONS_FOLDER, folder, 'index.ts'), output);
          return true;
        },
      },
    },
  });
}
