// POST /api/v2/key-management/keys: the later list of keys, with filters and pages by offset. With a filter it is of as many keys as one page
// may look at.
import type { Hono } from 'hono';
import type { KeyStore } from '../../core/access/key-store.ts';
import { MOST_NARROWED } from '../../core/access/narrow-keys.ts';
import type { Item } from '../../core/store/client.ts';
import { countKeys } from '../count-keys.ts';
import { isFound } from '../native/page-of-list.ts';
import type { AdminVariables } from '../problem.ts';
import { fromUuid } from './key-id.ts';
import { invalidFields } from './key-input.ts';
import { parseQuery } from './query.ts';
import type { toBricksKey } from './shapes.ts';

/** As far as one can page: what is passed over is read. */
const FARTHEST_OFFSET = 100_000;

type View = ReturnType<typeof toBricksKey>;

export function addKeyQuery(app: Hono<AdminVariables>, { keys, viewOf }: { keys: KeyStore; viewOf: (item: Item) => View }): void {
  app.post('/api/v2/key-management/keys', async (c) => {
    const { keyIds, tags, name, revoked, limit, offset, order, returnCount } = parseQuery(await c.req.json());
    const isAsked = (view: View) =>
      (tags ?? []).every((tag) => view.tags.includes(tag)) &&
      isFound(name, [view.name]) &&
      (revoked === undefined || view.revoked === revoked);
    const isNewestFirst = order !== 'asc';
    const page = (ids: string[]) => ids.slice(offset, offset + limit);
    if (!keyIds && !tags && !name && revoked === undefined) {
      if (offset > FARTHEST_OFFSET) throw invalidFields(['offset'], `it is more than ${FARTHEST_OFFSET}`);
      const asked = Math.max(offset + limit, MOST_NARROWED) + 1;
      const ids = await keys.idsInOrder(asked, isNewestFirst);
      const count = returnCount ? await countKeys(keys, { asked, came: ids.length }) : 0;
      return c.json({ keys: (await keys.readMany(page(ids))).map(viewOf), count });
    }
    const word = (name ?? '').split(/\s+/).reduce((one, other) => (other.length > one.length ? other : one), '');
    const wanted = { tag: tags?.[0], ...(word !== '' && { search: { text: word, in: ['name'] as const } }) };
    const ids = keyIds ? keyIds.flatMap((id) => fromUuid(id) ?? []) : (await keys.narrowed(wanted)).ids;
    const found = (await keys.readMany([...new Set(ids)])).map(viewOf).filter(isAsked);
    if (!isNewestFirst) found.reverse();
    return c.json({ keys: found.slice(offset, offset + limit), count: returnCount ? found.length : 0 });
  });
}
