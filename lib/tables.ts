// The tables of functions/core/store/schema.ts, made on AWS. Nothing about a table is decided here that the schema says.
import { RemovalPolicy } from 'aws-cdk-lib';
import { type Attribute, AttributeType, Billing, ProjectionType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { TABLES, type TableName, type TableSchema } from '../functions/core/store/schema.ts';

export type Tables = Record<TableName, TableV2>;

export function createTables(scope: Construct, isEphemeral: boolean): Tables {
  const entries = Object.entries(TABLES).map(([name, schema]) => [name, createTable(scope, name, schema, isEphemeral)] as const);
  return Object.fromEntries(entries) as Tables;
}

function createTable(scope: Construct, name: string, schema: TableSchema, isEphemeral: boolean): TableV2 {
  const isKept = schema.isPrecious && !isEphemeral;
  return new TableV2(scope, `${name[0]!.toUpperCase()}${name.slice(1)}Table`, {
    partitionKey: stringAttribute(schema.partitionKey),
    sortKey: stringAttribute(schema.sortKey),
    globalSecondaryIndexes: schema.indexes.map((index) => ({
      indexName: index.name,
      partitionKey: stringAttribute(index.partitionKey),
      sortKey: stringAttribute(index.sortKey),
      projectionType: ProjectionType[index.projection],
    })),
    billing: Billing.onDemand(),
    timeToLiveAttribute: schema.expiryAttribute,
    dynamoStream: schema.hasStream ? StreamViewType.NEW_AND_OLD_IMAGES : undefined,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: schema.isPrecious },
    deletionProtection: isKept,
    removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

function stringAttribute(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
