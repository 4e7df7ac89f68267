// Who is calling, decided in one place for every surface: the Lambda authorizer and the apps in process ask the same function.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { KeyStore } from './key-store.ts';
import type { Key, Principal } from './principal.ts';
import { isPlausibleSecret } from './secret.ts';

/** Finds the principal of a secret, or throws a 401 that says what is wrong with it. */
export type Authorize = (secret: string | undefined) => Promise<Principal>;

export function createAuthorize(dependencies: { keys: KeyStore; masterKey: () => Promise<string | undefined>; clock: Clock }): Authorize {
  const { keys, masterKey, clock } = dependencies;
  return async (secret) => {
    if (!secret) {
      throw new GatewayError('invalid_api_key', 'No key was given. Send it as "Authorization: Bearer sk-…" or as "x-api-key".');
    }
    const master = await masterKey();
    if (master !== undefined && isSameSecret(secret, master)) return { kind: 'master' };
    if (!isPlausibleSecret(secret)) throw unknownKey();
    const key = await keys.findBySecret(secret);
    if (!key) throw unknownKey();
    checkOpen(key, clock());
    return { kind: 'key', key };
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

function unknownKey(): GatewayError {
  return new GatewayError(
    'invalid_api_key',
    'Incorrect API key provided. Check it against the one that was shown when the key was created.',
  );
}
