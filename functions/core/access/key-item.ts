// What the item of a key says. Pure.
import type { Item } from '../store/client.ts';
import { revokedOf } from './owners.ts';
import type { Key, KeyLogging } from './principal.ts';

/** The identity in a key's item; `group` is the item of the group it belongs to. */
export function keyOf(item: Item, group?: Item): Key {
  return {
    id: String(item.id),
    name: String(item.name),
    email: item.email === null ? null : String(item.email),
    role: item.role === 'admin' || item.role === 'auditor' ? item.role : 'user',
    tags: (item.tags as string[]) ?? [],
    models: (item.models as string[]) ?? [],
    granted: (group?.models as string[]) ?? [],
    groupId: item.groupId == null ? null : String(item.groupId),
    userId: item.userId == null ? null : String(item.userId),
    logging: (item.logging as KeyLogging | undefined) ?? null,
    cacheTtl: (item.cacheTtl as Key['cacheTtl'] | undefined) ?? null,
    createdAt: Number(item.createdAt),
    updatedAt: Number(item.updatedAt),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: revokedOf(item),
    secretHash: String(item.secretHash),
    secretHint: String(item.secretHint),
    version: BigInt(item.version as bigint),
  };
}

/** Secrets that a rotation left, each with the moment it stops working. */
export function formerOf({ formerSecrets = [] }: Item): { hash: string; until: number }[] {
  return (formerSecrets as Item[]).map(({ hash, until }) => ({ hash: String(hash), until: Number(until) }));
}

/** Whether a secret is the key's own, or one that a rotation left working for a while. */
export function takesSecret(item: Item, hash: string, now: number): boolean {
  return item.secretHash === hash || formerOf(item).some((former) => former.hash === hash && former.until > now);
}
