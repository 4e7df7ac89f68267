// The bucket of conversations' large texts: private, encrypted, and forgetful by a rule for each number of days that can be chosen.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { RETENTION_DAYS, retentionPrefix } from '../functions/core/store/schema.ts';

export function createBodiesBucket(scope: Construct, isEphemeral: boolean): Bucket {
  return new Bucket(scope, 'Bodies', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: RETENTION_DAYS.map((days) => ({
      id: `forget-after-${days}-days`,
      prefix: retentionPrefix(days),
      expiration: Duration.days(days),
      abortIncompleteMultipartUploadAfter: Duration.days(1),
    })),
    removalPolicy: isEphemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    // Only an empty bucket can be deleted.
    autoDeleteObjects: isEphemeral,
  });
}
