// What a change of a key's properties does to its account. Pure.
import type { KeyChange } from '../../core/access/key-store.ts';
import type { Attributes } from '../../core/access/owners.ts';
import { type Account, accountOf, ceilingsOf, changedLimits, type Limits } from '../../core/ledger/account.ts';
import { EXPIRED_REASON, LIFETIME_REASON } from '../../core/ledger/refusal.ts';
import { windowAttributes } from '../../core/ledger/windows.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Attribute, Item } from '../../core/store/client.ts';
import type { KeyChangeInput } from './key-schemas.ts';

const REVOKED_BY_ADMIN = 'revoked by an administrator';

/** When the key shall stop working: `undefined` leaves it as it is. Throws for a moment that is over. */
export function expiryOf({ expiresAt, ttl }: Pick<KeyChangeInput, 'expiresAt' | 'ttl'>, now: number): number | null | undefined {
  if (ttl !== undefined) return now + ttl;
  if (expiresAt == null || expiresAt > now) return expiresAt;
  const message = `must be in the future; ${new Date(expiresAt).toISOString()} was given`;
  throw new GatewayError('invalid_value', `expiresAt ${message}.`, { param: 'expiresAt' });
}

/** The part of a change that is about who the key is. */
export function identityChangeOf(input: KeyChangeInput, now: number): KeyChange {
  const { name, email, role, tags, models, logging, groupId, userId } = input;
  const expiresAt = expiryOf(input, now);
  return { name, email, role, tags, models, logging, groupId, userId, expiresAt, revoked: revocationChangeOf(input) };
}

/** `undefined` leaves it as it is. */
export function revocationChangeOf({ revoked, revokedReason }: Pick<KeyChangeInput, 'revoked' | 'revokedReason'>): KeyChange['revoked'] {
  if (revoked === undefined) return undefined;
  return revoked ? { reason: revokedReason ?? REVOKED_BY_ADMIN } : null;
}

/** Thresholds decide nothing, so they are not among the limits. */
export function alertsChangeOf({ alerts }: Pick<KeyChangeInput, 'alerts'>): Record<string, Attribute> {
  return alerts === undefined ? {} : { alerts: alerts.map(BigInt) };
}

export type AccountChangeInput = Pick<
  KeyChangeInput,
  'monthlyBudget' | 'balance' | 'lifetimeBudget' | 'maxParallel' | 'windows' | 'alerts' | 'revoked' | 'expiresAt' | 'ttl'
>;

/** The part of a change that is about limits, and whether it opens an account that a limit had closed. */
export function accountChangeOf(input: AccountChangeInput, item: Item): Attributes {
  const account = accountOf(item);
  const limits = limitChangeOf(input);
  const isMoney = limits.monthlyBudget !== undefined || limits.balance !== undefined || limits.lifetimeBudget !== undefined;
  const windows = input.windows && windowAttributes(account.windows, input.windows, account.version);
  const attributes = { ...windows, ...alertsChangeOf(input), ...(isMoney ? changedLimits(account, limits) : parallelOf(limits)) };
  return input.revoked === undefined && isReopened(account, input) ? { ...attributes, revokedAt: null, revokedReason: null } : attributes;
}

/** A key that a limit has closed opens again when that limit is raised or lifted. */
function isReopened(account: Account, { expiresAt, ttl, lifetimeBudget }: AccountChangeInput): boolean {
  if (account.revoked === EXPIRED_REASON) return expiresAt !== undefined || ttl !== undefined;
  if (account.revoked !== LIFETIME_REASON || lifetimeBudget === undefined) return false;
  const { lifetime } = ceilingsOf({ ...account, limits: { ...account.limits, lifetimeBudget } });
  return lifetime === null || lifetime > account.current.committed;
}

/** Only what was named, so that nothing is overwritten by what was not. */
function limitChangeOf({ monthlyBudget, balance, lifetimeBudget, maxParallel }: AccountChangeInput): Partial<Limits> {
  const named = Object.entries({ monthlyBudget, balance, lifetimeBudget, maxParallel }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named);
}

/** Parallel calls alone do not depend on what is spent: the change needs no quiet moment. */
function parallelOf({ maxParallel }: Partial<Limits>): Record<string, Attribute> {
  if (maxParallel === undefined) return {};
  return { maxParallel: maxParallel === null ? null : BigInt(maxParallel) };
}
