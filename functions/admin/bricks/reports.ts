// What BricksLLM reports: what a key has spent, which keys spent most, and the events, which here are the entries of the journal.
import type { Hono } from 'hono';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Entry, Journal } from '../../core/ledger/journal.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { periodOf } from '../../core/ledger/statement.ts';
import type { Statements } from '../../core/ledger/statements.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { AdminVariables } from '../problem.ts';
import { lifetimeOf } from '../spent.ts';
import { toEvent } from './event.ts';
import { fromUuid, toUuid } from './key-id.ts';
import { invalidFields } from './key-input.ts';
import { keyIdOf } from './keys.ts';
import { parseQuery } from './query.ts';
import { usdOf } from './shapes.ts';

export type BricksReportsDependencies = { keys: KeyStore; ledger: Ledger; journal: Journal; statements: Statements };

const PICODOLLARS_PER_MICRODOLLAR = 1_000_000n;
const PAGE = 200;
/** Keys that are compared where none are named. */
const MOST_KEYS = 1_000;
const MOST_ENTRIES = 10_000;
/** Entries that are looked at for those with a tag, and that are counted. */
const MOST_SEARCHED = 1_000;
const LONGEST_MS = 400 * 86_400_000;

export function addBricksReports(app: Hono<AdminVariables>, dependencies: BricksReportsDependencies): void {
  const { keys, ledger, journal, statements } = dependencies;

  app.get('/api/reporting/keys/:id', async (c) => {
    const item = await keys.read(keyIdOf(c));
    const spent = lifetimeOf(ledger.view(item));
    return c.json({ id: toUuid(String(item.id)), costInMicroDollars: Number(spent / PICODOLLARS_PER_MICRODOLLAR) });
  });

  app.post('/api/reporting/top-keys', async (c) => {
    const { keyIds, tags, start, end, order, limit, offset } = parseQuery(await c.req.json());
    if (start === undefined || end === undefined || end < start) throw invalidFields(['start', 'end'], 'both are required: unix seconds');
    if (end - start > LONGEST_MS) throw invalidFields(['start', 'end'], 'they lie more than 400 days apart');
    const days = { from: periodOf(start, 'day'), to: periodOf(end, 'day'), grain: 'day' as const };
    const found = keyIds ? await costsOf(statements, days, keyIds) : await costsOfAll(statements, days);
    const tagged = tags ? await withTags(keys, found, tags) : found;
    tagged.sort((a, b) => (a.cost === b.cost ? 0 : a.cost > b.cost === (order === 'desc') ? -1 : 1));
    const dataPoints = tagged.slice(offset, offset + limit).map(({ keyId, cost }) => ({ keyId: toUuid(keyId), costInUsd: usdOf(cost) }));
    return c.json({ dataPoints });
  });

  app.get('/api/events', async (c) => {
    const kept = c.req.query('customId') ?? c.req.query('userId');
    if (kept !== undefined) throw invalidFields(['customId', 'userId'], 'events here are known by their keys');
    const keyIds = (c.req.queries('keyIds') ?? []).flatMap((id) => id.split(','));
    if (keyIds.length === 0) throw new GatewayError('missing_required_parameter', 'the filter keyIds is missing', { param: 'filters' });
    const [start, end] = [c.req.query('start'), c.req.query('end')].map((given) =>
      given && /^\d{1,11}$/.test(given) ? Number(given) * 1000 : undefined,
    );
    if (start === undefined || end === undefined) {
      throw new GatewayError('missing_required_parameter', 'start and end are required: unix seconds', { param: 'start' });
    }
    return c.json((await entriesOf(journal, { keyIds, start, end, most: MOST_ENTRIES })).map(toEvent));
  });

  app.post('/api/v2/events', async (c) => {
    const { keyIds, tags, start, end, limit, offset, returnCount } = parseQuery(await c.req.json());
    if (start === undefined || end === undefined) throw invalidFields(['start', 'end'], 'both are required: unix seconds');
    const hasAll = (entry: Entry) => (tags ?? []).every((tag) => entry.tags?.includes(tag));
    const most = tags || returnCount ? MOST_SEARCHED : Math.min(MOST_ENTRIES, offset + limit);
    const found = (await entriesOf(journal, { keyIds, start, end, most })).filter(hasAll);
    return c.json({ events: found.slice(offset, offset + limit).map(toEvent), count: returnCount ? found.length : 0 });
  });
}

type Days = { from: string; to: string; grain: 'day' };
type KeyCost = { keyId: string; cost: bigint };

async function costsOf(statements: Statements, days: Days, keyIds: string[]): Promise<KeyCost[]> {
  const ids = [...new Set(keyIds.flatMap((id) => fromUuid(id) ?? []))];
  const found = await Promise.all(
    ids.map(async (keyId) => {
      const { periods, total } = (await statements.query({ ...days, of: { subject: 'key', value: keyId } }, 1)).series[0]!;
      return periods.length > 0 ? [{ keyId, cost: total.cost }] : [];
    }),
  );
  return found.flat();
}

async function costsOfAll(statements: Statements, days: Days): Promise<KeyCost[]> {
  const found: KeyCost[] = [];
  let after: string | undefined;
  do {
    const page = await statements.query({ ...days, groupBy: 'key' }, PAGE, after);
    for (const { group, total } of page.series) found.push({ keyId: group!, cost: total.cost });
    after = page.next;
  } while (after !== undefined && found.length < MOST_KEYS);
  return found;
}

type Asked = { keyIds: string[] | undefined; start: number; end: number; most: number };

/** Newest first, at most so many; `end` included, as there. */
async function entriesOf(journal: Journal, { keyIds, start, end, most }: Asked): Promise<Entry[]> {
  if (!keyIds) return (await journal.ofAll(start, end + 1000, most)).entries;
  const ids = [...new Set(keyIds.flatMap((id) => fromUuid(id) ?? []))];
  const found = await Promise.all(ids.map(async (id) => (await journal.ofAccount(id, start, end + 1000, most)).entries));
  return found
    .flat()
    .toSorted((a, b) => (a.requestId < b.requestId ? 1 : -1))
    .slice(0, most);
}

async function withTags(keys: KeyStore, found: KeyCost[], tags: string[]): Promise<KeyCost[]> {
  const items = new Map((await keys.readMany(found.map(({ keyId }) => keyId))).map((item) => [String(item.id), item]));
  return found.filter(({ keyId }) => tags.every((tag) => ((items.get(keyId)?.tags ?? []) as string[]).includes(tag)));
}
