// The credentials of a request → the key that calls and pays.
import type { Context } from 'hono';
import { type Authorize, secretOf } from '../core/access/authorize.ts';
import type { Key } from '../core/access/principal.ts';
import { requireModels } from '../core/access/roles.ts';
import { sourceAddressOf } from '../core/access/source-address.ts';

const callers = new WeakMap<Request, Promise<Key>>();

/** Found out once for each request, however many ask. */
export function callerOf(c: Context, authorize: Authorize): Promise<Key> {
  const known = callers.get(c.req.raw);
  if (known) return known;
  const caller = findCaller(c, authorize);
  callers.set(c.req.raw, caller);
  return caller;
}

async function findCaller(c: Context, authorize: Authorize): Promise<Key> {
  const header = (name: string) => c.req.header(name);
  // Clients of Azure and of BricksLLM know it as `api-key`; where others are given as well, those count, as they do without it.
  const secret = secretOf(header) ?? (header('api-key')?.trim() || undefined);
  return requireModels(await authorize(secret, sourceAddressOf(c.env, header)));
}
