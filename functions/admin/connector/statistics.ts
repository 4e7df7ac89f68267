// GET /admin/statistics/total: five numbers over the keys there are.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { Statements } from '../../core/ledger/statements.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { formatUsd } from '../../core/platform/money.ts';
import { sumKeys } from '../count-keys.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { moneyOf } from './key-shapes.ts';

export type StatisticsDependencies = { keys: KeyStore; ledger: Ledger; statements: Statements; clock: Clock };

export function addStatistics(app: OpenAPIHono<AdminVariables>, dependencies: StatisticsDependencies): void {
  app.get('/admin/statistics/total', async (c) => {
    const sums = await sumKeys(dependencies, { isActive: () => true, monthFee: (account) => moneyOf(account).month });
    return succeed(c, {
      count_key: sums.keys,
      active_key: sums.spenders,
      active_key_this_month: sums.monthSpenders,
      // Exact sums, as the nearest JSON numbers.
      total_fee: Number(formatUsd(sums.spent)),
      total_month_fee: Number(formatUsd(sums.spentThisMonth)),
    });
  });
}
