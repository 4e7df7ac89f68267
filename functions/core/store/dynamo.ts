// How the gateway talks to DynamoDB: kept connections, short patience, the SDK's own retries (every write is conditional, so a repeat is safe).
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const ATTEMPTS = 3;
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;
const SOCKETS = 1_000;
const DESCRIPTIVE = ['getUserAgentMiddleware', 'loggerMiddleware', 'recursionDetectionMiddleware'];

export function createDynamoClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new DynamoDBClient({
    maxAttempts: ATTEMPTS,
    // The same few steps for every call: put together once, not at each.
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
    ...config,
  });
  // A turn makes three calls here and one to the model. These steps only describe the caller, and were a sixth of a call's CPU.
  for (const name of DESCRIPTIVE) client.middlewareStack.remove(name);
  return client;
}
