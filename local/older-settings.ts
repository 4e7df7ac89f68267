// What the convertor's environment says about a local start. Law: what opens a door is taken on loopback only, and told loudly.
import { type RateLimit, readRateLimit } from '../functions/admin/convertor/rate-limit.ts';
import { isPlausibleSecret } from '../functions/core/access/secret.ts';
import { readChoice, readFeatures, readSwitch } from '../functions/core/platform/environment.ts';
import type { Features } from '../functions/core/platform/features.ts';

type Environment = Record<string, string | undefined>;

export type OlderSettings = {
  /** Calls without a good key are served as the key "anonymous". */
  isAnonymous: boolean;
  /** Whoever shows no key to the JSON APIs is the master key. */
  skipsAuth: boolean;
  /** A key of role admin that calls models too. */
  masterApiKey: string | undefined;
  /** Of keys that are made by /api/keys. */
  rateLimit: RateLimit;
  /** What is switched off until an admin says otherwise. */
  features: Features;
  /** Prompts are cached where it pays, as the convertor did, for so long unless a request or a key says otherwise. */
  caching: { promptCaching: 'auto'; cacheTtl: '5m' | '1h' } | undefined;
};

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
const SHORTEST_KEY = 8;

export function readOlderSettings(environment: Environment, host: string): OlderSettings {
  const settings: OlderSettings = {
    isAnonymous: !readSwitch(environment, 'REQUIRE_API_KEY', true),
    skipsAuth: readSwitch(environment, 'SKIP_AUTH', false),
    masterApiKey: readMasterApiKey(environment),
    rateLimit: readRateLimit(environment),
    features: readFeatures(environment),
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

/** Only where one of its variables asks for it: marking prompts changes what calls cost. */
function readCaching(environment: Environment): OlderSettings['caching'] {
  const cacheTtl = readChoice(environment, 'DEFAULT_CACHE_TTL', ['5m', '1h'], '5m');
  const isAsked = environment.DEFAULT_CACHE_TTL || readSwitch(environment, 'ENABLE_PROMPT_CACHING', false);
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
