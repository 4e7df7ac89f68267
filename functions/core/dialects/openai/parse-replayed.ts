// Reasoning that an assistant message carries back, in the four shapes clients know. The first one present counts. Pure.
// Law: a block without a signature or seal is left out here, for no model takes it.
import { decodeBase64 } from '../content/data-url.ts';
import type { ReplayedReasoning } from '../content/message.ts';
import { type Body, isBody } from './fields.ts';

export function parseReplayed(message: Body): ReplayedReasoning[] {
  const { reasoning_details, thinking_blocks, content } = message;
  if (Array.isArray(reasoning_details)) return joined(reasoning_details.filter(isBody)).flatMap(fromDetail);
  if (Array.isArray(thinking_blocks)) return thinking_blocks.filter(isBody).flatMap(fromThinkingBlock);
  const parts = Array.isArray(content)
    ? content.filter(isBody).filter(({ type }) => type === 'thinking' || type === 'redacted_thinking')
    : [];
  if (parts.length > 0) return parts.flatMap(fromThinkingBlock);
  return signed(message.reasoning_content ?? message.reasoning, message.reasoning_signature, null);
}

/** Clients that only collect stream fragments send a block back in pieces of one index: text, text, signature. */
function joined(details: Body[]): Body[] {
  const blocks: Body[] = [];
  for (const detail of details) {
    const last = blocks.at(-1);
    const isPiece =
      last?.type === 'reasoning.text' &&
      detail.type === 'reasoning.text' &&
      typeof detail.index === 'number' &&
      detail.index === last.index &&
      !last.signature;
    if (!isPiece) blocks.push({ ...detail });
    else Object.assign(last, { ...detail, text: `${last.text ?? ''}${detail.text ?? ''}` });
  }
  return blocks;
}

function fromDetail({ type, text, signature, data, format }: Body): ReplayedReasoning[] {
  const origin = typeof format === 'string' ? format : null;
  if (type === 'reasoning.text') return signed(text, signature, origin);
  return type === 'reasoning.encrypted' ? sealed(data, origin) : [];
}

function fromThinkingBlock({ type, thinking, signature, data }: Body): ReplayedReasoning[] {
  return type === 'redacted_thinking' ? sealed(data, null) : signed(thinking, signature, null);
}

/** Text may be empty: newer models sign what they do not show. */
function signed(text: unknown, signature: unknown, format: string | null): ReplayedReasoning[] {
  if (typeof signature !== 'string' || signature === '') return [];
  return [{ block: { reasoningText: { text: typeof text === 'string' ? text : '', signature } }, format }];
}

function sealed(data: unknown, format: string | null): ReplayedReasoning[] {
  const redactedContent = typeof data === 'string' ? decodeBase64(data) : null;
  return redactedContent ? [{ block: { redactedContent }, format }] : [];
}
