// GET /user/api-key/mine: the caller's own key, which every console of the older systems asks for to sign in.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { ownKeyOf } from '../me/own-key.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { type KeysDependencies, toKeyRows } from './keys.ts';

export function addOwnKey(app: OpenAPIHono<AdminVariables>, dependencies: KeysDependencies): void {
  app.get('/user/api-key/mine', async (c) => {
    const item = await dependencies.keys.read(ownKeyOf(c.get('principal')).id);
    return succeed(c, (await toKeyRows(dependencies, [item]))[0]);
  });
}
