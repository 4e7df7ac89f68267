// The usage an answer tells, as the ledger counts it: cached tokens are part of the prompt there, beside it here. Pure.

/** Tokens by kind; `input` without what was read from or written to a cache. */
export type RelayUsage = { input: number; output: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };

type Fields = Record<string, unknown>;

/** `undefined` where none is told, or not in numbers. `answer` is a whole answer, a chunk, or an event that holds the answer. */
export function usageOf(answer: Fields): RelayUsage | undefined {
  const usage = fieldsOf(answer.usage) ?? fieldsOf(fieldsOf(answer.response)?.usage);
  if (!usage) return undefined;
  const total = countOf(usage.total_tokens);
  const toldOutput = countOf(usage.completion_tokens ?? usage.output_tokens);
  const prompt = countOf(usage.prompt_tokens ?? usage.input_tokens) ?? (toldOutput === undefined ? total : undefined);
  if (prompt === undefined) return undefined;
  // Some vendors leave what was thought out of the answer's tokens; the total has it.
  const output = Math.max(toldOutput ?? 0, (total ?? 0) - prompt);
  const details = fieldsOf(usage.prompt_tokens_details) ?? fieldsOf(usage.input_tokens_details) ?? {};
  const cacheRead = Math.min(countOf(details.cached_tokens ?? usage.prompt_cache_hit_tokens) ?? 0, prompt);
  const written = Math.min(countOf(details.cache_write_tokens) ?? 0, prompt - cacheRead);
  const writtenFor1h = Math.min(countOf(fieldsOf(details.cache_creation_token_details)?.ephemeral_1h_input_tokens) ?? 0, written);
  return { input: prompt - cacheRead - written, output, cacheRead, cacheWrite5m: written - writtenFor1h, cacheWrite1h: writtenFor1h };
}

function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
