// The credentials of a request → the key that calls and pays.
import type { Context } from 'hono';
import { type Authorize, secretOf } from '../core/access/authorize.ts';
import type { Key } from '../core/access/principal.ts';
import { requireModels } from '../core/access/roles.ts';
import { sourceAddressOf } from '../core/access/source-address.ts';

export async function callerOf(c: Context, authorize: Authorize): Promise<Key> {
  const header = (name: string) => c.req.header(name);
  return requireModels(await authorize(secretOf(header), sourceAddressOf(c.env, header)));
}
