// `outcrop usage`: statements of what was spent. Sums are the gateway's; nothing is added up here.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Gateway, Query } from '../gateway/client.ts';
import type { Report } from '../terminal/report.ts';
import type { Column } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf } from './account-list.ts';
import { usd } from './account-view.ts';
import { findId } from './find-account.ts';

type Measures = {
  requests: number;
  errors: number;
  cost: string;
  tokens: { input: number; output: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };
  latencyMs: { p50: number | null; p95: number | null };
};
export type Series = { group: string | null; name: string | null; total: Measures; periods: (Measures & { period: string })[] };
type Forecast = { month: string; monthToDate: string; forecast: string };
type Options = {
  from?: string;
  to?: string;
  by?: string;
  group?: string;
  key?: string;
  user?: string;
  inGroup?: string;
  tag?: string;
  model?: string;
  csv?: boolean;
  limit?: string;
  all?: boolean;
};
type Row = Measures & { label: string };

const PERIODS = ['hour', 'day', 'month'];
const GROUPINGS = ['model', 'key', 'user', 'group', 'tag'];
const STATEMENTS = '/admin/v1/statements';

export function addUsage(program: Command, terminal: Terminal): void {
  const usage = addAction<Options>(
    program,
    terminal,
    {
      name: 'usage',
      summary: 'Spend, requests and tokens by time, model, key …',
      more: 'Of this month by days, unless told otherwise. Times are UTC. Statements follow the journal within some seconds.',
      examples: [
        'usage',
        'usage --group model,key --from 2026-11-01 --to 2026-11-30',
        'usage --key "Search team" --by hour --from 2026-11-20',
        'usage --group key --csv > usage.csv',
      ],
    },
    showUsage,
  );
  usage
    .option('--from <time>', 'a date or date-time; the first of the month unless given')
    .option('--to <time>', 'a date (all of that day) or date-time; now unless given')
    .addOption(usage.createOption('--by <period>', 'how long a line is (day)').choices(PERIODS))
    .option('--group <what,…>', `one line for each ${GROUPINGS.join(', ')}; of several, one table each`)
    .option('--key <key>', 'only this key')
    .option('--user <user>', 'only this user')
    .option('--in-group <group>', 'only this group')
    .option('--tag <tag>', 'only calls of keys with this tag')
    .option('--model <name>', 'only this model')
    .option('--csv', 'as CSV, one line for each group and period');
  addLimitOptions(usage, 'lines of a table');
}

async function showUsage(run: Run<Options>): Promise<void> {
  const { options, report } = run;
  const groupings = options.group?.split(',').map((text) => text.trim()) ?? [];
  const wrong = groupings.find((grouping) => !GROUPINGS.includes(grouping));
  if (wrong !== undefined) throw usageError(`--group must be of ${GROUPINGS.join(', ')}; "${wrong}" was given.`);
  const limit = limitOf(options);
  const gateway = run.gateway();
  const query = await queryOf(gateway, report, options);
  if (options.csv) {
    if (groupings.length > 1) throw usageError('CSV holds one grouping; run it once for each.');
    const csv = await gateway.text(`${STATEMENTS}.csv`, { ...query, groupBy: groupings[0] });
    return report.answer({ csv }, () => csv);
  }
  const whole = (await gateway.list<Series>(STATEMENTS, query, 1)).items[0] ?? null;
  const groups: { by: string; items: Series[]; hasMore: boolean }[] = [];
  for (const by of groupings) groups.push({ by, ...(await gateway.list<Series>(STATEMENTS, { ...query, groupBy: by }, limit)) });
  const { keyId, userId, groupId, tag } = query;
  const forecast =
    options.from || options.to || options.model
      ? null
      : await gateway.ask<Forecast>('GET', `${STATEMENTS}/forecast`, { query: { keyId, userId, groupId, tag } });
  report.answer({ total: whole?.total ?? null, periods: whole?.periods ?? [], groups, forecast }, () =>
    textOf(report, whole, groups, forecast, limit),
  );
}

async function queryOf(gateway: Gateway, report: Report, { from, to, by, key, user, inGroup, tag, model }: Options): Promise<Query> {
  return {
    ...{ from, to, granularity: by, tag, model },
    keyId: key && (await findId(gateway, report, 'key', key)),
    userId: user && (await findId(gateway, report, 'user', user)),
    groupId: inGroup && (await findId(gateway, report, 'group', inGroup)),
  };
}

function textOf(
  report: Report,
  whole: Series | null,
  groups: { by: string; items: Series[]; hasMore: boolean }[],
  forecast: Forecast | null,
  limit: number,
): string {
  if (!whole || whole.total.requests === 0) return 'Nothing was used in that time.\n';
  const total = { ...whole.total, label: 'Total' };
  const parts = groups.map(({ by, items, hasMore }) => {
    if (items.length === 0) return `Nothing was used by any ${by}.\n`;
    const rows = items.map(({ group, name, total: measures }) => ({ ...measures, label: name ?? group ?? '–' }));
    return (
      report.table(hasMore ? rows : [...rows, ...(by === 'tag' ? [] : [total])], columnsOf(by[0]!.toUpperCase() + by.slice(1))) +
      (hasMore ? '… more with --limit or --all\n' : '')
    );
  });
  if (groups.length === 0) {
    const rows = whole.periods.map((period) => ({ ...period, label: period.period }));
    const shown = rows.slice(-Math.min(limit, rows.length));
    parts.push(report.table([...shown, total], columnsOf('Time (UTC)')));
  }
  if (forecast) parts.push(`${forecast.month}: ${usd(forecast.monthToDate)} so far, ${usd(forecast.forecast)} at this pace.\n`);
  return parts.join('\n');
}

export function columnsOf(first: string): Column<Row>[] {
  const count = (title: string, of: (row: Row) => number | null, rank: number): Column<Row> => ({
    title,
    text: (row) => of(row)?.toLocaleString('en-US') ?? '–',
    align: 'right',
    rank,
  });
  return [
    { title: first, text: ({ label }) => label, least: 10 },
    count('Requests', ({ requests }) => requests, 1),
    count('Errors', ({ errors }) => errors, 4),
    count('Input', ({ tokens }) => tokens.input, 2),
    count('Output', ({ tokens }) => tokens.output, 2),
    count('Cache read', ({ tokens }) => tokens.cacheRead, 6),
    count('p50 ms', ({ latencyMs }) => latencyMs.p50, 5),
    count('p95 ms', ({ latencyMs }) => latencyMs.p95, 7),
    { title: 'Cost (USD)', text: ({ cost }) => cost, align: 'right' },
  ];
}
