// /api/dashboard/stats: the whole gateway in a few numbers.
import type { Hono } from 'hono';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { AdminVariables } from '../problem.ts';
import { lifetimeOf } from '../spent.ts';
import { walkKeys } from '../walk-keys.ts';
import type { ConvertorKeysDependencies } from './keys.ts';
import { DEFAULT_RATE_LIMIT } from './rate-limit.ts';
import { numberOf, toConvertorKey } from './shapes.ts';
import { totalsOf } from './totals.ts';
import { measuresSince } from './usage.ts';

export type DashboardDependencies = ConvertorKeysDependencies & { catalog: LiveCatalog };

const WEEK_MS = 7 * 86_400_000;

export function addDashboard(app: Hono<AdminVariables>, { keys, ledger, clock, statements, catalog }: DashboardDependencies): void {
  app.get('/api/dashboard/stats', async (c) => {
    const now = clock();
    const count = { all: 0, active: 0, young: 0, budget: 0n, used: 0n, oldest: now };
    for await (const item of walkKeys(keys)) {
      const account = ledger.view(item);
      const createdAt = Number(item.createdAt);
      count.all += 1;
      count.active += toConvertorKey(item, { account, now, rateLimit: DEFAULT_RATE_LIMIT }).is_active ? 1 : 0;
      count.young += createdAt > now - WEEK_MS ? 1 : 0;
      count.budget += account.limits.monthlyBudget ?? 0n;
      count.used += lifetimeOf(account);
      count.oldest = Math.min(count.oldest, createdAt);
    }
    await catalog.refresh();
    const models = catalog.listed();
    const enabled = models.filter(({ isEnabled }) => isEnabled);
    return c.json({
      total_api_keys: count.all,
      active_api_keys: count.active,
      revoked_api_keys: count.all - count.active,
      total_budget: numberOf(count.budget),
      total_budget_used: numberOf(count.used),
      total_models: models.length,
      active_models: enabled.length,
      system_status: 'operational',
      new_keys_this_week: count.young,
      models_without_pricing: enabled.filter(({ price }) => price === null).map(({ model }) => model.name),
      ...totalsOf(await measuresSince(statements, count.oldest, now)),
    });
  });
}
