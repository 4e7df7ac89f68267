// Who may use the admin API: the master key and keys of role admin. Everybody else is refused before anything is read or parsed.
import type { Context, MiddlewareHandler } from 'hono';
import { isAdmin, type Principal } from '../core/access/principal.ts';
import { GatewayError } from '../core/platform/errors.ts';

/** Who did something, as it is written down: `master`, or the id of an administrator's key. */
export function authorOf(principal: Principal): string {
  return principal.kind === 'key' ? principal.key.id : principal.kind;
}

/** Finds who calls, or throws a 401. How depends on where the app runs. */
export type PrincipalOf = (c: Context) => Promise<Principal>;

export function requireAdmin(principalOf: PrincipalOf): MiddlewareHandler {
  return async (c, next) => {
    const principal = await principalOf(c);
    if (!isAdmin(principal)) {
      throw new GatewayError(
        'permission_denied',
        'This key has the role "user". The admin API takes the master key or a key of role "admin".',
      );
    }
    c.set('principal', principal);
    await next();
  };
}
