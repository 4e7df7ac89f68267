// What each kind of caller may do: the whole table, and what those hear who may not.
import { describe, expect, test } from 'vitest';
import type { Key, Principal, Role } from '../../../functions/core/access/principal.ts';
import { requireModels, requireScope, type Scope } from '../../../functions/core/access/roles.ts';

const key = (role: Role): Principal => ({ kind: 'key', key: { id: 'key_1', role } as Key });
const user = (role: Role): Principal => ({
  kind: 'user',
  user: { id: 'u', name: null, email: null, hasVerifiedEmail: false, role, expiresAt: 1 },
});

const SCOPES: Scope[] = ['known', 'own', 'models', 'read', 'write'];
const TABLE: [string, Principal, Scope[]][] = [
  ['the master key', { kind: 'master' }, ['known', 'read', 'write']],
  ['a key of role user', key('user'), ['known', 'own', 'models']],
  ['a key of role auditor', key('auditor'), ['known', 'own', 'models', 'read']],
  ['a key of role admin', key('admin'), ['known', 'own', 'models', 'read', 'write']],
  ['a signed-in user', user('user'), ['known', 'own']],
  ['a signed-in auditor', user('auditor'), ['known', 'own', 'read']],
  ['a signed-in admin', user('admin'), ['known', 'own', 'read', 'write']],
];

function isRefused(principal: Principal, scope: Scope): boolean {
  try {
    requireScope(principal, scope);
    return false;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'permission_denied', status: 403 });
    return true;
  }
}

test.each(TABLE)('%s', (_who, principal, allowed) => {
  expect(SCOPES.filter((scope) => !isRefused(principal, scope))).toEqual(allowed);
});

describe('a call of a model', () => {
  test('is paid by the key that calls', () => {
    expect(requireModels(key('user'))).toMatchObject({ id: 'key_1' });
  });

  test.each([
    ['The master key', { kind: 'master' } as const],
    ['This user, of the role "admin",', user('admin')],
  ])('%s cannot make', (subject, principal) => {
    expect(() => requireModels(principal)).toThrow(`${subject} cannot call models, because it has no account. Create a key with`);
  });
});

test('who may not is told what he is and what it takes', () => {
  expect(() => requireScope(key('user'), 'write')).toThrow(
    'This key, of the role "user", may change nothing here. That takes the master key or the role "admin".',
  );
  expect(() => requireScope(key('user'), 'read')).toThrow(
    'This key, of the role "user", may not read here. The admin API takes the master key',
  );
});
