// The credentials of a request → the key that calls and pays.
import type { Context } from 'hono';
import { type Authorize, secretOf } from '../core/access/authorize.ts';
import type { Key } from '../core/access/principal.ts';
import { GatewayError } from '../core/platform/errors.ts';

const callers = new WeakMap<Request, Promise<Key>>();

/** Found out once for each request, however many ask. */
export function callerOf(c: Context, authorize: Authorize): Promise<Key> {
  const known = callers.get(c.req.raw);
  if (known) return known;
  const caller = findCaller(c, authorize);
  callers.set(c.req.raw, caller);
  return caller;
}

async function findCaller(c: Context, authorize: Authorize): Promise<Key> {
  const principal = await authorize(secretOf((name) => c.req.header(name)));
  if (principal.kind === 'key') return principal.key;
  // The master key has no account that could be charged.
  throw new GatewayError(
    'permission_denied',
    'The master key administers and cannot call models. Create a key with POST /admin/v1/keys and use that.',
  );
}
