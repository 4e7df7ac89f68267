// Why an answer ended, in OpenAI's words. Pure. Clients validate the list: a word of Bedrock's never gets through.
import type { StopReason } from '@aws-sdk/client-bedrock-runtime';

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

const FINISH_REASON: Partial<Record<StopReason, FinishReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};

/** Where nothing cut the answer off, what tells is whether tools were called: some models call tools and say end_turn. */
export function toFinishReason(stopReason: StopReason | undefined, hasToolCalls: boolean, isLegacy = false): FinishReason {
  const special = stopReason && FINISH_REASON[stopReason];
  if (special) return special;
  if (!hasToolCalls) return 'stop';
  return isLegacy ? 'function_call' : 'tool_calls';
}
