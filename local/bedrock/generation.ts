// A finished answer in the two forms in which it leaves: one Converse output, or stream events with the tokens each adds up to. Pure.
import type { LimitedAnswer, LimitedBlock } from './limit-answer.ts';
import { countTokens, tokensOfBytes, toPieces } from './tokens.ts';
import type { ConverseOutput, JsonObject, StreamEvent, Usage } from './wire.ts';

export interface Step {
  event: StreamEvent;
  /** Output tokens generated once this event is out, since the start. */
  outputTokens: number;
}

export interface Generation {
  usage: Usage;
  output: ConverseOutput;
  stopSequence?: string;
  steps(): Iterable<Step>;
}

export function createGeneration(
  answer: LimitedAnswer,
  usage: Usage,
  stopFields: { output?: JsonObject; stream?: JsonObject },
): Generation {
  return {
    usage,
    stopSequence: answer.stopSequence,
    output: {
      output: { message: { role: 'assistant', content: answer.blocks.map(({ block }) => block) } },
      stopReason: answer.stopReason,
      usage,
      metrics: { latencyMs: latencyOf(usage) },
      ...(stopFields.output && { additionalModelResponseFields: stopFields.output }),
    },
    *steps() {
      let before = 0;
      yield { event: { messageStart: { role: 'assistant' } }, outputTokens: 0 };
      for (const [index, limited] of answer.blocks.entries()) {
        for (const step of blockSteps(limited, index)) yield { event: step.event, outputTokens: before + step.outputTokens };
        before += limited.tokens;
      }
      const stop = { stopReason: answer.stopReason, ...(stopFields.stream && { additionalModelResponseFields: stopFields.stream }) };
      yield { event: { messageStop: stop }, outputTokens: before };
      yield { event: { metadata: { usage, metrics: { latencyMs: latencyOf(usage) } } }, outputTokens: usage.outputTokens };
    },
  };
}

/** As real models stream: only tools have a contentBlockStart, and a signature comes after the reasoning that it signs. */
function* blockSteps({ block, tokens, inputText }: LimitedBlock, contentBlockIndex: number): Generator<Step> {
  const { toolUse, reasoningContent } = block;
  if (toolUse) {
    const start = { toolUse: { toolUseId: toolUse.toolUseId, name: toolUse.name } };
    yield { event: { contentBlockStart: { contentBlockIndex, start } }, outputTokens: 0 };
  }
  const text = inputText ?? block.text ?? reasoningContent?.reasoningText?.text ?? '';
  let bytes = 0;
  for (const piece of text === '{}' ? [] : toPieces(text)) {
    bytes += Buffer.byteLength(piece);
    const delta = toolUse ? { toolUse: { input: piece } } : reasoningContent ? { reasoningContent: { text: piece } } : { text: piece };
    yield { event: { contentBlockDelta: { contentBlockIndex, delta } }, outputTokens: tokensOfBytes(bytes) };
  }
  const { signature } = reasoningContent?.reasoningText ?? {};
  const sealed = signature
    ? { signature }
    : reasoningContent?.redactedContent
      ? { redactedContent: reasoningContent.redactedContent }
      : undefined;
  if (sealed) yield { event: { contentBlockDelta: { contentBlockIndex, delta: { reasoningContent: sealed } } }, outputTokens: tokens };
  yield { event: { contentBlockStop: { contentBlockIndex } }, outputTokens: tokens };
}

/** Tokens of one event's text, for streams that were recorded rather than generated. */
export function tokensOfEvent({ contentBlockDelta }: StreamEvent): number {
  const delta = contentBlockDelta?.delta;
  return countTokens(delta?.text ?? delta?.toolUse?.input ?? delta?.reasoningContent?.text ?? '');
}

function latencyOf(usage: Usage): number {
  return 200 + 10 * usage.outputTokens;
}
