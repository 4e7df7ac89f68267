// A request as the sequence of parts that are read and billed, tools first, then system, then messages. Pure.
import { isMedia, mediaTokens } from './media.ts';
import { countTokens, MESSAGE_TOKENS } from './tokens.ts';
import type { ContentBlock, ConverseRequest } from './wire.ts';

export interface Part {
  content: string;
  tokens: number;
  bytes: number;
  /** Set on a cache point: everything before it can be cached. */
  cacheTtl?: string;
}

const MESSAGE_BYTES = 8;

export function partsOf(request: ConverseRequest): Part[] {
  const parts: Part[] = [];
  for (const tool of request.toolConfig?.tools ?? []) {
    parts.push(tool.cachePoint ? cachePointPart(tool.cachePoint) : textPart(JSON.stringify(tool.toolSpec ?? tool)));
  }
  const schema = request.outputConfig?.textFormat?.structure?.jsonSchema?.schema;
  if (schema) parts.push(textPart(schema));
  for (const block of request.system ?? []) parts.push(...blockParts(block));
  for (const message of request.messages) {
    parts.push({ content: message.role, tokens: MESSAGE_TOKENS, bytes: MESSAGE_BYTES });
    for (const block of message.content) parts.push(...blockParts(block));
  }
  return parts;
}

export function countInput(request: ConverseRequest): number {
  return partsOf(request).reduce((sum, part) => sum + part.tokens, 0);
}

/** The most that any tokenizer could make of it: every byte of text a token, and 8 a message. Media cost what they cost. */
export function largestInput(request: ConverseRequest): number {
  return partsOf(request).reduce((sum, part) => sum + part.bytes, 0);
}

function blockParts(block: ContentBlock): Part[] {
  if (block.cachePoint) return [cachePointPart(block.cachePoint)];
  if (block.text !== undefined) return [textPart(block.text)];
  if (block.guardContent?.text) return [textPart(block.guardContent.text.text)];
  if (block.json !== undefined) return [textPart(JSON.stringify(block.json))];
  if (block.toolUse) return [textPart(block.toolUse.name + JSON.stringify(block.toolUse.input ?? {}))];
  if (block.toolResult) return block.toolResult.content.flatMap(blockParts);
  if (block.reasoningContent?.reasoningText) return [textPart(block.reasoningContent.reasoningText.text)];
  if (block.reasoningContent?.redactedContent) return [textPart(block.reasoningContent.redactedContent)];
  if (!isMedia(block)) return [];
  const tokens = mediaTokens(block);
  return [{ content: JSON.stringify(block), tokens, bytes: tokens }];
}

function textPart(text: string): Part {
  return { content: text, tokens: countTokens(text), bytes: Buffer.byteLength(text) };
}

function cachePointPart(point: { ttl?: string }): Part {
  return { content: '', tokens: 0, bytes: 0, cacheTtl: point.ttl ?? '5m' };
}
