// Users in the database: listed, changed, removed. The item is the user's account too; its money is the ledger's part of it.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import type { KeyStore } from './key-store.ts';
import { type Attributes, attributesOf, createOwners, newOwner, revokedOf } from './owners.ts';
import type { User } from './principal.ts';

export type NewUser = { name: string; email: string | null; tags: string[]; expiresAt: number | null };
export type UserChange = Partial<NewUser> & { revoked?: { reason: string } | null };

export type UserStore = ReturnType<typeof createUserStore>;

export function createUserStore(dependencies: { store: Store; copies: Copies; clock: Clock; ids: Ids; keys: KeyStore }) {
  const { store, copies, clock, ids, keys } = dependencies;
  const owners = createOwners('user', dependencies);

  return {
    ...owners,

    /** With an `id` that was used before: the one that is there already. */
    async create({ expiresAt, ...input }: NewUser, account: Record<string, Attribute>, id = ids('usr')): Promise<Item> {
      const item: Item = { ...account, ...newOwner('user', id, expiresAt, clock()), ...input };
      const written = await store.putNew(accountKey(id), item);
      return written.applied ? item : written.item!;
    },

    /** Changes a user, and with it the ledger's attributes that `account` computes from the item; every copy of it is out of date at once. */
    change: (id: string, change: UserChange, account: (item: Item) => Attributes): Promise<Item> =>
      owners.change(id, attributesOf(change, clock()), account),

    /** Removes a user that no key belongs to; throws `conflict` while one does. What was spent stays in the journal. */
    async remove(id: string, check: (item: Item) => void = () => undefined): Promise<void> {
      check(await owners.read(id));
      const { items } = await keys.ofUser(id, 1, undefined);
      if (items.length > 0) throw new GatewayError('conflict', 'Keys belong to the user. Move or delete them first.', { param: 'id' });
      await store.remove(accountKey(id));
      copies.drop(id);
    },
  };
}

/** The identity in a user's item. */
export function userOf(item: Item): User {
  return {
    id: String(item.id),
    name: String(item.name),
    email: item.email == null ? null : String(item.email),
    tags: (item.tags as string[]) ?? [],
    createdAt: Number(item.createdAt),
    updatedAt: Number(item.updatedAt),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: revokedOf(item),
  };
}
