// A generation as Claude answers through InvokeModel: an Anthropic message, or its stream events. Pure.
import type { Generation, Step } from './generation.ts';
import type { ContentBlock, StreamEvent, Usage } from './wire.ts';

const MESSAGE_ID = 'msg_bdrk_01StandinStandinStandin';

const STOP_REASON: Record<string, string> = { guardrail_intervened: 'end_turn', content_filtered: 'refusal' };

export function toMessage(model: string, { output, usage, stopSequence }: Generation): object {
  return {
    model,
    id: MESSAGE_ID,
    type: 'message',
    role: 'assistant',
    content: output.output.message.content.map(toAnthropicBlock),
    stop_reason: STOP_REASON[output.stopReason] ?? output.stopReason,
    stop_sequence: stopSequence ?? null,
    usage: toUsage(usage),
  };
}

/** A function that turns each step of one stream into the Anthropic events it stands for. */
export function createMessageEvents(model: string, { usage, stopSequence }: Generation): (step: Step) => object[] {
  const open = new Set<number>();
  return ({ event }) => {
    if (event.messageStart) return [messageStart(model, usage)];
    if (event.contentBlockStart?.start.toolUse) return openBlock(open, event);
    if (event.contentBlockDelta) return [...openBlock(open, event), ...toDeltas(event)];
    if (event.contentBlockStop) return [{ type: 'content_block_stop', index: event.contentBlockStop.contentBlockIndex }];
    if (event.messageStop) {
      const { stopReason } = event.messageStop;
      const delta = { stop_reason: STOP_REASON[stopReason] ?? stopReason, stop_sequence: stopSequence ?? null };
      return [{ type: 'message_delta', delta, usage: { output_tokens: usage.outputTokens } }];
    }
    return event.metadata ? [messageStop(usage)] : [];
  };
}

function messageStart(model: string, usage: Usage): object {
  const message = { model, id: MESSAGE_ID, type: 'message', role: 'assistant', content: [], stop_reason: null, stop_sequence: null };
  return { type: 'message_start', message: { ...message, usage: { ...toUsage(usage), output_tokens: 1 } } };
}

function messageStop({ inputTokens, outputTokens }: Usage): object {
  const metrics = { inputTokenCount: inputTokens, outputTokenCount: outputTokens, invocationLatency: 200, firstByteLatency: 100 };
  return { type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics };
}

/** Anthropic starts every block with its empty form, Converse only tools. */
function openBlock(open: Set<number>, { contentBlockStart, contentBlockDelta }: StreamEvent): object[] {
  const index = contentBlockStart?.contentBlockIndex ?? contentBlockDelta!.contentBlockIndex;
  if (open.has(index)) return [];
  open.add(index);
  const tool = contentBlockStart?.start.toolUse;
  const reasoning = contentBlockDelta?.delta.reasoningContent;
  const redacted = reasoning?.redactedContent && { type: 'redacted_thinking', data: reasoning.redactedContent };
  const empty = tool
    ? { type: 'tool_use', id: tool.toolUseId, name: tool.name, input: {} }
    : redacted || (reasoning ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' });
  return [{ type: 'content_block_start', index, content_block: empty }];
}

/** A redacted block is whole in its start and has no deltas. */
function toDeltas({ contentBlockDelta }: StreamEvent): object[] {
  const { contentBlockIndex: index, delta } = contentBlockDelta!;
  if (delta.reasoningContent?.redactedContent) return [];
  return [{ type: 'content_block_delta', index, delta: toDelta(delta) }];
}

function toDelta({ text, toolUse, reasoningContent }: NonNullable<StreamEvent['contentBlockDelta']>['delta']): object {
  if (toolUse) return { type: 'input_json_delta', partial_json: toolUse.input };
  if (reasoningContent?.signature) return { type: 'signature_delta', signature: reasoningContent.signature };
  if (reasoningContent) return { type: 'thinking_delta', thinking: reasoningContent.text ?? '' };
  return { type: 'text_delta', text };
}

function toAnthropicBlock({ text, toolUse, reasoningContent }: ContentBlock): object {
  if (toolUse) return { type: 'tool_use', id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input };
  if (reasoningContent?.reasoningText) {
    return { type: 'thinking', thinking: reasoningContent.reasoningText.text, signature: reasoningContent.reasoningText.signature ?? '' };
  }
  if (reasoningContent) return { type: 'redacted_thinking', data: reasoningContent.redactedContent };
  return { type: 'text', text };
}

function toUsage(usage: Usage): object {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteInputTokens ?? 0,
    cache_read_input_tokens: usage.cacheReadInputTokens ?? 0,
    output_tokens: usage.outputTokens,
  };
}
