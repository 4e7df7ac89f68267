// Who may use the JSON APIs, decided by path and method before anything is read or parsed. Law: a path that is not listed is for admins only.
import type { Context, MiddlewareHandler } from 'hono';
import type { Principal } from '../core/access/principal.ts';
import { requireScope, type Scope } from '../core/access/roles.ts';
import type { AdminVariables } from './problem.ts';

/** Who did something, as it is written down: `master`, or the id of a key or of somebody who is signed in. */
export function authorOf(principal: Principal): string {
  if (principal.kind === 'user') return principal.user.id;
  return principal.kind === 'key' ? principal.key.id : principal.kind;
}

/** Finds who calls, or throws a 401. How depends on where the app runs. */
export type PrincipalOf = (c: Context) => Promise<Principal>;

/** `open`: needs nobody, so nobody is looked for. */
type Need = Scope | 'open';
type Rule = { path: RegExp; reading: Need; writing: Need };

/** The first that fits holds. */
const RULES: Rule[] = [
  // What the API looks like, for generators of clients and for browsers, which have no key to send.
  { path: /^\/admin\/v1\/(openapi\.json|reference(\/(style\.css|script\.js))?)$/, reading: 'open', writing: 'write' },
  { path: /^\/api\/(health|auth\/config)$/, reading: 'open', writing: 'write' },
  // Questions that are too long for an address.
  { path: /^\/api\/(v2\/(key-management\/keys|events)|reporting\/(top-keys|events|events-by-day))$/, reading: 'read', writing: 'read' },
  { path: /^\/api\/auth\/(verify|me)$/, reading: 'known', writing: 'write' },
  { path: /^\/api\/(key-management|reporting|events|keys|pricing|model-mapping|dashboard)(\/|$)/, reading: 'read', writing: 'write' },
  { path: /^\/me(\/principal)?$/, reading: 'known', writing: 'write' },
  { path: /^\/me(\/|$)/, reading: 'own', writing: 'own' },
  { path: /^\/user(\/|$)/, reading: 'own', writing: 'own' },
  { path: /^\/admin(\/|$)/, reading: 'read', writing: 'write' },
];

const READING = ['GET', 'HEAD'];
const ASKING = [...READING, 'OPTIONS'];

function needOf(method: string, path: string): Need {
  const rule = RULES.find((one) => one.path.test(path));
  if (!rule) return 'write';
  return READING.includes(method) ? rule.reading : rule.writing;
}

/** Whether a request changes something, as far as its path and method say. */
export function isChange(method: string, path: string): boolean {
  return !ASKING.includes(method) && ['write', 'own'].includes(needOf(method, path));
}

/** What follows finds the caller as `principal`, unless it is open. */
export function requireAccess(principalOf: PrincipalOf): MiddlewareHandler<AdminVariables> {
  return async (c, next) => {
    const need = needOf(c.req.method, c.req.path);
    if (need === 'open') return next();
    const principal = await principalOf(c);
    requireScope(principal, need);
    c.set('principal', principal);
    await next();
  };
}
