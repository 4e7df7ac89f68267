// Keys in the database: found by secret, listed, changed. The item is the key's account too; its money is the ledger's part of it.

import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { type Copies, createCopies } from '../store/copies.ts';
import { accountKey, secretKey } from '../store/keys.ts';
import { type Attributes, attributesOf, createOwners, type ItemPage, newOwner, revokedOf } from './owners.ts';
import type { Key, KeyLogging, Role } from './principal.ts';
import { createSecret, hashSecret, hintOf } from './secret.ts';

export type NewKey = {
  name: string;
  email: string | null;
  role: Role;
  tags: string[];
  models: string[];
  expiresAt: number | null;
  /** The group and the user it belongs to, whose accounts its calls are charged to as well. */
  groupId?: string | null;
  userId?: string | null;
  logging?: KeyLogging;
};
export type KeyChange = Partial<NewKey> & { revoked?: { reason: string } | null };

export type KeyStore = ReturnType<typeof createKeyStore>;

/** For how long a secret that nobody has is known to be nobody's, so that a client which repeats it reads nothing. */
export const STRANGER_LIFE_MS = 5_000;

export function createKeyStore(dependencies: { store: Store; copies: Copies; clock: Clock; ids: Ids }) {
  const { store, copies, clock, ids } = dependencies;
  const owners = createOwners('key', dependencies);
  // Not among the copies: a flood of strangers must not push out those of good keys.
  const strangers = createCopies(clock, STRANGER_LIFE_MS);

  /** What a group grants may be some seconds old here: the ledger's admission looks at it again. */
  async function findGroup(id: string): Promise<Item | undefined> {
    const copy = copies.get(id);
    if (copy) return copy;
    const item = await store.get(accountKey(id));
    if (item) copies.set(id, item);
    return item;
  }

  return {
    ...owners,

    /** The key a secret belongs to, from the copy where there is one. `undefined` for an unknown secret. */
    async findBySecret(secret: string): Promise<Key | undefined> {
      const hash = hashSecret(secret);
      if (strangers.get(hash)) return undefined;
      const pointerId = `secret:${hash}`;
      const pointer = copies.get(pointerId) ?? (await store.get(secretKey(hash)));
      if (!pointer) {
        strangers.set(hash, {});
        return undefined;
      }
      copies.set(pointerId, pointer);
      const item = copies.get(String(pointer.id)) ?? (await owners.find(String(pointer.id)));
      if (item?.secretHash !== hash) return undefined;
      return keyOf(item, item.groupId == null ? undefined : await findGroup(String(item.groupId)));
    },

    /** Writes the way to the key first and the key last, so that no half of one is ever seen. */
    async create(
      input: NewKey,
      account: Record<string, Attribute>,
      secret = createSecret(),
    ): Promise<{ key: Key; item: Item; secret: string }> {
      const id = ids('key');
      const hash = hashSecret(secret);
      const { name, email, role, tags, models, groupId, userId, expiresAt } = input;
      const item: Item = {
        ...account,
        ...newOwner('key', id, expiresAt, clock()),
        ...{ name, email, role, tags, models, logging: input.logging ?? null, secretHash: hash, secretHint: hintOf(secret) },
        ...(groupId && { groupId }),
        ...(userId && { userId }),
      };
      const pointed = await store.putNew(secretKey(hash), { id });
      // A write whose answer was lost is sent again by the client and then meets itself.
      const isOurs = pointed.applied || pointed.item?.id === id;
      if (!isOurs) throw new GatewayError('conflict', 'That secret belongs to another key already.');
      await store.putNew(accountKey(id), item);
      strangers.drop(hash);
      return { key: keyOf(item), item, secret };
    },

    async list(limit: number, after: string | undefined): Promise<Item[]> {
      return (await owners.page(limit, after)).items;
    },

    /** The keys of a group, newest first. */
    ofGroup: (groupId: string, limit: number, after: string | undefined): Promise<ItemPage> =>
      owners.pageOf('byGroup', 'groupId', groupId, limit, after),

    /** The keys of a user, newest first. */
    ofUser: (userId: string, limit: number, after: string | undefined): Promise<ItemPage> =>
      owners.pageOf('byUser', 'userId', userId, limit, after),

    /** Changes a key, and with it the ledger's attributes that `account` computes from the item; every copy of it is out of date at once. */
    change(id: string, { groupId, userId, ...change }: KeyChange, account: (item: Item) => Attributes): Promise<Item> {
      // An index takes no null for a key, so what belongs nowhere has no such attribute.
      const membership = {
        ...(groupId !== undefined && { groupId: groupId ?? undefined }),
        ...(userId !== undefined && { userId: userId ?? undefined }),
      };
      return owners.change(id, { ...attributesOf(change, clock()), ...membership }, account);
    },

    /** Removes the key. What it spent stays in the journal. */
    async remove(id: string): Promise<void> {
      const item = await owners.read(id);
      await store.remove(secretKey(String(item.secretHash)));
      await store.remove(accountKey(id));
      copies.drop(id);
      copies.drop(`secret:${item.secretHash}`);
    },
  };
}

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
    createdAt: Number(item.createdAt),
    updatedAt: Number(item.updatedAt),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: revokedOf(item),
    secretHash: String(item.secretHash),
    secretHint: String(item.secretHint),
    version: BigInt(item.version as bigint),
  };
}
