// The events of an answer as chat.completion.chunk frames, exactly as OpenAI sends them: role first, one id, a finish chunk, the usage
// chunk if asked for, [DONE]. Pure. The unchanging parts of a frame are written once, for this runs for every token.
import type { ConverseStreamOutput, StopReason, TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import type { AnswerHead } from './chat-response.ts';
import { toFinishReason } from './finish-reason.ts';
import { toOpenAiUsage } from './usage.ts';

export const DONE = 'data: [DONE]\n\n';

export type ChatStream = {
  /** The frames an event becomes; empty when it says nothing to the client. */
  frames(event: ConverseStreamOutput): string;
  /** What follows the last event: usage if asked for, and [DONE]. */
  end(): string;
};

export function createChatStream({ id, created, model }: AnswerHead, includeUsage: boolean): ChatStream {
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1);
  const usageNull = includeUsage ? ',"usage":null' : '';
  const before = `data: ${head},"choices":[{"index":0,"delta":`;
  const after = `,"logprobs":null,"finish_reason":null}]${usageNull}}\n\n`;
  const ordinals = new Map<number, number>();
  const withArguments = new Set<number>();
  let hasBegun = false;
  let stopReason: StopReason | undefined;
  let usage: TokenUsage | undefined;

  const frame = (delta: string) => before + delta + after;

  function begin(): string {
    hasBegun = true;
    return frame('{"role":"assistant","content":""}');
  }

  function blockFrames({ contentBlockStart, contentBlockDelta, contentBlockStop }: ConverseStreamOutput): string {
    const toolUse = contentBlockStart?.start?.toolUse;
    if (toolUse) {
      const index = ordinals.size;
      ordinals.set(contentBlockStart.contentBlockIndex ?? 0, index);
      const call = { index, id: toolUse.toolUseId, type: 'function', function: { name: toolUse.name, arguments: '' } };
      return frame(JSON.stringify({ tool_calls: [call] }));
    }
    const delta = contentBlockDelta?.delta;
    if (delta?.text) return frame(`{"content":${JSON.stringify(delta.text)}}`);
    if (delta?.reasoningContent?.text) return frame(`{"reasoning_content":${JSON.stringify(delta.reasoningContent.text)}}`);
    if (delta?.toolUse?.input) return argumentsFrame(contentBlockDelta!.contentBlockIndex ?? 0, delta.toolUse.input);
    const stopped = contentBlockStop?.contentBlockIndex;
    // A tool without arguments streams none, and clients parse what they have collected.
    if (stopped !== undefined && ordinals.has(stopped) && !withArguments.has(stopped)) return argumentsFrame(stopped, '{}');
    return '';
  }

  function argumentsFrame(block: number, fragment: string): string {
    withArguments.add(block);
    return frame(JSON.stringify({ tool_calls: [{ index: ordinals.get(block) ?? 0, function: { arguments: fragment } }] }));
  }

  return {
    frames(event) {
      const opening = hasBegun ? '' : begin();
      if (event.metadata) usage = event.metadata.usage;
      if (!event.messageStop) return opening + blockFrames(event);
      stopReason = event.messageStop.stopReason;
      const finish = JSON.stringify(toFinishReason(stopReason, ordinals.size > 0));
      return `${opening}${before}{},"logprobs":null,"finish_reason":${finish}}]${usageNull}}\n\n`;
    },
    end() {
      const usageFrame = includeUsage ? `data: ${head},"choices":[],"usage":${JSON.stringify(toOpenAiUsage(usage))}}\n\n` : '';
      return usageFrame + DONE;
    },
  };
}
