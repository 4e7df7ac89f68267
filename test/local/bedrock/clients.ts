// The real AWS SDK clients, pointed at a stand-in: one with the SDK's own HTTP/2 handler, one over HTTP/1.1.
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export type Protocol = 'h2c' | 'HTTP/1.1';

export const PROTOCOLS: Protocol[] = ['h2c', 'HTTP/1.1'];

export function createClient(url: string, protocol: Protocol = 'HTTP/1.1', maxAttempts = 1): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    authSchemePreference: ['sigv4'],
    maxAttempts,
    ...(protocol === 'HTTP/1.1' && { requestHandler: new NodeHttpHandler() }),
  });
}

export function ask(text: string, more: Partial<ConverseCommandInput> = {}): ConverseCommandInput {
  return { modelId: 'anthropic.claude-sonnet-4-6', messages: [{ role: 'user', content: [{ text }] }], ...more };
}

export function converse(client: BedrockRuntimeClient, input: ConverseCommandInput): Promise<ConverseCommandOutput> {
  return client.send(new ConverseCommand(input));
}

export function textOf(output: ConverseCommandOutput): string {
  return (output.output?.message?.content ?? []).map((block) => block.text ?? '').join('');
}

export interface Streamed {
  events: ConverseStreamOutput[];
  text: string;
  /** What the iterator threw, if it did. */
  error?: Error;
}

export async function stream(client: BedrockRuntimeClient, input: ConverseCommandInput): Promise<Streamed> {
  const answer = await client.send(new ConverseStreamCommand(input));
  const events: ConverseStreamOutput[] = [];
  let error: Error | undefined;
  try {
    for await (const event of answer.stream!) events.push(event);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { events, text: events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join(''), error };
}
