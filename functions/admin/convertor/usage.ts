// What keys of the convertor have used, from the statements: in all, and in the last 30 days by model.
import { type Measures, periodOf } from '../../core/ledger/statement.ts';
import type { Question, Statements } from '../../core/ledger/statements.ts';
import { totalsOf } from './totals.ts';

const DAY_MS = 86_400_000;
const PERIOD_DAYS = 30;
const MOST_MODELS = 1_000;

/** Everything of a key, or of all keys: one partition for each year. */
export async function measuresSince(statements: Statements, since: number, now: number, of?: Question['of']): Promise<Measures> {
  const question = { from: periodOf(since, 'month'), to: periodOf(now, 'month'), grain: 'month', of } as const;
  return (await statements.query(question, 1)).series[0]!.total;
}

export async function recentOf(statements: Statements, keyId: string, now: number) {
  const of = { subject: 'key', value: keyId } as const;
  const days = { from: periodOf(now - (PERIOD_DAYS - 1) * DAY_MS, 'day'), to: periodOf(now, 'day'), grain: 'day', of } as const;
  const [whole, byModel] = await Promise.all([statements.query(days, 1), statements.query({ ...days, groupBy: 'model' }, MOST_MODELS)]);
  const total = whole.series[0]!.total;
  const models = byModel.series.map(({ group, total: one }) => {
    const { total_input_tokens: input_tokens, total_output_tokens: output_tokens, total_requests: requests } = totalsOf(one);
    return [group, { requests, input_tokens, output_tokens }] as const;
  });
  return {
    ...totalsOf(total),
    successful_requests: Number(total.requests - total.errors),
    failed_requests: Number(total.errors),
    model_usage: Object.fromEntries(models),
    period_days: PERIOD_DAYS,
  };
}
