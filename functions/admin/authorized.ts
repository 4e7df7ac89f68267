// Who calls when API Gateway has asked the authorizer already: read from the request's context, never from a header.
import { checkOpen } from '../core/access/authorize.ts';
import { type KeyStore, keyOf } from '../core/access/key-store.ts';
import type { Clock } from '../core/platform/clock.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { PrincipalOf } from './access.ts';

/** What functions/authorizer passes on. */
export type AuthorizerContext = { kind: 'master' } | { kind: 'key'; keyId: string; role: string };

/**
 * API Gateway keeps the authorizer's answer for some time, so the key is read again: a revocation or a new role counts at once.
 */
export function createPrincipalOf({ keys, clock }: { keys: KeyStore; clock: Clock }): PrincipalOf {
  return async (c) => {
    const context: AuthorizerContext | undefined = c.env?.event?.requestContext?.authorizer?.lambda;
    if (context?.kind === 'master') return { kind: 'master' };
    if (context?.kind !== 'key' || !context.keyId) throw new GatewayError('invalid_api_key', 'The request came without an authorization.');
    const item = await keys.find(context.keyId);
    if (!item) throw new GatewayError('invalid_api_key', 'Incorrect API key provided. The key has been deleted.');
    const key = keyOf(item);
    checkOpen(key, clock());
    return { kind: 'key', key };
  };
}
