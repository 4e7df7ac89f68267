// Groups in the database: keys that share an account, and models granted to all of them.
import type { Item } from '../store/client.ts';
import type { KeyStore } from './key-store.ts';
import type { Group } from './principal.ts';
import {
  createSharedOwners,
  type NewSharedOwner,
  type SharedOwners,
  type SharedOwnersDependencies,
  sharedOwnerOf,
} from './shared-owners.ts';

export type NewGroup = NewSharedOwner & { models: string[] };
export type GroupStore = SharedOwners<NewGroup>;

export function createGroupStore({ keys, ...dependencies }: SharedOwnersDependencies & { keys: KeyStore }): GroupStore {
  return createSharedOwners<NewGroup>({ kind: 'group', prefix: 'grp', members: keys.ofGroup }, dependencies);
}

export function groupOf(item: Item): Group {
  return { ...sharedOwnerOf(item), models: (item.models as string[]) ?? [] };
}
