// An upper bound of the input tokens of a request. Pure, and never below the truth: every tokenizer in use spends at most one token per
// byte of UTF-8, and what a model's template adds is covered by the constants.
import type { ConverseRequest } from '../bedrock/converse.ts';
import { mediaBoundOf } from './media-bound.ts';

const PER_CALL = 64;
const PER_MESSAGE = 16;
/** What asks a model to go on that turns out not to continue a beginning by itself. */
const PER_BEGINNING = PER_MESSAGE + 64;
/** Offering tools adds a system prompt of the vendor's; the largest published one is below this. */
const PER_TOOL_CONFIG = 1_024;

export function inputBoundOf({ system, messages, toolConfig, additionalModelRequestFields, outputConfig }: ConverseRequest): number {
  let tokens = PER_CALL;
  for (const { text } of system ?? []) tokens += bytesOf(text);
  for (const { content } of messages ?? []) {
    tokens += PER_MESSAGE;
    for (const block of content ?? []) tokens += block.text === undefined ? bytesOfJson(block) + mediaBoundOf(block) : bytesOf(block.text);
  }
  if (messages?.at(-1)?.role === 'assistant') tokens += PER_BEGINNING;
  if (toolConfig) tokens += PER_TOOL_CONFIG + bytesOfJson(toolConfig);
  if (additionalModelRequestFields) tokens += bytesOfJson(additionalModelRequestFields);
  return tokens + outputConfigBoundOf({ outputConfig });
}

/**
 * A schema that the answer must follow: the model is told of it in words of the vendor's. Where it turns out not to take it this way, the
 * schema goes into a tool that it must call, and the hold must pay for that too; once more as long is enough for what that adds.
 */
export function outputConfigBoundOf({ outputConfig }: Pick<ConverseRequest, 'outputConfig'>): number {
  return outputConfig ? PER_TOOL_CONFIG + 2 * bytesOfJson(outputConfig) : 0;
}

/** The dearest way the request may write to the prompt cache: its cache points decide, wherever they stand. */
export function cacheWriteOf({ system, messages, toolConfig }: ConverseRequest): 'none' | '5m' | '1h' {
  const blocks = [...(system ?? []), ...(messages ?? []).flatMap(({ content }) => content ?? []), ...(toolConfig?.tools ?? [])];
  const points = blocks.flatMap(({ cachePoint }) => cachePoint ?? []);
  if (points.length === 0) return 'none';
  return points.some(({ ttl }) => ttl === '1h') ? '1h' : '5m';
}

/** The same for texts to be embedded. Some of those tokenizers first spell characters out (NFKC), and one may become eighteen. */
export function textsBoundOf(texts: readonly string[]): number {
  let tokens = 0;
  for (const text of texts) tokens += PER_MESSAGE + Math.max(bytesOf(text), bytesOf(text.normalize('NFKC')));
  return tokens;
}

function bytesOf(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text);
}

function bytesOfJson(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value, withoutBytes));
}

/** Bytes are bounded by what they are of. A Buffer has become an array of numbers before `value` is seen, so the holder is asked. */
function withoutBytes(this: Record<string, unknown>, key: string, value: unknown): unknown {
  return this[key] instanceof Uint8Array ? undefined : value;
}
