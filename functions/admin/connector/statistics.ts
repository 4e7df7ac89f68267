// GET /admin/statistics/total: five numbers over the keys there are, from their accounts.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Numbers } from '../../core/access/numbers.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { formatUsd } from '../../core/platform/money.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { moneyOf } from './key-shapes.ts';
import { MOST_KEYS } from './roster.ts';

export function addStatistics(app: OpenAPIHono<AdminVariables>, { numbers, ledger }: { numbers: Numbers; ledger: Ledger }): void {
  app.get('/admin/statistics/total', async (c) => {
    const accounts = (await numbers.readMany(await numbers.newestIds('key', MOST_KEYS))).map((item) => ledger.view(item));
    const monies = accounts.map(moneyOf);
    return succeed(c, {
      count_key: accounts.length,
      active_key: monies.filter(({ total }) => total > 0n).length,
      active_key_this_month: accounts.filter(({ current }) => current.spent > 0n).length,
      total_fee: numberOf(monies.map(({ total }) => total)),
      total_month_fee: numberOf(monies.map(({ month }) => month)),
    });
  });
}

/** The exact sum, as the nearest JSON number. */
function numberOf(amounts: bigint[]): number {
  return Number(formatUsd(amounts.reduce((sum, amount) => sum + amount, 0n)));
}
