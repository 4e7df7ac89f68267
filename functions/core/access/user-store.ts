// Users in the database: a person, or a program, whose keys share an account.
import type { Item } from '../store/client.ts';
import type { KeyStore } from './key-store.ts';
import type { User } from './principal.ts';
import {
  createSharedOwners,
  type NewSharedOwner,
  type SharedOwners,
  type SharedOwnersDependencies,
  sharedOwnerOf,
} from './shared-owners.ts';

export type NewUser = NewSharedOwner & { email: string | null };
export type UserStore = SharedOwners<NewUser>;

export function createUserStore({ keys, ...dependencies }: SharedOwnersDependencies & { keys: KeyStore }): UserStore {
  return createSharedOwners<NewUser>({ kind: 'user', prefix: 'usr', members: keys.ofUser }, dependencies);
}

export function userOf(item: Item): User {
  return { ...sharedOwnerOf(item), email: item.email == null ? null : String(item.email) };
}
