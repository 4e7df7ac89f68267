// Which key a client means: by its number, or by its secret, which is hashed and forgotten.
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Numbers } from '../../core/access/numbers.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { type Fields, lineIn, missing, wholeIn } from './fields.ts';

type Keys = { keys: KeyStore; numbers: Numbers };

/** `undefined` where no key has that number. */
export async function findKey({ keys, numbers }: Keys, number: number): Promise<Item | undefined> {
  const id = await numbers.idOf('key', number);
  return id === undefined ? undefined : keys.find(id);
}

/** By `id` or `api_key`; the number counts where both are there. */
export async function readNamedKey({ keys, numbers }: Keys, fields: Fields): Promise<Item> {
  const number = wholeIn(fields, 'id');
  const secret = lineIn(fields, 'api_key', 256);
  if (!number && secret === undefined) return missing('api_key or id is required');
  const id = number ? await numbers.idOf('key', number) : (await keys.findBySecret(secret!))?.id;
  const item = id === undefined ? undefined : await keys.find(id);
  if (!item) throw new GatewayError('not_found', 'api_key or id is invalid');
  return item;
}

/** By `id` alone. */
export async function readNumberedKey(dependencies: Keys, fields: Fields, name = 'id'): Promise<Item> {
  const number = wholeIn(fields, name) || missing(`${name} is required`);
  const item = await findKey(dependencies, number);
  if (!item) throw new GatewayError('not_found', `${name} is invalid`);
  return item;
}
