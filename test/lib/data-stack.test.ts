// The precious part: tables as the schema says, kept unless everything is to go.
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { RETENTION_DAYS, retentionPrefix, TABLES, type TableSchema } from '../../functions/core/store/schema.ts';
import { resourcesOf, templatesOf } from './deployment.ts';

const kept = templatesOf().data;
const ephemeral = templatesOf({ ephemeral: true }).data;

const tables = Object.entries(TABLES as Record<string, TableSchema>);
const tableOf = (template: Template, name: string) =>
  Object.entries(resourcesOf(template, 'AWS::DynamoDB::GlobalTable')).find(([id]) => id.toLowerCase().startsWith(`${name}table`))![1];

describe.each(tables)('the table %s', (name, schema) => {
  const keys = ({ partitionKey, sortKey }: { partitionKey: string; sortKey: string }) => [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    { AttributeName: sortKey, KeyType: 'RANGE' },
  ];

  test('has the keys, indexes and stream of the schema, and is paid by use', () => {
    const { Properties } = tableOf(kept, name);
    expect(Properties.KeySchema).toEqual(keys(schema));
    expect(Properties.GlobalSecondaryIndexes).toEqual(
      schema.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index),
        Projection: { ProjectionType: index.projection },
      })),
    );
    expect(Properties.StreamSpecification).toEqual(schema.hasStream ? { StreamViewType: 'NEW_AND_OLD_IMAGES' } : undefined);
    expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
  });

  test('declares nothing but strings', () => {
    const attributes = Object.values(tableOf(kept, name).Properties.AttributeDefinitions as { AttributeType: string }[]);
    expect(new Set(attributes.map(({ AttributeType }) => AttributeType))).toEqual(new Set(['S']));
  });

  test.each([
    ['kept', kept, schema.isPrecious, schema.isPrecious ? 'Retain' : 'Delete'],
    ['ephemeral', ephemeral, false, 'Delete'],
  ])('in a deployment that is %s it is protected as it should be', (_kind, template, isProtected, deletionPolicy) => {
    const table = tableOf(template, name);
    expect(table.DeletionPolicy).toBe(deletionPolicy);
    expect(table.Properties.Replicas).toEqual([
      expect.objectContaining({
        DeletionProtectionEnabled: isProtected,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: schema.isPrecious },
      }),
    ]);
  });
});

test('conversations are forgotten by the attribute of the schema, and nothing else is', () => {
  for (const [name, schema] of tables) {
    const { TimeToLiveSpecification } = tableOf(kept, name).Properties;
    const { expiryAttribute } = schema;
    expect(TimeToLiveSpecification).toEqual(expiryAttribute && { AttributeName: expiryAttribute, Enabled: true });
  }
  expect(TABLES.conversations.expiryAttribute).toBe('expiresAt');
});

describe('the bucket of large texts', () => {
  test('is private and encrypted, and takes no request without TLS', () => {
    kept.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    kept.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 's3:*',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      },
    });
  });

  test('forgets by a rule for each number of days that can be chosen', () => {
    const [bucket] = Object.values(resourcesOf(kept, 'AWS::S3::Bucket'));
    const { Rules } = bucket!.Properties.LifecycleConfiguration as { Rules: object[] };
    expect(Rules).toEqual(
      RETENTION_DAYS.map((days) => expect.objectContaining({ Prefix: retentionPrefix(days), ExpirationInDays: days, Status: 'Enabled' })),
    );
  });

  test('stays with what is in it, unless everything is to go', () => {
    kept.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
    ephemeral.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });
});

test('there are no other tables', () => {
  kept.resourceCountIs('AWS::DynamoDB::GlobalTable', tables.length);
});

test('the master key is generated, kept, and told by its ARN only', () => {
  kept.hasResource('AWS::SecretsManager::Secret', {
    DeletionPolicy: 'Retain',
    Properties: { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true }, SecretString: Match.absent() },
  });
  ephemeral.hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
  kept.hasOutput('MasterKeySecretArn', { Value: { Ref: Match.stringLikeRegexp('^MasterKey') } });
});
