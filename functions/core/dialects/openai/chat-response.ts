// The events of an answer collected into one chat.completion. Pure.
import type { ConverseStreamOutput, StopReason, TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import { toFinishReason } from './finish-reason.ts';
import { toOpenAiUsage } from './usage.ts';

export type AnswerHead = { id: string; created: number; model: string };
export type Fold = { hear(event: ConverseStreamOutput): void; completion(): object };

type ToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } };

export function foldChatResponse({ id, created, model }: AnswerHead): Fold {
  let content = '';
  let reasoning = '';
  let stopReason: StopReason | undefined;
  let usage: TokenUsage | undefined;
  const calls = new Map<number, ToolCall>();

  return {
    hear({ contentBlockStart, contentBlockDelta, messageStop, metadata }) {
      const toolUse = contentBlockStart?.start?.toolUse;
      if (toolUse) {
        const call = { id: toolUse.toolUseId ?? '', type: 'function', function: { name: toolUse.name ?? '', arguments: '' } } as const;
        calls.set(contentBlockStart.contentBlockIndex ?? 0, call);
      }
      const delta = contentBlockDelta?.delta;
      if (delta?.text) content += delta.text;
      if (delta?.reasoningContent?.text) reasoning += delta.reasoningContent.text;
      if (delta?.toolUse?.input) calls.get(contentBlockDelta!.contentBlockIndex ?? 0)!.function.arguments += delta.toolUse.input;
      if (messageStop) stopReason = messageStop.stopReason;
      if (metadata) usage = metadata.usage;
    },

    completion() {
      const toolCalls = [...calls.values()].map((call) => ({
        ...call,
        function: { ...call.function, arguments: call.function.arguments || '{}' },
      }));
      const message = {
        role: 'assistant',
        content: content === '' && toolCalls.length > 0 ? null : content,
        refusal: null,
        ...(reasoning !== '' && { reasoning_content: reasoning }),
        ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
      };
      const choice = { index: 0, message, logprobs: null, finish_reason: toFinishReason(stopReason, toolCalls.length > 0) };
      return { id, object: 'chat.completion', created, model, choices: [choice], usage: toOpenAiUsage(usage) };
    },
  };
}
