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
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: read,
      cache_write_tokens: written,
      audio_tokens: 0,
      ...(Object.keys(writtenBy).length > 0 && { cache_creation_token_details: writtenBy }),
    },
  };
}

/** `reserved` is no word of OpenAI's. */
export function toServiceTier(type: string | undefined): string | undefined {
  return type === 'reserved' ? 'default' : type;
}
