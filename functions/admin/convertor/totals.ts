// Tokens and requests as the convertor sums them up. Pure.
import type { Measures } from '../../core/ledger/statement.ts';

/** Input counts what was read from the cache and written to it too, as its prompt tokens do; what they cost is counted once. */
export function totalsOf(measures: Measures) {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h, requests } = measures;
  return {
    total_input_tokens: Number(input + cacheRead + cacheWrite5m + cacheWrite1h),
    total_output_tokens: Number(output),
    total_cached_tokens: Number(cacheRead),
    total_cache_write_5m_tokens: Number(cacheWrite5m),
    total_cache_write_1h_tokens: Number(cacheWrite1h),
    total_requests: Number(requests),
  };
}
