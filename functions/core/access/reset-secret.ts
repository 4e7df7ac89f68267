// Another secret for a key, at once. Law: the new one works before the old one ends, and the old one has ended when this answers.
import type { Item, Store } from '../store/client.ts';
import { secretKey } from '../store/keys.ts';
import type { KeyStore } from './key-store.ts';
import { hashSecret, hintOf } from './secret.ts';

export type ResetSecret = ReturnType<typeof createResetSecret>;

export function createResetSecret({ store, keys }: { store: Store; keys: KeyStore }) {
  return async (id: string, secret: string): Promise<Item> => {
    const secretHash = hashSecret(secret);
    await store.putNew(secretKey(secretHash), { id });
    let ended = '';
    const item = await keys.change(id, {}, (before) => {
      ended = String(before.secretHash);
      return { secretHash, secretHint: hintOf(secret) };
    });
    await store.remove(secretKey(ended));
    return item;
  };
}
