// Who is calling, decided in one place for every surface: the Lambda authorizer and the apps in process ask the same function.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import type { FindKey } from './find-key.ts';
import type { Key, Principal, SignedIn } from './principal.ts';
import { isPlausibleSecret, isToken } from './secret.ts';

/**
 * Finds the principal of a secret or of a sign-in token, or throws a 401 that says what is wrong with it. Bad ones are counted by the address
 * `from` which they come, and become a 429 when there are too many.
 */
export type Authorize = (secret: string | undefined, from?: string) => Promise<Principal>;

/** Who is signed in by a token of the identity provider; throws a 401 for a bad one, a 503 when that cannot be decided. */
export type VerifyToken = (token: string) => Promise<SignedIn>;

type Dependencies = {
  keys: Pick<FindKey, 'findBySecret'>;
  masterKey: () => Promise<string | undefined>;
  clock: Clock;
  /** Reads the master key again; whether it has changed. */
  renewMasterKey?: () => Promise<boolean>;
  /** Where an identity provider is configured. */
  verifyToken?: VerifyToken;
  attempts?: Attempts;
};

export function createAuthorize(dependencies: Dependencies): Authorize {
  const { keys, masterKey, clock, renewMasterKey, verifyToken, attempts = createAttempts(clock) } = dependencies;

  async function isMaster(secret: string): Promise<boolean> {
    const master = await masterKey();
    return master !== undefined && isSameSecret(secret, master);
  }

  async function principalOf(secret: string): Promise<Principal> {
    if (verifyToken && isToken(secret)) return { kind: 'user', user: await verifyToken(secret) };
    if (await isMaster(secret)) return { kind: 'master' };
    const key = isPlausibleSecret(secret) ? await keys.findBySecret(secret) : undefined;
    if (key) {
      checkOpen(key, clock());
      return { kind: 'key', key };
    }
    // What nobody knows may be a master key that is new.
    if ((await renewMasterKey?.()) && (await isMaster(secret))) return { kind: 'master' };
    throw unknownKey(secret);
  }

  return async (secret, from = 'unknown') => {
    if (!secret) {
      throw new GatewayError('invalid_api_key', 'No key was given. Send it as "Authorization: Bearer sk-…" or as "x-api-key".');
    }
    try {
      return await principalOf(secret);
    } catch (thrown) {
      const isBad = thrown instanceof GatewayError && thrown.code === 'invalid_api_key';
      throw isBad ? attempts.count(thrown, from) : thrown;
    }
  };
}

/** Throws a 401 that says why when the key is revoked or its time is over. */
export function checkOpen(key: Key, now: number): void {
  if (key.revoked) throw new GatewayError('key_revoked', `The key has been revoked: ${key.revoked.reason}.`);
  if (key.expiresAt !== null && key.expiresAt <= now) {
    throw new GatewayError('key_expired', `The key expired on ${new Date(key.expiresAt).toISOString()}.`);
  }
}

/** The secret in a request's headers: `x-api-key`, else the bearer token. `x-api-key` wins when both are there. */
export function secretOf(header: (name: string) => string | undefined): string | undefined {
  const apiKey = header('x-api-key')?.trim();
  if (apiKey) return apiKey;
  return /^Bearer\s+(\S+)\s*$/i.exec(header('authorization') ?? '')?.[1];
}

/** Compares in a time that tells nothing about either secret. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest());
}

function unknownKey(secret: string): GatewayError {
  const told = isToken(secret)
    ? 'A sign-in token is not taken here. Use a key.'
    : 'Incorrect API key provided. Check it against the one that was shown when the key was created.';
  return new GatewayError('invalid_api_key', told);
}
