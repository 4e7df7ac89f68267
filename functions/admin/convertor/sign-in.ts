// /api/auth: who signs people in, and who is signed in. The address of the sign-in is open, because nobody is signed in yet who asks for it.
import type { Hono } from 'hono';
import { type Principal, roleOf } from '../../core/access/principal.ts';
import type { OidcSettings } from '../../core/platform/environment.ts';
import type { AdminVariables } from '../problem.ts';

/** `isOpenToAll`: whoever asks is let in as the master key, on one machine for development. */
export type SignInDependencies = { oidc?: OidcSettings | undefined; isOpenToAll?: boolean };

const COGNITO = /^https:\/\/cognito-idp\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([\w-]+)$/;

export function addSignIn(app: Hono<AdminVariables>, { oidc, isOpenToAll = false }: SignInDependencies): void {
  app.get('/api/auth/config', (c) => {
    const [, region = '', userPoolId = ''] = COGNITO.exec(oidc?.issuer ?? '') ?? [];
    return c.json({ userPoolId, userPoolClientId: userPoolId === '' ? '' : oidc!.audiences[0]!, region });
  });

  app.get('/api/auth/verify', (c) => {
    const { username, email, name } = userOf(c.get('principal'));
    return c.json({ authenticated: true, username, email, name, development_mode: isOpenToAll });
  });

  app.get('/api/auth/me', (c) => {
    const principal = c.get('principal');
    return c.json({ user: userOf(principal), token_claims: claimsOf(principal) });
  });
}

function userOf(principal: Principal) {
  const role = roleOf(principal);
  if (principal.kind === 'master') return { username: 'master', email: null, name: 'Master key', role };
  const { id, name, email } = principal.kind === 'key' ? principal.key : principal.user;
  return { username: id, email, name, role };
}

/** What is known of a token; a key has none. */
function claimsOf(principal: Principal): object {
  if (principal.kind !== 'user') return {};
  const { id, email, name, expiresAt } = principal.user;
  return { sub: id, email, name, exp: Math.floor(expiresAt / 1000) };
}
