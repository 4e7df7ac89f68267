// What the convertor's environment says about a local start. Law: what opens a door is taken on loopback only, and told loudly.
import { DEFAULT_RATE_LIMIT, type RateLimit, rateLimitOf } from '../functions/admin/convertor/rate-limit.ts';
import { isPlausibleSecret } from '../functions/core/access/secret.ts';
import { readChoice, readNumber } from '../functions/core/platform/environment.ts';

type Environment = Record<string, string | undefined>;

const FEATURES = ['vision', 'tools', 'reasoning', 'promptCaching'] as const;
export type Feature = (typeof FEATURES)[number];

export type OlderSettings = {
  /** Calls without a good key are served as the key "anonymous". */
  isAnonymous: boolean;
  /** Whoever shows no key to the JSON APIs is the master key. */
  skipsAuth: boolean;
  /** A key of role admin that calls models too. */
  masterApiKey: string | undefined;
  /** Of keys that are made by /api/keys. */
  rateLimit: RateLimit;
  /** What no model is asked for. */
  without: Feature[];
  /** Prompts are cached where it pays, as the convertor did, for so long unless a request or a key says otherwise. */
  caching: { promptCaching: 'auto'; cacheTtl: '5m' | '1h' } | undefined;
};

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
const WORDS = ['true', 'false', '1', '0'] as const;
const SWITCHES: Record<Feature, string> = {
  vision: 'ENABLE_VISION',
  tools: 'ENABLE_TOOL_USE',
  reasoning: 'ENABLE_EXTENDED_THINKING',
  promptCaching: 'ENABLE_PROMPT_CACHING',
};
const SHORTEST_KEY = 8;
const LONGEST_WINDOW = 86_400;
const MOST_REQUESTS = 1_000_000_000;

export function readOlderSettings(environment: Environment, host: string): OlderSettings {
  const settings: OlderSettings = {
    isAnonymous: !isOn(environment, 'REQUIRE_API_KEY', true),
    skipsAuth: isOn(environment, 'SKIP_AUTH', false),
    masterApiKey: readMasterApiKey(environment),
    rateLimit: readRateLimit(environment),
    without: FEATURES.filter((feature) => !isOn(environment, SWITCHES[feature], true)),
    caching: readCaching(environment),
  };
  const open = [...(settings.isAnonymous ? ['REQUIRE_API_KEY=false'] : []), ...(settings.skipsAuth ? ['SKIP_AUTH=true'] : [])];
  if (open.length > 0 && !LOOPBACK.includes(host)) {
    throw new Error(
      `${open.join(' and ')} would let everybody in who reaches ${host}; it is taken only where HOST is 127.0.0.1, localhost or ::1.`,
    );
  }
  return settings;
}

function isOn(environment: Environment, name: string, fallback: boolean): boolean {
  const lower = { [name]: environment[name]?.toLowerCase() };
  const word = readChoice(lower, name, WORDS, fallback ? 'true' : 'false');
  return word === 'true' || word === '1';
}

/** Only where one of its variables asks for it: marking prompts changes what calls cost. */
function readCaching(environment: Environment): OlderSettings['caching'] {
  const cacheTtl = readChoice(environment, 'DEFAULT_CACHE_TTL', ['5m', '1h'], '5m');
  const isAsked = environment.DEFAULT_CACHE_TTL || isOn(environment, 'ENABLE_PROMPT_CACHING', false);
  return isAsked ? { promptCaching: 'auto', cacheTtl } : undefined;
}

function readMasterApiKey({ MASTER_API_KEY: key, ADMIN_API_KEY: admin }: Environment): string | undefined {
  if (!key) return undefined;
  if (key.length < SHORTEST_KEY || !isPlausibleSecret(key)) {
    throw new Error(
      `MASTER_API_KEY must be at least ${SHORTEST_KEY} printable ASCII characters without spaces, and no mistyped key of Outcrop.`,
    );
  }
  if (key === admin) throw new Error('MASTER_API_KEY and ADMIN_API_KEY must differ: the one calls models, and the other cannot.');
  return key;
}

function readRateLimit(environment: Environment): RateLimit {
  const requests = readNumber(environment, 'RATE_LIMIT_REQUESTS', DEFAULT_RATE_LIMIT.requests!, 1, MOST_REQUESTS);
  const seconds = readNumber(environment, 'RATE_LIMIT_WINDOW', 60, 1, LONGEST_WINDOW);
  const limit = rateLimitOf(isOn(environment, 'RATE_LIMIT_ENABLED', true) ? requests : null, seconds);
  if (!limit) throw new Error(`RATE_LIMIT_WINDOW is "${seconds}"; above 1000 it must be a whole number of minutes.`);
  return limit;
}
