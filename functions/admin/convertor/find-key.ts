// The key that a path of the convertor means: by its id, as lists show it, or by its secret, as it was shown when it was made.
import type { KeyStore } from '../../core/access/key-store.ts';
import { isPlausibleSecret } from '../../core/access/secret.ts';
import { GatewayError } from '../../core/platform/errors.ts';

const KEY_ID = /^key_[0-9A-Za-z]{22}$/;

export async function findKeyId(keys: KeyStore, named: string): Promise<string> {
  const id = KEY_ID.test(named) ? (await keys.find(named))?.id : isPlausibleSecret(named) && (await keys.findBySecret(named))?.id;
  if (!id) throw new GatewayError('not_found', 'API key not found');
  return String(id);
}
