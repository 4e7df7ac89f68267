// /api/events and its later list: the entries of the journal as events; and who and what they are of.
import type { Context, Hono } from 'hono';
import type { Entry } from '../../core/ledger/journal.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { AdminVariables } from '../problem.ts';
import { statusOf, toEvent } from './event.ts';
import { type EventsDependencies, findEvents, MOST_ENTRIES, MOST_SEARCHED } from './find-events.ts';
import { fromUuid, toUuid } from './key-id.ts';
import { invalidFields } from './key-input.ts';
import { momentOf, parseTimedQuery, requireFew } from './query.ts';

/** How far back a question without times looks: entries are kept for longer. */
const USUALLY_MS = 31 * 86_400_000;
/** All calls here were allowed: no policy looks at what is said. */
const ALLOWED = 'allowed';

export function addBricksEvents(app: Hono<AdminVariables>, dependencies: EventsDependencies): void {
  const { clock } = dependencies;

  app.get('/api/events', async (c) => {
    const [customId, userId] = [c.req.query('customId') || undefined, c.req.query('userId') || undefined];
    const keyIds = listIn(c, 'keyIds');
    if (!customId && !userId && !keyIds) {
      throw new GatewayError('missing_required_parameter', 'one of the filters customId, userId and keyIds is needed', {
        param: 'filters',
      });
    }
    const [start, end] = [secondsIn(c, 'start'), secondsIn(c, 'end')];
    if (keyIds && !customId && (start === undefined || end === undefined)) {
      throw new GatewayError('missing_required_parameter', 'start and end are required: unix seconds', { param: 'start' });
    }
    const of = { keyIds, ...(userId !== undefined && { userIds: [userId] }), ...(customId !== undefined && { customIds: [customId] }) };
    // An id of the client's own is looked for in all there is.
    const since = customId === undefined ? clock() - USUALLY_MS : 0;
    requireFew('keyIds', keyIds);
    const most = keyIds || customId !== undefined ? MOST_ENTRIES : MOST_SEARCHED;
    const { entries } = await findEvents(dependencies, { ...of, start: start ?? since, end: end ?? clock(), most });
    return c.json(entries.map(toEvent));
  });

  app.post('/api/v2/events', async (c) => {
    const asked = parseTimedQuery(await c.req.json());
    const { keyIds, userIds, customIds, tags, actions, policyIds, status, limit, offset, returnCount, costOrder, start, end } = asked;
    if (offset + limit > MOST_ENTRIES) throw invalidFields(['offset'], `offset and limit are more than ${MOST_ENTRIES}; ask for less time`);
    if (asked.requestContent || asked.responseContent) {
      throw invalidFields(['requestContent', 'responseContent'], 'events here are without texts; threads have them');
    }
    const isPlain = !returnCount && !costOrder && asked.dateOrder !== 'asc' && !tags && !userIds && status === undefined;
    const most = isPlain ? offset + limit : Math.max(MOST_SEARCHED, offset + limit);
    const isNone = policyIds !== undefined || (actions !== undefined && !actions.includes(ALLOWED));
    const entries = isNone ? [] : (await findEvents(dependencies, { start, end, keyIds, userIds, customIds, tags, most })).entries;
    const found = status === undefined ? entries : entries.filter((entry) => statusOf(entry) === status);
    if (asked.dateOrder === 'asc') found.reverse();
    if (costOrder) found.sort(byCost(costOrder));
    return c.json({ events: found.slice(offset, offset + limit).map(toEvent), count: returnCount ? found.length : 0 });
  });

  const distinct = (path: string, read: (entry: Entry) => string | undefined) =>
    app.get(path, async (c) => {
      const keyId = c.req.query('keyId');
      if (!keyId) throw new GatewayError('missing_required_parameter', 'the query parameter keyId is missing', { param: 'keyId' });
      const id = fromUuid(keyId);
      const { entries } = await findEvents(dependencies, { keyIds: id ? [id] : [], start: 0, end: clock(), most: MOST_SEARCHED });
      return c.json([...new Set(entries.flatMap((entry) => read(entry) ?? []))]);
    });
  distinct('/api/reporting/user-ids', ({ userId }) => (userId === null ? undefined : toUuid(userId)));
  distinct('/api/reporting/custom-ids', ({ labels }) => labels?.customId);
}

function byCost(order: 'asc' | 'desc') {
  return (a: Entry, b: Entry) => (a.cost === b.cost ? 0 : a.cost > b.cost === (order === 'desc') ? -1 : 1);
}

function listIn(c: Context, name: string): string[] | undefined {
  const ids = (c.req.queries(name) ?? []).flatMap((id) => id.split(',')).filter((id) => id !== '');
  return ids.length > 0 ? ids : undefined;
}

function secondsIn(c: Context, name: string): number | undefined {
  const given = c.req.query(name);
  if (!given) return undefined;
  if (!/^\d{1,11}$/.test(given)) throw invalidFields([name], 'it must be unix seconds');
  return momentOf(Number(given));
}
