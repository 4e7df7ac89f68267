// Owners whose account keys share, in the database: groups and users. Their item is their account too; its money is the ledger's part of it.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { type Attributes, attributesOf, createOwners, type ItemPage, newOwner, revokedOf } from './owners.ts';
import type { SharedOwner } from './principal.ts';

export type NewSharedOwner = Pick<SharedOwner, 'name' | 'tags' | 'expiresAt'>;
export type SharedOwnerChange<New> = Partial<New> & { revoked?: { reason: string } | null };

export type SharedOwnersDependencies = { store: Store; copies: Copies; clock: Clock; ids: Ids };
type Kind = {
  kind: 'group' | 'user';
  prefix: string;
  /** The keys that share its account. */
  members: (id: string, limit: number, after: string | undefined) => Promise<ItemPage>;
};

export type SharedOwners<New extends NewSharedOwner> = ReturnType<typeof createSharedOwners<New>>;

export function createSharedOwners<New extends NewSharedOwner>({ kind, prefix, members }: Kind, dependencies: SharedOwnersDependencies) {
  const { store, copies, clock, ids } = dependencies;
  const owners = createOwners(kind, dependencies);

  return {
    ...owners,

    members,

    /** With an `id` that was used before: the one that is there already. */
    async create({ expiresAt, ...input }: New, account: Record<string, Attribute>, id = ids(prefix)): Promise<Item> {
      const item: Item = { ...account, ...newOwner(kind, id, expiresAt, clock()), ...input };
      const written = await store.putNew(accountKey(id), item);
      return written.applied ? item : written.item!;
    },

    /** Changes one, and with it the ledger's attributes that `account` computes from the item; every copy of it is out of date at once. */
    change: (id: string, change: SharedOwnerChange<New>, account: (item: Item) => Attributes): Promise<Item> =>
      owners.change(id, attributesOf(change, clock()), account),

    /** Removes one that no key belongs to; throws `conflict` while one does. What was spent stays in the journal. */
    async remove(id: string, check?: (item: Item) => void): Promise<void> {
      const there = await owners.read(id);
      check?.(there);
      const { items } = await members(id, 1, undefined);
      if (items.length > 0) throw new GatewayError('conflict', `Keys belong to the ${kind}. Move or delete them first.`, { param: 'id' });
      // Closed first, so that what was checked is still so when it goes.
      const close = (before: Item): Attributes => {
        check!(before);
        return {};
      };
      if (check) await owners.change(id, attributesOf({ revoked: { reason: 'deleted' } }, clock()), close);
      await store.remove(accountKey(id));
      copies.drop(id);
    },
  };
}

/** What every such item says of its owner. */
export function sharedOwnerOf(item: Item): SharedOwner {
  return {
    id: String(item.id),
    name: String(item.name),
    tags: (item.tags as string[]) ?? [],
    createdAt: Number(item.createdAt),
    updatedAt: Number(item.updatedAt),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: revokedOf(item),
  };
}
