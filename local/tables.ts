// The tables of a local start, made from the one schema in whatever speaks DynamoDB.
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { TABLES, type TableName, type TableSchema } from '../functions/core/store/schema.ts';

export const TABLE_NAMES: Record<TableName, string> = {
  accounts: 'outcrop-accounts',
  journal: 'outcrop-journal',
  conversations: 'outcrop-conversations',
};

/** Makes the tables that are not there yet, from the one schema. */
export async function createTables(client: DynamoDBClient, names: Record<TableName, string>): Promise<void> {
  await Promise.all(Object.entries(TABLES).map(([table, schema]) => createTable(client, names[table as TableName], schema)));
}

async function createTable(client: DynamoDBClient, name: string, schema: TableSchema): Promise<void> {
  try {
    await client.send(new CreateTableCommand(definitionOf(name, schema)));
  } catch (thrown) {
    if (!(thrown instanceof ResourceInUseException)) throw thrown;
  }
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function definitionOf(name: string, { partitionKey, sortKey, indexes }: TableSchema): CreateTableCommandInput {
  const keys = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const attributes = new Set([partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])]);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keys(index.partitionKey, index.sortKey),
      Projection: { ProjectionType: index.projection },
    })),
  };
}
