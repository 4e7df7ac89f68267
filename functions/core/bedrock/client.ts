// How the gateway talks to Amazon Bedrock: HTTP/1.1 with kept connections. The SDK's own default opens an HTTP/2 session per call in flight.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The one retry layer of the gateway: a throttled or refused call is tried once more, and only before anything was said. */
const ATTEMPTS = 2;
const CONNECTION_TIMEOUT_MS = 5_000;
/** The SDK's default of 50 would queue the 51st stream without a word. */
const SOCKETS = 1_000;

export function createBedrockClient(config: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  return new BedrockRuntimeClient({
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      // Silence is watched for in converse.ts, where it is known whether the call has begun to answer.
      requestTimeout: 0,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
    ...config,
  });
}
