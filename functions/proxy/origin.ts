// The secret header that CloudFront adds: who does not know it did not come through the front door. Checked before anything else.
import type { MiddlewareHandler } from 'hono';
import { isSameSecret } from '../core/access/authorize.ts';
import { GatewayError } from '../core/platform/errors.ts';

export const ORIGIN_HEADER = 'x-outcrop-origin';

/** `secrets`: every value accepted now; two while the secret is being changed. */
export function requireOrigin(secrets: () => Promise<string[]>): MiddlewareHandler {
  return async (c, next) => {
    const given = c.req.header(ORIGIN_HEADER) ?? '';
    let isKnown = false;
    for (const secret of await secrets()) isKnown = isSameSecret(given, secret) || isKnown;
    if (!isKnown) throw new GatewayError('permission_denied', 'Please use the address of the gateway, not that of its function.');
    await next();
  };
}

/** How long the front door's secrets are known by heart. */
const SECRETS_LIFE_MS = 5 * 60 * 1000;

/**
 * The secrets accepted now: the current one and, while it is being changed, the previous one. Read once in a while; a failure to read leaves
 * the known ones in force. `read` answers `undefined`, or throws, for a stage that is not there.
 */
export function createOriginSecrets(
  read: (stage: 'AWSCURRENT' | 'AWSPREVIOUS') => Promise<string | undefined>,
  clock: () => number,
): () => Promise<string[]> {
  let known: Promise<string[]> | undefined;
  let until = 0;
  const readAll = async () => {
    const [current, previous] = await Promise.all([read('AWSCURRENT'), read('AWSPREVIOUS').catch(() => undefined)]);
    return [current, previous].filter((secret) => secret !== undefined);
  };
  return () => {
    if (known && clock() < until) return known;
    const earlier = known;
    until = clock() + SECRETS_LIFE_MS;
    known = readAll().catch((thrown) => {
      until = 0;
      if (earlier) return earlier;
      throw thrown;
    });
    return known;
  };
}
