// Exact input tokens of a request, asked when money is short. Free of charge; not every model can be counted.
import { type BedrockRuntimeClient, CountTokensCommand } from '@aws-sdk/client-bedrock-runtime';
import type { ConverseRequest } from './converse.ts';

/** Asks with the bare foundation id (profile ids are refused); `undefined` when the model cannot be counted or the question failed. */
export type CountTokens = (foundationId: string, request: ConverseRequest) => Promise<number | undefined>;

const PATIENCE_MS = 5_000;

export function createCountTokens(client: BedrockRuntimeClient): CountTokens {
  return async (foundationId, { messages, system, toolConfig, additionalModelRequestFields }) => {
    const input = { converse: { messages, system, toolConfig, additionalModelRequestFields } };
    try {
      const command = new CountTokensCommand({ modelId: foundationId, input });
      const { inputTokens } = await client.send(command, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
      return inputTokens;
    } catch {
      return undefined;
    }
  };
}
