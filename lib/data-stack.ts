// What outlives every deployment: the tables and the master key.
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { createBodiesBucket } from './bodies-bucket.ts';
import type { Settings } from './settings.ts';
import { createTables, type Tables } from './tables.ts';

export class DataStack extends Stack {
  readonly tables: Tables;
  readonly bodies: Bucket;
  readonly masterKey: Secret;

  constructor(scope: Construct, id: string, settings: Settings, props: StackProps = {}) {
    super(scope, id, { description: 'Outcrop: accounts, journal, conversations and the master key', ...props });
    this.tables = createTables(this, settings.isEphemeral);
    this.bodies = createBodiesBucket(this, settings.isEphemeral);
    this.masterKey = new Secret(this, 'MasterKey', {
      description: 'The master key of Outcrop: may do everything in the admin API',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: settings.isEphemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    // The ARN only: whoever may read the value can ask Secrets Manager for it.
    new CfnOutput(this, 'MasterKeySecretArn', { value: this.masterKey.secretArn });
  }
}
