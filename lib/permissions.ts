// Which function may do what: all of it, on this page. Besides this each function writes its own log, and nothing else.
import { Aws } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { DERIVED_PARTITIONS, TABLES, type TableName } from '../functions/core/store/schema.ts';
import type { Tables } from './tables.ts';

// Nobody may update or delete an entry of the journal: it is append-only by right, not only by habit. What is derived from it lies in
// partitions of its own, and only there may the rollup and the sweeper change anything.

/** `relaySecrets`: ARNs of the secrets that hold the keys of relays. */
export function allowProxy(proxy: IGrantable, tables: Tables, bodies: IBucket, originSecret: ISecret, relaySecrets: string[]): void {
  allowTable(proxy, tables, 'accounts', ['GetItem', 'UpdateItem', 'Query']);
  allowTable(proxy, tables, 'journal', ['GetItem', 'PutItem']);
  // It logs conversations and cannot read one.
  allowTable(proxy, tables, 'conversations', ['BatchWriteItem', 'UpdateItem']);
  allowBodies(proxy, bodies, ['PutObject']);
  allowSecret(proxy, originSecret);
  if (relaySecrets.length > 0) allow(proxy, ['secretsmanager:GetSecretValue'], relaySecrets);
  allowModels(proxy);
  allowKnowledgeBases(proxy);
  allowProfiles(proxy);
}

export function allowAdmin(admin: IGrantable, tables: Tables, bodies: IBucket): void {
  allowTable(admin, tables, 'accounts', ['GetItem', 'BatchGetItem', 'BatchWriteItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query']);
  allowIndexes(admin, tables, 'accounts');
  allowTable(admin, tables, 'journal', ['GetItem', 'BatchGetItem', 'PutItem', 'Query']);
  allowDerived(admin, tables, ['UpdateItem']);
  allowIndexes(admin, tables, 'journal');
  allowTable(admin, tables, 'conversations', ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem']);
  allowIndexes(admin, tables, 'conversations');
  allowBodies(admin, bodies, ['GetObject', 'DeleteObject']);
  // Test calls of models.
  allowModels(admin);
  allowKnowledgeBases(admin);
}

/** It reads accounts for their thresholds, and marks those that were told. */
export function allowRollup(rollup: IGrantable, tables: Tables, alerts: ITopic): void {
  allowTable(rollup, tables, 'accounts', ['GetItem', 'UpdateItem']);
  allow(rollup, ['sns:Publish'], [alerts.topicArn]);
  allowTable(rollup, tables, 'journal', ['GetItem', 'BatchGetItem', 'Query']);
  allowDerived(rollup, tables, ['PutItem', 'UpdateItem']);
}

export function allowSweeper(sweeper: IGrantable, tables: Tables, bodies: IBucket, alerts: ITopic): void {
  allow(sweeper, ['sns:Publish'], [alerts.topicArn]);
  // It writes the rows that keys are found by, and counts keys.
  allowTable(sweeper, tables, 'accounts', ['GetItem', 'BatchGetItem', 'BatchWriteItem', 'PutItem', 'UpdateItem']);
  allowIndexes(sweeper, tables, 'accounts');
  allowTable(sweeper, tables, 'journal', ['GetItem', 'BatchGetItem', 'PutItem', 'Query']);
  allowIndexes(sweeper, tables, 'journal');
  allowDerived(sweeper, tables, ['UpdateItem', 'DeleteItem']);
  // It erases what deleted keys have left, and can read no text in the bucket.
  allowTable(sweeper, tables, 'conversations', ['GetItem', 'BatchGetItem', 'Query', 'DeleteItem']);
  allowIndexes(sweeper, tables, 'conversations');
  allowBodies(sweeper, bodies, ['DeleteObject']);
}

export function allowDrain(drain: IGrantable, tables: Tables): void {
  allowTable(drain, tables, 'accounts', ['GetItem', 'UpdateItem']);
  allowTable(drain, tables, 'journal', ['GetItem', 'PutItem']);
}

/** The proxy keeps calls in it, and can neither read nor remove what it kept. */
export function allowDeferring(proxy: IGrantable, queue: IQueue): void {
  allow(proxy, ['sqs:SendMessage'], [queue.queueArn]);
}

export function allowAuthorizer(authorizer: IGrantable, tables: Tables, masterKey: ISecret): void {
  allowTable(authorizer, tables, 'accounts', ['GetItem']);
  allowSecret(authorizer, masterKey);
}

type TableAction = 'GetItem' | 'BatchGetItem' | 'BatchWriteItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query';

/** Statements and what the rollup keeps for itself: the only partitions of the journal where an item may change or go. */
function allowDerived(grantee: IGrantable, tables: Tables, actions: TableAction[]): void {
  const conditions = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': DERIVED_PARTITIONS } };
  const resources = [tables.journal.tableArn];
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources, conditions }),
  );
}

function allowTable(grantee: IGrantable, tables: Tables, name: TableName, actions: TableAction[]): void {
  allow(
    grantee,
    actions.map((action) => `dynamodb:${action}`),
    [tables[name].tableArn],
  );
}

function allowIndexes(grantee: IGrantable, tables: Tables, name: TableName): void {
  allow(grantee, ['dynamodb:Query'], indexArnsOf(tables[name], name));
}

function indexArnsOf(table: TableV2, name: TableName): string[] {
  return TABLES[name].indexes.map((index) => `${table.tableArn}/index/${index.name}`);
}

function allowBodies(grantee: IGrantable, bodies: IBucket, actions: ('GetObject' | 'PutObject' | 'DeleteObject')[]): void {
  allow(
    grantee,
    actions.map((action) => `s3:${action}`),
    [bodies.arnForObjects('*')],
  );
}

function allowSecret(grantee: IGrantable, secret: ISecret): void {
  allow(grantee, ['secretsmanager:GetSecretValue'], [secret.secretArn]);
}

/**
 * Every model of Bedrock, called directly or through an inference profile: which of them a key may use is the catalog's matter.
 * A profile needs its own ARN and the model's ARN in every region it may send the call to, the global ones an ARN without a region.
 * Converse and ConverseStream are covered by the two Invoke actions; counting tokens knows models only, no profiles.
 */
function allowModels(grantee: IGrantable): void {
  const models = `arn:${Aws.PARTITION}:bedrock:*::foundation-model/*`;
  const here = `arn:${Aws.PARTITION}:bedrock:${Aws.REGION}:${Aws.ACCOUNT_ID}`;
  const profiles = [`${here}:inference-profile/*`, `${here}:application-inference-profile/*`];
  allow(grantee, ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], [models, ...profiles]);
  allow(grantee, ['bedrock:CountTokens'], [models]);
}

/** Every knowledge base of the account, in whatever Region: which of them a model answers from is the catalog's matter. */
function allowKnowledgeBases(grantee: IGrantable): void {
  allow(grantee, ['bedrock:Retrieve'], [`arn:${Aws.PARTITION}:bedrock:*:${Aws.ACCOUNT_ID}:knowledge-base/*`]);
}

/** What an application inference profile is of: its ARN does not say. */
function allowProfiles(grantee: IGrantable): void {
  const profiles = `arn:${Aws.PARTITION}:bedrock:${Aws.REGION}:${Aws.ACCOUNT_ID}:application-inference-profile/*`;
  allow(grantee, ['bedrock:GetInferenceProfile'], [profiles]);
}

function allow(grantee: IGrantable, actions: string[], resources: string[]): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
}
