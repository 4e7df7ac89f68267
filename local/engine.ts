// The embedded DynamoDB: dynalite in this process, its data in a folder, reached by the unmodified SDK client over loopback.
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { TABLES, type TableName, type TableSchema } from '../functions/core/store/schema.ts';

export type Engine = { url: string; close(): Promise<void> };

export const TABLE_NAMES: Record<TableName, string> = { accounts: 'outcrop-accounts', journal: 'outcrop-journal' };

/** Starts the engine on a free loopback port. Without a folder everything is in memory. */
export async function startEngine(folder?: string): Promise<Engine> {
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

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
