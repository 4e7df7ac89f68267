// What the authorizer tells the function behind it, by way of API Gateway: who calls, or why nobody may. Law: a refusal travels as a refusal;
// whatever is not plainly somebody is nobody.
import type { Clock } from '../platform/clock.ts';
import { type ErrorCode, GatewayError } from '../platform/errors.ts';
import { checkOpen } from './authorize.ts';
import { keyOf } from './key-item.ts';
import type { KeyStore } from './key-store.ts';
import type { Principal, SignedIn } from './principal.ts';

/** Flat, and without null: API Gateway passes it on as it is, and remembers it for a while. */
export type PassedOn =
  | { kind: 'master' }
  | { kind: 'key'; keyId: string }
  | ({ kind: 'user' } & Pick<SignedIn, 'id' | 'role' | 'expiresAt'> & { name?: string; email?: string; hasVerifiedEmail?: true })
  | { kind: 'refused'; code: string; message: string; retryAt?: number };

export function passOn(principal: Principal): PassedOn {
  if (principal.kind === 'master') return { kind: 'master' };
  if (principal.kind === 'key') return { kind: 'key', keyId: principal.key.id };
  const { id, role, expiresAt, name, email, hasVerifiedEmail } = principal.user;
  const told = { ...(name !== null && { name }), ...(email !== null && { email }), ...(hasVerifiedEmail && { hasVerifiedEmail }) };
  return { kind: 'user', id, role, expiresAt, ...told };
}

export function passOnRefusal({ code, message, details }: GatewayError, now: number): PassedOn {
  const { retryAfterSeconds } = details;
  return { kind: 'refused', code, message, ...(retryAfterSeconds !== undefined && { retryAt: now + retryAfterSeconds * 1000 }) };
}

/**
 * The principal of what was passed on, some time ago: a key is read again and a token's end is looked at again, so that a revocation, a new
 * role and an expiry count at once.
 */
export async function takeOver(given: unknown, { keys, clock }: { keys: KeyStore; clock: Clock }): Promise<Principal> {
  const passed = (given ?? {}) as Partial<PassedOn>;
  if (passed.kind === 'master') return { kind: 'master' };
  if (passed.kind === 'key' && typeof passed.keyId === 'string') return keyNow(passed.keyId, keys, clock());
  if (passed.kind === 'user') return userNow(passed, clock());
  if (passed.kind === 'refused') throw refusalOf(passed, clock());
  throw new GatewayError('invalid_api_key', 'The request came without an authorization.');
}

async function keyNow(keyId: string, keys: KeyStore, now: number): Promise<Principal> {
  const item = await keys.find(keyId);
  if (!item) throw new GatewayError('invalid_api_key', 'Incorrect API key provided. The key has been deleted.');
  const key = keyOf(item);
  checkOpen(key, now);
  return { kind: 'key', key };
}

function userNow({ id, role, expiresAt, name = null, email = null, hasVerifiedEmail }: Partial<SignedIn>, now: number): Principal {
  const isWhole = typeof id === 'string' && typeof expiresAt === 'number';
  if (!isWhole || (role !== 'admin' && role !== 'auditor' && role !== 'user')) {
    throw new GatewayError('invalid_api_key', 'The request came without an authorization.');
  }
  if (expiresAt <= now) throw new GatewayError('key_expired', 'The sign-in has expired. Sign in again.');
  return { kind: 'user', user: { id, role, expiresAt, name, email, hasVerifiedEmail: email !== null && hasVerifiedEmail === true } };
}

const REFUSALS: readonly ErrorCode[] = ['key_revoked', 'key_expired', 'permission_denied', 'rate_limit_exceeded'];

function refusalOf({ code, message, retryAt }: { code?: string; message?: string; retryAt?: number }, now: number): GatewayError {
  const known = REFUSALS.find((one) => one === code) ?? 'invalid_api_key';
  const retryAfterSeconds = typeof retryAt === 'number' ? Math.max(1, Math.ceil((retryAt - now) / 1000)) : undefined;
  return new GatewayError(known, message ?? 'The key is not valid.', { retryAfterSeconds });
}
