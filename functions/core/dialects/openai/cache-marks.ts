// Marks that say "cache the prompt up to here", in the three spellings clients use. Pure.
import type { CacheTtl } from '../content/message.ts';
import { type Body, isBody } from './fields.ts';

/** `undefined` where nothing is marked; `null` is the usual time. */
export function cacheMarkOf({ cache_control, prompt_cache_breakpoint, cachePoint }: Body): CacheTtl | undefined {
  for (const mark of [cache_control, cachePoint]) if (isBody(mark)) return ttlOf(mark.ttl);
  const isBreakpoint = isBody(prompt_cache_breakpoint) && prompt_cache_breakpoint.mode === 'explicit';
  return isBreakpoint ? ttlOf(prompt_cache_breakpoint.ttl) : undefined;
}

/** OpenAI's longer times become the longest there is. */
export function ttlOf(ttl: unknown): CacheTtl {
  if (ttl === '1h' || ttl === '30m' || ttl === '24h') return '1h';
  return ttl === '5m' ? '5m' : null;
}
