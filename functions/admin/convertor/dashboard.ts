// /api/dashboard/stats: the whole gateway in a few numbers.
import type { Hono } from 'hono';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import { everything, sumKeys } from '../count-keys.ts';
import type { AdminVariables } from '../problem.ts';
import type { ConvertorKeysDependencies } from './keys.ts';
import { DEFAULT_RATE_LIMIT } from './rate-limit.ts';
import { numberOf, toConvertorKey } from './shapes.ts';
import { totalsOf } from './totals.ts';

export type DashboardDependencies = ConvertorKeysDependencies & { catalog: LiveCatalog };

export function addDashboard(app: Hono<AdminVariables>, dependencies: DashboardDependencies): void {
  const { clock, statements, catalog } = dependencies;
  app.get('/api/dashboard/stats', async (c) => {
    const [sums, used] = await Promise.all([
      sumKeys(dependencies, {
        isActive: (item, account) => toConvertorKey(item, { account, now: clock(), rateLimit: DEFAULT_RATE_LIMIT }).is_active,
        monthFee: ({ current }) => current.spent,
      }),
      everything(statements, clock),
    ]);
    await catalog.refresh();
    const models = catalog.listed();
    const enabled = models.filter(({ isEnabled }) => isEnabled);
    return c.json({
      total_api_keys: sums.keys,
      active_api_keys: sums.active,
      revoked_api_keys: sums.keys - sums.active,
      total_budget: numberOf(sums.budget),
      total_budget_used: numberOf(sums.spent),
      total_models: models.length,
      active_models: enabled.length,
      system_status: 'operational',
      new_keys_this_week: sums.madeThisWeek,
      models_without_pricing: enabled.filter(({ price }) => price === null).map(({ model }) => model.name),
      ...totalsOf(used),
    });
  });
}
