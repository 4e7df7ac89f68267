// What each kind of caller may do. Law: what is not written here is not allowed. Pure.
import { GatewayError } from '../platform/errors.ts';
import { type Key, type Principal, type Role, roleOf } from './principal.ts';

/**
 * `models`: call models. `own`: see and change what is the caller's own. `read`: see everything in the admin APIs. `write`: change it.
 * `known`: nothing but to be somebody.
 */
export type Scope = 'models' | 'own' | 'read' | 'write' | 'known';

const SCOPES: Record<Role | 'master', readonly Scope[]> = {
  user: ['known', 'own'],
  auditor: ['known', 'own', 'read'],
  admin: ['known', 'own', 'read', 'write'],
  // It belongs to nobody, so it has nothing of its own.
  master: ['known', 'read', 'write'],
};

/** Only a key has an account that could be charged, so only a key calls models. */
function may(principal: Principal, scope: Scope): boolean {
  return scope === 'models' ? principal.kind === 'key' : SCOPES[roleOf(principal)].includes(scope);
}

/** The key that calls and pays. */
export function requireModels(principal: Principal): Key {
  requireScope(principal, 'models');
  return (principal as Extract<Principal, { kind: 'key' }>).key;
}

/** Throws a 403 that says what the caller is and what it would take. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (!may(principal, scope)) throw new GatewayError('permission_denied', REFUSALS[scope](subjectOf(principal)));
}

const REFUSALS: Record<Scope, (subject: string) => string> = {
  models: (subject) => `${subject} cannot call models, because it has no account. Create a key with POST /admin/v1/keys and use that.`,
  own: (subject) => `${subject} has nothing of its own. Use a key.`,
  read: (subject) =>
    `${subject} may not read here. The admin API takes the master key or the role "admin", and for reading also the role "auditor".`,
  write: (subject) => `${subject} may change nothing here. That takes the master key or the role "admin".`,
  known: (subject) => `${subject} may not be here.`,
};

function subjectOf(principal: Principal): string {
  if (principal.kind === 'master') return 'The master key';
  return `This ${principal.kind === 'key' ? 'key' : 'user'}, of the role "${roleOf(principal)}",`;
}
