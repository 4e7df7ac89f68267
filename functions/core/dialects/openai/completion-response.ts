// Completions on their way out: the whole answer of several prompts, and the frames of a stream. Pure.
import type { ConverseStreamOutput, StopReason, TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import { DONE } from './chat-stream.ts';
import type { CompletionFold } from './completions.ts';
import { toFinishReason } from './finish-reason.ts';
import { toOpenAiUsage } from './usage.ts';

export type CompletionHead = { id: string; created: number; model: string };

const OBJECT = 'text_completion';

/** One choice for each prompt, in their order; the usage is the sum. */
export function toCompletionResponse({ id, created, model }: CompletionHead, folds: readonly CompletionFold[]): object {
  const choices = folds.map((fold, index) => fold.choice(index));
  return { id, object: OBJECT, created, model, choices, usage: toOpenAiUsage(sumOf(folds.map(({ usage }) => usage()))) };
}

/** The frames of the one prompt that is streamed. Reasoning has no place in this format and is left out. */
export function createCompletionStream({ id, created, model }: CompletionHead, includeUsage: boolean) {
  const head = { id, object: OBJECT, created, model };
  let usage: TokenUsage | undefined;

  const frame = (text: string, stopReason: StopReason | null) => {
    const finish_reason = stopReason === null ? null : toFinishReason(stopReason, false);
    const choice = { text, index: 0, logprobs: null, finish_reason };
    return `data: ${JSON.stringify({ ...head, choices: [choice], ...(includeUsage && { usage: null }) })}\n\n`;
  };

  return {
    frames({ contentBlockDelta, messageStop, metadata }: ConverseStreamOutput): string {
      if (metadata) usage = metadata.usage;
      if (messageStop) return frame('', messageStop.stopReason ?? 'end_turn');
      const text = contentBlockDelta?.delta?.text;
      return text ? frame(text, null) : '';
    },
    end(costUsd?: string): string {
      const last = { ...head, choices: [], usage: { ...toOpenAiUsage(usage), ...(costUsd !== undefined && { cost_usd: costUsd }) } };
      return (includeUsage ? `data: ${JSON.stringify(last)}\n\n` : '') + DONE;
    },
  };
}

function sumOf(usages: readonly (TokenUsage | undefined)[]): TokenUsage {
  const sum = (kind: 'inputTokens' | 'outputTokens' | 'cacheReadInputTokens' | 'cacheWriteInputTokens') =>
    usages.reduce((total, usage) => total + (usage?.[kind] ?? 0), 0);
  const inputTokens = sum('inputTokens');
  const outputTokens = sum('outputTokens');
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cacheReadInputTokens: sum('cacheReadInputTokens'),
    cacheWriteInputTokens: sum('cacheWriteInputTokens'),
  };
}
