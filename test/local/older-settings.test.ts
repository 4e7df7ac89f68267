// What an environment of the convertor says about a local start, and what of it is refused.
import { describe, expect, test } from 'vitest';
import { ALL_FEATURES } from '../../functions/core/settings/settings-store.ts';
import { readSettings } from '../../local/settings.ts';

const read = (environment: Record<string, string>) => readSettings(environment).older!;
const SHUT = { isAnonymous: false, skipsAuth: false, masterApiKey: undefined, features: ALL_FEATURES };
const RATE = { requests: 100, count: 1, unit: 'm' };

describe('an environment of the convertor', () => {
  test.each<[Record<string, string>, object]>([
    [{}, { ...SHUT, rateLimit: RATE }],
    [{ REQUIRE_API_KEY: 'False' }, { isAnonymous: true }],
    [{ REQUIRE_API_KEY: 'true', SKIP_AUTH: '0' }, SHUT],
    [{ SKIP_AUTH: 'true', HOST: 'localhost' }, { skipsAuth: true }],
    [{ MASTER_API_KEY: 'master-of-all' }, { masterApiKey: 'master-of-all' }],
    [{ RATE_LIMIT_REQUESTS: '7', RATE_LIMIT_WINDOW: '30' }, { rateLimit: { requests: 7, count: 30, unit: 's' } }],
    [{ ENABLE_PROMPT_CACHING: 'true' }, { features: ALL_FEATURES, caching: { promptCaching: 'auto', cacheTtl: '5m' } }],
    [{ DEFAULT_CACHE_TTL: '1h' }, { caching: { promptCaching: 'auto', cacheTtl: '1h' } }],
    [{ ENABLE_PROMPT_CACHING: 'false' }, { features: { ...ALL_FEATURES, promptCaching: false }, caching: undefined }],
    [{ RATE_LIMIT_WINDOW: '3600' }, { rateLimit: { requests: 100, count: 1, unit: 'h' } }],
    [{ RATE_LIMIT_ENABLED: 'false' }, { rateLimit: { requests: null, count: 1, unit: 'm' } }],
    [{ ENABLE_VISION: 'false', ENABLE_TOOL_USE: 'false' }, { features: { ...ALL_FEATURES, vision: false, tools: false } }],
    [
      { ENABLE_EXTENDED_THINKING: 'false', ENABLE_PROMPT_CACHING: 'false' },
      { features: { ...ALL_FEATURES, thinking: false, promptCaching: false } },
    ],
  ])('%j', (environment, expected) => {
    expect(read(environment)).toMatchObject(expected);
  });

  test('its time of caching is that of all requests, and OUTCROP_PROMPT_CACHING says first where prompts are marked', () => {
    expect(readSettings({ DEFAULT_CACHE_TTL: '1h' }).chat).toMatchObject({ promptCaching: 'auto', cacheTtl: '1h' });
    expect(readSettings({ DEFAULT_CACHE_TTL: '1h', OUTCROP_PROMPT_CACHING: 'explicit' }).chat.promptCaching).toBe('explicit');
    expect(readSettings({}).chat).toEqual({ strict: false, promptCaching: 'explicit', sendsUser: false, fetchesMedia: false });
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ SKIP_AUTH: 'true', HOST: '0.0.0.0' }, /^SKIP_AUTH=true would let everybody in who reaches 0\.0\.0\.0/],
    [{ REQUIRE_API_KEY: 'false', SKIP_AUTH: 'true', HOST: '::' }, /^REQUIRE_API_KEY=false and SKIP_AUTH=true would/],
    [{ REQUIRE_API_KEY: 'no' }, /^REQUIRE_API_KEY is "no"/],
    [{ MASTER_API_KEY: 'short' }, /^MASTER_API_KEY must be at least 8/],
    [{ MASTER_API_KEY: 'the-same-key', ADMIN_API_KEY: 'the-same-key' }, /must differ/],
    [{ RATE_LIMIT_REQUESTS: '0' }, /^RATE_LIMIT_REQUESTS is "0"/],
    [{ RATE_LIMIT_WINDOW: '1001' }, /^RATE_LIMIT_WINDOW is "1001"/],
    [{ DEFAULT_CACHE_TTL: '2h' }, /^DEFAULT_CACHE_TTL is "2h"/],
    [{ ENABLE_VISION: 'perhaps' }, /^ENABLE_VISION is "perhaps"/],
  ])('%j is refused in one line', (environment, expected) => {
    expect(() => read(environment)).toThrow(expected);
  });
});
