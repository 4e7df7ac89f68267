// Who may use the JSON APIs: below /me every key, for itself; everywhere else the master key and keys of role admin. Everybody else is
// refused before anything is read or parsed.
import type { Context, MiddlewareHandler } from 'hono';
import { isAdmin, type Principal } from '../core/access/principal.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { AdminVariables } from './problem.ts';

/** Finds who calls, or throws a 401. How depends on where the app runs. */
export type PrincipalOf = (c: Context) => Promise<Principal>;

export function requireAccess(principalOf: PrincipalOf): MiddlewareHandler<AdminVariables> {
  return async (c, next) => {
    const principal = await principalOf(c);
    if (c.req.path.startsWith('/me/')) {
      if (principal.kind === 'master') throw new GatewayError('permission_denied', 'The master key has nothing of its own; use a key.');
      c.set('caller', principal.key);
      return next();
    }
    if (!isAdmin(principal)) {
      throw new GatewayError(
        'permission_denied',
        'This key has the role "user". The admin API takes the master key or a key of role "admin".',
      );
    }
    return next();
  };
}
