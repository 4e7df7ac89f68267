// The database of a local start: the embedded engine in the data folder, or the endpoint the environment names.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../functions/core/store/dynamo.ts';
import { createTables, startEngine, TABLE_NAMES } from './engine.ts';
import { type Settings, StartError } from './settings.ts';

const REGION = 'us-east-1';
const NOBODY = { accessKeyId: 'outcrop', secretAccessKey: 'outcrop' };

export type Database = { client: DynamoDBClient; names: typeof TABLE_NAMES; close(): Promise<void> };

export async function openDatabase({ dynamoEndpoint, region = REGION }: Settings, folder: string): Promise<Database> {
  if (dynamoEndpoint) {
    const isSigned = process.env.AWS_ACCESS_KEY_ID !== undefined || process.env.AWS_PROFILE !== undefined;
    const client = createDynamoClient({ region, endpoint: dynamoEndpoint, ...(!isSigned && { credentials: NOBODY }) });
    await createTables(client, TABLE_NAMES).catch(({ message }) => {
      throw new StartError(`The database at AWS_ENDPOINT_URL_DYNAMODB (${dynamoEndpoint}) cannot be used: ${message}`);
    });
    return { client, names: TABLE_NAMES, close: async () => client.destroy() };
  }
  const engine = await startEngine(folder);
  const client = createDynamoClient({ region: REGION, endpoint: engine.url, credentials: NOBODY });
  await createTables(client, TABLE_NAMES);
  const close = async () => {
    client.destroy();
    await engine.close();
  };
  return { client, names: TABLE_NAMES, close };
}
