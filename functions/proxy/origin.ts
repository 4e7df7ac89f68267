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
