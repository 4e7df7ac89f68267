// The credentials of a request → the key that calls and pays.
import type { Context } from 'hono';
import { type Authorize, secretOf } from '../core/access/authorize.ts';
import type { Key } from '../core/access/principal.ts';
import { GatewayError } from '../core/platform/errors.ts';

export async function callerOf(c: Context, authorize: Authorize): Promise<Key> {
  const principal = await authorize(secretOf((name) => c.req.header(name)));
  if (principal.kind === 'key') return principal.key;
  // The master key has no account that could be charged.
  throw new GatewayError(
    'permission_denied',
    'The master key administers and cannot call models. Create a key with POST /admin/v1/keys and use that.',
  );
}
