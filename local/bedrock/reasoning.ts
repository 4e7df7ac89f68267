// Reasoning blocks: when a request asks for them, and signatures that show whether a block comes back unchanged. Pure.
import { createHash } from 'node:crypto';
import type { Model } from './models.ts';
import type { ContentBlock, ConverseRequest, JsonObject } from './wire.ts';

const SIGNATURE_START = 'c3RhbmRpbjo';

export function thinkingOf(request: ConverseRequest): JsonObject | undefined {
  return objectOf(request.additionalModelRequestFields?.thinking);
}

/** Each vendor has its own switch; DeepSeek R1 and the *-thinking models always reason. */
export function wantsReasoning(model: Model, request: ConverseRequest): boolean {
  const fields = request.additionalModelRequestFields ?? {};
  if (/deepseek\.r1|-thinking/.test(model.baseId)) return true;
  const thinking = thinkingOf(request)?.type;
  if (thinking) return thinking !== 'disabled';
  const effort =
    fields.reasoning_effort ?? fields.reasoning_config ?? objectOf(fields.reasoning)?.effort ?? objectOf(fields.output_config)?.effort;
  if (typeof effort === 'string') return effort !== 'none';
  return objectOf(fields.reasoningConfig)?.type === 'enabled' || objectOf(fields.reasoning_config)?.type === 'enabled';
}

/** OpenAI's models hand their reasoning out encrypted only. */
export function isReasoningHidden(model: Model): boolean {
  return /^openai\.gpt-(?!oss)/.test(model.baseId);
}

export function signatureOf(text: string): string {
  return SIGNATURE_START + createHash('sha512').update(text).digest('base64').replace(/=+$/, '');
}

/** Signatures of others cannot be judged here and pass; one of ours under a text that is not ours does not. */
export function isForged(block: ContentBlock): boolean {
  const reasoning = block.reasoningContent?.reasoningText;
  return reasoning?.signature?.startsWith(SIGNATURE_START) === true && reasoning.signature !== signatureOf(reasoning.text);
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
}
