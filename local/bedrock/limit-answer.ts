// Cuts an answer at the first stop sequence and at maxTokens, whichever comes first, and counts what is left. Pure.
import type { Draft } from './answers.ts';
import { countTokens, takeTokens } from './tokens.ts';
import type { ContentBlock } from './wire.ts';

export interface LimitedBlock {
  block: ContentBlock;
  tokens: number;
  /** A tool's input as it is streamed; not whole JSON when maxTokens cut it. */
  inputText?: string;
}

export interface LimitedAnswer {
  blocks: LimitedBlock[];
  stopReason: string;
  stopSequence?: string;
  outputTokens: number;
}

export function limitAnswer(draft: Draft, maxTokens: number, stopSequences: string[]): LimitedAnswer {
  const answer: LimitedAnswer = { blocks: [], stopReason: draft.stopReason, outputTokens: 0 };
  for (const block of draft.blocks) {
    const stopped = stopAt(block, stopSequences);
    const whole = measure(stopped?.block ?? block);
    const left = maxTokens - answer.outputTokens;
    if (whole.tokens > left) {
      if (left > 0) answer.blocks.push(truncate(whole, left));
      return { ...answer, stopReason: 'max_tokens', outputTokens: maxTokens };
    }
    answer.outputTokens += whole.tokens;
    if (whole.tokens > 0) answer.blocks.push(whole);
    if (stopped) return { ...answer, stopReason: 'stop_sequence', stopSequence: stopped.sequence };
  }
  return answer;
}

/** Stop sequences end the visible text only, as with Claude: neither reasoning nor tool input is searched. */
function stopAt(block: ContentBlock, stopSequences: string[]): { block: ContentBlock; sequence: string } | undefined {
  if (block.text === undefined) return undefined;
  let first: { at: number; sequence: string } | undefined;
  for (const sequence of stopSequences) {
    const at = block.text.indexOf(sequence);
    if (at >= 0 && at < (first?.at ?? Infinity)) first = { at, sequence };
  }
  return first && { block: { text: block.text.slice(0, first.at) }, sequence: first.sequence };
}

function measure(block: ContentBlock): LimitedBlock {
  if (block.toolUse) {
    const inputText = JSON.stringify(block.toolUse.input);
    return { block, inputText, tokens: countTokens(inputText) };
  }
  const reasoning = block.reasoningContent;
  return { block, tokens: countTokens(block.text ?? reasoning?.reasoningText?.text ?? reasoning?.redactedContent ?? '') };
}

function truncate({ block, inputText }: LimitedBlock, tokens: number): LimitedBlock {
  if (block.toolUse) return { block: { toolUse: { ...block.toolUse, input: {} } }, inputText: takeTokens(inputText!, tokens), tokens };
  if (block.text !== undefined) return { block: { text: takeTokens(block.text, tokens) }, tokens };
  const { reasoningText, redactedContent } = block.reasoningContent!;
  // Reasoning that was cut is not signed. Four base64 characters are one token, so a cut redacted block stays decodable.
  if (reasoningText) return { block: { reasoningContent: { reasoningText: { text: takeTokens(reasoningText.text, tokens) } } }, tokens };
  return { block: { reasoningContent: { redactedContent: takeTokens(redactedContent!, tokens) } }, tokens };
}
