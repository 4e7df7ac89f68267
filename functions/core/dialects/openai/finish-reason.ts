// Why an answer ended, in OpenAI's five words. Pure.
import type { StopReason } from '@aws-sdk/client-bedrock-runtime';

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

const FINISH_REASON: Partial<Record<StopReason, FinishReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};

/** What tells is whether tools were called, not the stop reason: some models call tools and say end_turn. */
export function toFinishReason(stopReason: StopReason | undefined, hasToolCalls: boolean): FinishReason {
  const special = stopReason && FINISH_REASON[stopReason];
  return special ?? (hasToolCalls ? 'tool_calls' : 'stop');
}
