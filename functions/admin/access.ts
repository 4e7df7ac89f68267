// Who may use the JSON APIs, decided by path and method before anything is read or parsed. Law: a path that is not listed is for admins only.
import type { Context, MiddlewareHandler } from 'hono';
import type { Principal } from '../core/access/principal.ts';
import { requireScope, type Scope } from '../core/access/roles.ts';
import type { AdminVariables } from './problem.ts';

/** Who did something, as it is written down: `master`, or the id of an administrator's key. */
export function authorOf(principal: Principal): string {
  return principal.kind === 'key' ? principal.key.id : principal.kind;
}

/** Finds who calls, or throws a 401. How depends on where the app runs. */
export type PrincipalOf = (c: Context) => Promise<Principal>;

type Rule = { path: RegExp; reading: Scope; writing: Scope };

/** The first that fits holds. */
const RULES: Rule[] = [
  { path: /^\/me\/principal$/, reading: 'known', writing: 'write' },
  { path: /^\/me(\/|$)/, reading: 'own', writing: 'own' },
  { path: /^\/user(\/|$)/, reading: 'own', writing: 'own' },
  { path: /^\/admin(\/|$)/, reading: 'read', writing: 'write' },
];

const READING = ['GET', 'HEAD'];

function scopeOf(method: string, path: string): Scope {
  const rule = RULES.find((one) => one.path.test(path));
  if (!rule) return 'write';
  return READING.includes(method) ? rule.reading : rule.writing;
}

/** What follows finds the caller as `principal`. */
export function requireAccess(principalOf: PrincipalOf): MiddlewareHandler<AdminVariables> {
  return async (c, next) => {
    const principal = await principalOf(c);
    requireScope(principal, scopeOf(c.req.method, c.req.path));
    c.set('principal', principal);
    await next();
  };
}
