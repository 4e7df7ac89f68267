// Plays a recorded Converse stream: test/recordings/<name>.jsonl, first line what was asked, then one event a line, in the order received.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Generation, type Step, tokensOfEvent } from './generation.ts';
import { Refusal } from './refusal.ts';
import type { ContentBlock, ConverseOutput, Json, StreamEvent, Usage } from './wire.ts';

export function playRecording(folder: string, name: string): Generation {
  const events = readRecording(folder, name);
  const usage = events.find((event) => event.metadata)?.metadata?.usage ?? { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  return { usage, output: foldEvents(events, usage), steps: () => toSteps(events, usage) };
}

function readRecording(folder: string, name: string): StreamEvent[] {
  const path = join(folder, `${name}.jsonl`);
  if (!existsSync(path)) throw new Refusal('ResourceNotFoundException', `There is no recording named ${name}.`);
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.slice(1).map((line) => JSON.parse(line));
}

function* toSteps(events: StreamEvent[], usage: Usage): Generator<Step> {
  let counted = 0;
  for (const event of events) {
    counted = event.metadata ? usage.outputTokens : counted + tokensOfEvent(event);
    yield { event, outputTokens: Math.min(counted, usage.outputTokens) };
  }
}

/** The answer that Converse would have given where ConverseStream gave these events. */
export function foldEvents(events: StreamEvent[], usage: Usage): ConverseOutput {
  const blocks = new Map<number, ContentBlock & { inputText?: string }>();
  let stopReason = 'end_turn';
  for (const event of events) {
    stopReason = event.messageStop?.stopReason ?? stopReason;
    const index = event.contentBlockStart?.contentBlockIndex ?? event.contentBlockDelta?.contentBlockIndex;
    if (index === undefined) continue;
    blocks.set(index, fold(blocks.get(index) ?? {}, event));
  }
  const content = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => finished(block));
  const latencyMs = events.find((event) => event.metadata)?.metadata?.metrics?.latencyMs ?? 0;
  return { output: { message: { role: 'assistant', content } }, stopReason, usage, metrics: { latencyMs } };
}

type Unfinished = ContentBlock & { inputText?: string };

function fold(block: Unfinished, { contentBlockStart, contentBlockDelta }: StreamEvent): Unfinished {
  const { toolUse } = contentBlockStart?.start ?? {};
  if (toolUse) return { toolUse: { ...toolUse, input: {} }, inputText: '' };
  const delta = contentBlockDelta?.delta;
  if (delta?.text !== undefined) return { text: (block.text ?? '') + delta.text };
  if (delta?.toolUse) return { ...block, inputText: (block.inputText ?? '') + delta.toolUse.input };
  const reasoning = delta?.reasoningContent;
  if (reasoning?.redactedContent) {
    const soFar = Buffer.from(block.reasoningContent?.redactedContent ?? '', 'base64');
    const redacted = Buffer.concat([soFar, Buffer.from(reasoning.redactedContent, 'base64')]);
    return { reasoningContent: { redactedContent: redacted.toString('base64') } };
  }
  if (!reasoning) return block;
  const { text = '', signature } = block.reasoningContent?.reasoningText ?? {};
  return { reasoningContent: { reasoningText: { text: text + (reasoning.text ?? ''), signature: reasoning.signature ?? signature } } };
}

function finished({ inputText, ...block }: Unfinished): ContentBlock {
  return block.toolUse ? { toolUse: { ...block.toolUse, input: JSON.parse(inputText || '{}') as Json } } : block;
}
