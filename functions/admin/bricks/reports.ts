// What BricksLLM reports of keys: what one has spent, and which spent most.
import type { Hono } from 'hono';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { periodOf } from '../../core/ledger/statement.ts';
import type { Statements } from '../../core/ledger/statements.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { isFound } from '../native/page-of-list.ts';
import type { AdminVariables } from '../problem.ts';
import { lifetimeOf } from '../spent.ts';
import { fromUuid, toUuid } from './key-id.ts';
import { invalidFields } from './key-input.ts';
import { keyIdOf } from './keys.ts';
import { LONGEST_MS, type parseQuery, parseTimedQuery } from './query.ts';
import { toBricksKey, usdOf } from './shapes.ts';

export type BricksReportsDependencies = { keys: KeyStore; ledger: Ledger; statements: Statements; clock: Clock };

const PICODOLLARS_PER_MICRODOLLAR = 1_000_000n;
const PAGE = 200;
/** Keys that are compared where none are named. */
const MOST_KEYS = 1_000;

export function addBricksReports(app: Hono<AdminVariables>, dependencies: BricksReportsDependencies): void {
  const { keys, ledger, statements } = dependencies;

  app.get('/api/reporting/keys/:id', async (c) => {
    const item = await keys.read(keyIdOf(c));
    const spent = lifetimeOf(ledger.view(item));
    return c.json({ id: toUuid(String(item.id)), costInMicroDollars: Number(spent / PICODOLLARS_PER_MICRODOLLAR) });
  });

  app.post('/api/reporting/top-keys', async (c) => {
    const asked = parseTimedQuery(await c.req.json());
    const { keyIds, order, limit, offset, start, end } = asked;
    if (end - start > LONGEST_MS) throw invalidFields(['start', 'end'], 'they lie more than 400 days apart');
    const days = { from: periodOf(start, 'day'), to: periodOf(end, 'day'), grain: 'day' as const };
    const found = keyIds ? await costsOf(statements, days, keyIds) : await costsOfAll(statements, days);
    const asIsAsked = await ofKeys(dependencies, found, asked);
    asIsAsked.sort((a, b) => (a.cost === b.cost ? 0 : a.cost > b.cost === (order === 'desc') ? -1 : 1));
    const dataPoints = asIsAsked.slice(offset, offset + limit).map(({ keyId, cost }) => ({ keyId: toUuid(keyId), costInUsd: usdOf(cost) }));
    return c.json({ dataPoints });
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

/** Those whose keys are as they were asked for; a key that is gone is as nobody asks. */
async function ofKeys(
  { keys, ledger, clock }: BricksReportsDependencies,
  found: KeyCost[],
  { tags, name, revoked }: ReturnType<typeof parseQuery>,
): Promise<KeyCost[]> {
  if (tags === undefined && name === undefined && revoked === undefined) return found;
  const items = new Map((await keys.readMany(found.map(({ keyId }) => keyId))).map((item) => [String(item.id), item]));
  return found.filter(({ keyId }) => {
    const item = items.get(keyId);
    if (!item) return false;
    const key = toBricksKey(item, ledger.view(item), clock());
    const hasName = name === undefined || isFound(name, [key.name]);
    return hasName && (revoked === undefined || key.revoked === revoked) && (tags ?? []).every((tag) => key.tags.includes(tag));
  });
}
