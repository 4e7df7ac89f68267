// The keys whose holder asks below /me. Law: whose they are comes from the credentials alone: the key itself, or the address that the issuer
// has verified; a key of anybody else is one that is not there.
import { keyOf } from '../../core/access/key-item.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Key, Principal } from '../../core/access/principal.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';

/** A person has a handful; what is asked of all of them is bounded by it. */
const MOST_KEYS = 50;

/** Throws when the caller is somebody without a key. */
export function ownKeyOf(principal: Principal): Key {
  if (principal.kind === 'key') return principal.key;
  throw new GatewayError('not_found', 'You are signed in without a key, so there is nothing here. Use a key.');
}

/** The newest first; revoked ones too. */
export async function ownItemsOf(principal: Principal, keys: KeyStore): Promise<Item[]> {
  if (principal.kind === 'key') return [await keys.read(principal.key.id)];
  if (principal.kind !== 'user' || !principal.user.hasVerifiedEmail) return [];
  return (await keys.listed({ email: principal.user.email!, sort: '-createdAt', limit: MOST_KEYS })).items;
}

/** With `keyId`: that one. Throws `not_found` where it is not the caller's. */
export async function chosenItemsOf(principal: Principal, keys: KeyStore, keyId: string | undefined): Promise<Item[]> {
  const items = await ownItemsOf(principal, keys);
  if (keyId === undefined) return items;
  const chosen = items.filter(({ id }) => id === keyId);
  if (chosen.length === 0) throw new GatewayError('not_found', 'You have no key with that id.', { param: 'keyId' });
  return chosen;
}

export async function ownIdsOf(principal: Principal, keys: KeyStore, keyId?: string): Promise<string[]> {
  // Nothing needs to be read for a key to know itself.
  if (principal.kind === 'key' && (keyId === undefined || keyId === principal.key.id)) return [principal.key.id];
  return (await chosenItemsOf(principal, keys, keyId)).map((item) => keyOf(item).id);
}

/** The one key there is to show; throws where there is none, or more than one. */
export async function onlyItemOf(principal: Principal, keys: KeyStore): Promise<Item> {
  const items = await ownItemsOf(principal, keys);
  if (items.length === 1) return items[0]!;
  throw new GatewayError('not_found', items.length === 0 ? withoutKey(principal) : `You have ${items.length} keys; /me/keys lists them.`);
}

/** Why somebody who is signed in has no key, and what would help. */
export function withoutKey(principal: Principal): string {
  const { email = null, hasVerifiedEmail = false } = principal.kind === 'user' ? principal.user : {};
  if (email === null)
    return 'You are signed in, but your token tells no address, so no key is known to be yours. Use a key, or an ID token.';
  if (!hasVerifiedEmail) return 'You are signed in, but your issuer does not say that it has verified your address. Use a key.';
  return `No key carries your address ${email}. Ask an administrator for one.`;
}
