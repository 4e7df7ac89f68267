// Tokens of the identity provider → who is signed in, and as what. Law: signature, issuer, audience and times are checked before a claim is
// read; a role comes from a group that is named in the settings, never from a claim of that name.
import { JwtExpiredError, JwtInvalidIssuerError, KidNotFoundInJwksError } from 'aws-jwt-verify/error';
import type { Jwks } from 'aws-jwt-verify/jwk';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import type { Clock } from '../platform/clock.ts';
import type { OidcSettings } from '../platform/environment.ts';
import { GatewayError } from '../platform/errors.ts';
import type { VerifyToken } from './authorize.ts';
import { createSigningKeys, type SigningKeys } from './jwks.ts';
import type { Role } from './principal.ts';

const LONGEST_TOKEN = 16 * 1024;
const LONGEST_ID = 256;
/** Clocks differ; an end is exact all the same, because `checkTimes` looks again. */
const SKEW_S = 60;

export function createVerifyToken(
  settings: OidcSettings,
  clock: Clock,
  keys: SigningKeys = createSigningKeys(settings, clock),
): VerifyToken {
  return async (token) => {
    if (token.length > LONGEST_TOKEN) throw refused('is too long');
    const claims = await claimsOf(token, settings, keys);
    const expiresAt = checkTimes(claims, clock());
    checkAudience(claims, settings);
    const id = textOf(claims, settings.userClaim);
    if (id === null) throw refused(`has no claim ${settings.userClaim}`);
    const email = claims.email_verified === false || claims.email_verified === 'false' ? null : textOf(claims, settings.emailClaim);
    const isVerified = claims.email_verified === true || claims.email_verified === 'true';
    const hasVerifiedEmail = email !== null && isVerified;
    return { id, name: textOf(claims, 'name'), email, hasVerifiedEmail, role: roleIn(claims, settings), expiresAt };
  };
}

async function claimsOf(token: string, { issuer }: OidcSettings, keys: SigningKeys): Promise<JwtPayload> {
  // The audience is ours to check: access tokens of Cognito have a client_id in its place.
  const verify = (jwks: Jwks) => verifyJwtSync(token, jwks, { issuer, audience: null, graceSeconds: SKEW_S });
  const current = await keys.current();
  try {
    return verify(current);
  } catch (thrown) {
    if (!(thrown instanceof KidNotFoundInJwksError)) throw refusalOf(thrown);
  }
  const renewed = await keys.renewed();
  try {
    return verify(renewed ?? current);
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

/** The package lets a token without an end pass; here it does not. */
function checkTimes({ exp, nbf = 0 }: JwtPayload, now: number): number {
  if (exp === undefined) throw refused('has no end (exp)');
  if (exp * 1000 <= now) throw expired(exp);
  if (nbf * 1000 > now + SKEW_S * 1000) throw refused('is not valid yet');
  return exp * 1000;
}

function checkAudience({ aud, client_id: clientId, token_use: use }: JwtPayload, { audiences }: OidcSettings): void {
  const given = [aud ?? (clientId as string | undefined) ?? []].flat();
  if (!given.some((audience) => audiences.includes(audience))) throw refused('was issued for another application');
  if (use !== undefined && use !== 'id' && use !== 'access') throw refused('is neither an access token nor an ID token');
}

function roleIn(claims: JwtPayload, { groupsClaim, adminGroups, auditorGroups, userGroups }: OidcSettings): Role {
  const claim = claimOf(claims, groupsClaim);
  // A text is one group, whatever is in it: what people may write themselves must not be cut into groups.
  const groups = (Array.isArray(claim) ? claim : [claim]).filter((group) => typeof group === 'string');
  const isIn = (named: string[]) => named.some((group) => groups.includes(group));
  if (isIn(adminGroups)) return 'admin';
  if (isIn(auditorGroups)) return 'auditor';
  if (userGroups === null || isIn(userGroups)) return 'user';
  throw new GatewayError('permission_denied', 'You are signed in, but in no group that may use this gateway.');
}

/** A claim by its name, which may hold dots, or by a path of names: `realm_access.roles`. */
function claimOf(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return (claims as Record<string, unknown>)[name];
  return name.split('.').reduce<unknown>((value, step) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    return isThere ? (value as Record<string, unknown>)[step] : undefined;
  }, claims);
}

function textOf(claims: object, name: string): string | null {
  const value = claimOf(claims, name);
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_ID ? value : null;
}

/** The package's own messages quote the token; what is said is ours. */
function refusalOf(thrown: unknown): GatewayError {
  if (thrown instanceof JwtExpiredError) return expired(Number(thrown.failedAssertion.actual));
  if (thrown instanceof JwtInvalidIssuerError) return refused('comes from another issuer');
  if (thrown instanceof KidNotFoundInJwksError) return refused('was signed with a key that its issuer does not name');
  return refused('is not valid');
}

function expired(exp: number): GatewayError {
  return new GatewayError('key_expired', `The sign-in expired on ${new Date(exp * 1000).toISOString()}. Sign in again.`);
}

function refused(what: string): GatewayError {
  return new GatewayError('invalid_api_key', `The sign-in token ${what}.`);
}
