// Bedrock's token counts as OpenAI reports them: cached tokens are part of the prompt there, beside it here. Pure.
import type { TokenUsage } from '@aws-sdk/client-bedrock-runtime';

export function toOpenAiUsage(usage: TokenUsage | undefined) {
  const read = usage?.cacheReadInputTokens ?? 0;
  const written = usage?.cacheWriteInputTokens ?? 0;
  const prompt = (usage?.inputTokens ?? 0) + read + written;
  const completion = usage?.outputTokens ?? 0;
  const writtenBy = Object.fromEntries(
    (usage?.cacheDetails ?? []).map(({ ttl, inputTokens }) => [`ephemeral_${ttl}_input_tokens`, inputTokens ?? 0]),
  );
  const isTold = Object.keys(writtenBy).length > 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: read,
      cache_write_tokens: written,
      audio_tokens: 0,
      ...(isTold && { cache_creation_token_details: writtenBy }),
    },
    // The same in the names of Anthropic's own usage, which clients of openai-api-convertor read.
    ...(read + written > 0 && { cache_read_input_tokens: read, cache_creation_input_tokens: written }),
    ...(isTold && { cache_creation: writtenBy }),
  };
}

/** `reserved` is no word of OpenAI's. */
export function toServiceTier(type: string | undefined): string | undefined {
  return type === 'reserved' ? 'default' : type;
}
