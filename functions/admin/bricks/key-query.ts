// POST /api/v2/key-management/keys: the later list of keys, with filters and pages by offset.
import type { Hono } from 'hono';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Item } from '../../core/store/client.ts';
import { isFound } from '../native/page-of-list.ts';
import type { AdminVariables } from '../problem.ts';
import { findKeys, walkKeys } from '../walk-keys.ts';
import { fromUuid } from './key-id.ts';
import { parseQuery } from './query.ts';
import type { toBricksKey } from './shapes.ts';

type View = ReturnType<typeof toBricksKey>;

export function addKeyQuery(app: Hono<AdminVariables>, { keys, viewOf }: { keys: KeyStore; viewOf: (item: Item) => View }): void {
  app.post('/api/v2/key-management/keys', async (c) => {
    const { keyIds, tags, name, revoked, limit, offset, order, returnCount } = parseQuery(await c.req.json());
    const isAsked = (view: View) =>
      (tags ?? []).every((tag) => view.tags.includes(tag)) &&
      isFound(name, [view.name]) &&
      (revoked === undefined || view.revoked === revoked);
    const found: View[] = [];
    const all = keyIds
      ? await findKeys(
          keys,
          keyIds.flatMap((id) => fromUuid(id) ?? []),
        )
      : walkKeys(keys);
    const isEnough = () => !returnCount && order !== 'asc' && found.length >= offset + limit;
    for await (const item of all) {
      const view = viewOf(item);
      if (isAsked(view)) found.push(view);
      if (isEnough()) break;
    }
    if (order === 'asc') found.reverse();
    return c.json({ keys: found.slice(offset, offset + limit), count: returnCount ? found.length : 0 });
  });
}
