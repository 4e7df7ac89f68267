// Prompt caching: remembers the prefixes that ended in a cache point, by hash, and says what of a prompt was read and what was written.
// Unlike real models it has no minimum length, so that short tests can see the counters.
import { createHash } from 'node:crypto';
import type { Part } from './prompt.ts';

export interface CacheUse {
  readTokens: number;
  writeTokens: number;
  ttl?: string;
}

export interface PromptCache {
  use(modelId: string, parts: Part[]): CacheUse;
}

const PREFIXES_MAX = 10_000;
const HOUR_MS = 3_600_000;

export function createPromptCache(now: () => number = Date.now): PromptCache {
  const expiryByPrefix = new Map<string, number>();

  function remember(prefix: string, ttlMs: number): void {
    expiryByPrefix.delete(prefix);
    expiryByPrefix.set(prefix, now() + ttlMs);
    if (expiryByPrefix.size > PREFIXES_MAX) expiryByPrefix.delete(expiryByPrefix.keys().next().value!);
  }

  function use(modelId: string, parts: Part[]): CacheUse {
    if (!parts.some((part) => part.cacheTtl)) return { readTokens: 0, writeTokens: 0 };
    const hash = createHash('sha256').update(modelId);
    let tokens = 0;
    const found: CacheUse = { readTokens: 0, writeTokens: 0 };
    for (const part of parts) {
      tokens += part.tokens;
      hash.update(`${part.content.length}:`).update(part.content);
      if (!part.cacheTtl) continue;
      const prefix = hash.copy().digest('base64');
      const isKnown = (expiryByPrefix.get(prefix) ?? 0) > now();
      if (isKnown) found.readTokens = tokens;
      remember(prefix, part.cacheTtl === '1h' ? HOUR_MS : HOUR_MS / 12);
      found.writeTokens = tokens - found.readTokens;
      found.ttl = part.cacheTtl;
    }
    return found;
  }

  return { use };
}
