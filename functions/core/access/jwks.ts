// The keys an issuer signs with, read from it once in a while. Law: a reading is bounded in time and size and is not repeated for every
// stranger; keys that cannot be read are a 503, never a 401.
import { isJwk, type Jwks } from 'aws-jwt-verify/jwk';
import type { Clock } from '../platform/clock.ts';
import { isSafeUrl, type OidcSettings } from '../platform/environment.ts';
import { GatewayError } from '../platform/errors.ts';

export type SigningKeys = {
  current(): Promise<Jwks>;
  /** Read again for a key that is not among the current ones; undefined when they were read just now. */
  renewed(): Promise<Jwks | undefined>;
};

/** A key that its issuer has withdrawn is believed for this long. */
export const JWKS_LIFE_MS = 10 * 60_000;
/** While the issuer cannot be reached, for this long. */
export const JWKS_LONGEST_MS = 60 * 60_000;
export const SHORTEST_WAIT_MS = 10_000;
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 256 * 1024;

type Fetch = typeof globalThis.fetch;

export function createSigningKeys(
  settings: Pick<OidcSettings, 'issuer' | 'jwksUri'>,
  clock: Clock,
  fetch: Fetch = globalThis.fetch,
): SigningKeys {
  let known: Jwks | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let reading: Promise<Jwks | undefined> | undefined;

  /** Undefined when it failed, or when the last one is too short ago; many that ask at once share one. */
  function read(): Promise<Jwks | undefined> {
    if (reading || clock() < triedAt + SHORTEST_WAIT_MS) return reading ?? Promise.resolve(undefined);
    triedAt = clock();
    reading = readKeys(settings, fetch)
      .then((keys) => {
        [known, readAt, failure] = [keys, clock(), undefined];
        return keys;
      })
      .catch((thrown) => {
        failure = thrown;
        return undefined;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  return {
    async current() {
      if (known && clock() < readAt + JWKS_LIFE_MS) return known;
      const keys = await read();
      if (keys) return keys;
      if (known && clock() < readAt + JWKS_LONGEST_MS) return known;
      throw unreadable(failure);
    },
    async renewed() {
      const keys = await read();
      if (!keys && failure !== undefined) throw unreadable(failure);
      return keys;
    },
  };
}

async function readKeys({ issuer, jwksUri }: Pick<OidcSettings, 'issuer' | 'jwksUri'>, fetch: Fetch): Promise<Jwks> {
  const { keys } = (await readJson(jwksUri ?? (await discover(issuer, fetch)), fetch)) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('The answer has no list of keys.');
  // One odd key is no reason to know none.
  return { keys: keys.filter((key) => isJwk(key) && key.use !== 'enc') };
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discover(issuer: string, fetch: Fetch): Promise<string> {
  const found = (await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, fetch)) as Record<string, unknown>;
  if (found.issuer !== issuer) throw new Error('The issuer calls itself by another name.');
  if (typeof found.jwks_uri !== 'string' || !isSafeUrl(found.jwks_uri)) throw new Error('The issuer names no https address of its keys.');
  return found.jwks_uri;
}

async function readJson(url: string, fetch: Fetch): Promise<object> {
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json' } });
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}.`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`${url} answered more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString());
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${url} answered no object.`);
  return parsed;
}

function unreadable(cause: unknown): GatewayError {
  const message = 'The keys of the identity provider cannot be read right now. Please try again.';
  return new GatewayError('service_unavailable', message, { cause, retryAfterSeconds: SHORTEST_WAIT_MS / 1000 });
}
