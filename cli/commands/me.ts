// `outcrop whoami` and `outcrop me`: what belongs to the key, or the person, that is signed in.
import type { Command } from 'commander';
import { addAction } from '../action.ts';
import type { Report } from '../terminal/report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf, moreOf } from './account-list.ts';
import { ACCOUNT_COLUMNS, type Account, usd } from './account-view.ts';
import { addSessions, addThreads } from './conversations.ts';
import { addRotateOptions, type RotateOptions, rotateAt } from './rotate.ts';
import { columnsOf, type Series } from './usage.ts';

type Limit = {
  of: string;
  name: string;
  kind: string;
  unit: string;
  limit: string | number | null;
  used: string | number | null;
  left: string | number | null;
  per: string | null;
  resetsAt: string | null;
};
type OwnKey = {
  id: string;
  name: string;
  secretHint: string;
  spent: { month: string };
  remaining: string | null;
  revoked: boolean;
  revokedReason: string | null;
  limits: Limit[];
};
type Overview = {
  principal: { kind: string; role: string; id: string | null; name: string | null; email: string | null; expiresAt: string | null };
  keys: OwnKey[];
  hint: string | null;
};
type UsageOptions = { key?: string; from?: string; to?: string; by?: string; group?: string; model?: string };
type OwnModel = { name: string; aliases: string[]; kind: string; contextTokens: number; maxOutputTokens: number };

export function addWhoami(program: Command, terminal: Terminal): void {
  addAction(
    program,
    terminal,
    { name: 'whoami', summary: 'Who I am there, my keys, and what is left of each limit', more: 'For any key, and for who is signed in.' },
    async ({ report, gateway }) => {
      const overview = await gateway().ask<Overview>('GET', '/me');
      report.answer(overview, () => textOf(report, overview));
    },
  );
}

export function addMe(program: Command, terminal: Terminal): void {
  const me = program
    .command('me')
    .summary('My own keys, limits, usage, models and conversations')
    .description('What belongs to the key, or to the person, that is signed in. It needs no administrator.');
  addAction(me, terminal, { name: 'keys', summary: 'My keys' }, async ({ report, gateway }) => {
    const { items } = await gateway().ask<{ items: Account[] }>('GET', '/me/keys');
    report.answer({ items, hasMore: false }, () => (items.length === 0 ? 'No keys of your own.\n' : report.table(items, ACCOUNT_COLUMNS)));
  });
  addAction<{ key?: string }>(
    me,
    terminal,
    { name: 'limits', summary: 'Each limit, what is left of it, and when it resets' },
    async ({ options, report, gateway }) => {
      const asked = { query: { keyId: options.key } };
      const { items } = await gateway().ask<{ items: (Pick<OwnKey, 'name' | 'remaining' | 'limits'> & { keyId: string })[] }>(
        'GET',
        '/me/limits',
        asked,
      );
      report.answer({ items, hasMore: false }, () =>
        items.length === 0
          ? 'No keys of your own.\n'
          : items.map(({ keyId, name, remaining, limits }) => `${headOf(name, keyId, remaining)}${limitTable(report, limits)}`).join('\n'),
      );
    },
  ).option('--key <id>', 'only of this key of mine');
  addUsage(me, terminal);
  addModels(me, terminal);
  addRotateOptions(
    addAction<RotateOptions>(
      me,
      terminal,
      {
        name: 'rotate <key>',
        summary: 'Give a key of mine another secret; for people who are signed in',
        examples: ['me rotate key_0Q2yYd7RkWcXn4uTfJb1Zs --grace 1h'],
      },
      (run, id) => rotateAt(run, `/me/keys/${encodeURIComponent(id!)}`),
    ),
  );
  addSessions(me, terminal, '/me');
  addThreads(me, terminal, '/me');
}

function addUsage(me: Command, terminal: Terminal): void {
  const usage = addAction<UsageOptions>(
    me,
    terminal,
    { name: 'usage', summary: 'What I spent', examples: ['me usage', 'me usage --group model --from 2026-11-01'] },
    async ({ options, report, gateway }) => {
      const { key: keyId, from, to, by: granularity, group: groupBy, model } = options;
      const { items } = await gateway().ask<{ items: Series[] }>('GET', '/me/usage', {
        query: { keyId, from, to, granularity, groupBy, model },
      });
      report.answer({ items, hasMore: false }, () => {
        if (items.every(({ total }) => total.requests === 0)) return 'Nothing was used in that time.\n';
        if (groupBy !== undefined) {
          const rows = items.map(({ group, name, total }) => ({ ...total, label: name ?? group ?? '–' }));
          return report.table(rows, columnsOf(groupBy === 'key' ? 'Key' : 'Model'));
        }
        const [{ periods, total }] = items as [Series];
        const rows = [...periods.map((one) => ({ ...one, label: one.period })), { ...total, label: 'Total' }];
        return report.table(rows, columnsOf('Time (UTC)'));
      });
    },
  );
  usage
    .option('--key <id>', 'only of this key of mine')
    .option('--from <time>', 'a date or date-time; the first of the month unless given')
    .option('--to <time>', 'a date (all of that day) or date-time; now unless given')
    .addOption(usage.createOption('--by <period>', 'how long a line is (day)').choices(['hour', 'day', 'month']))
    .addOption(usage.createOption('--group <what>', 'one line for each').choices(['model', 'key']))
    .option('--model <name>', 'only this model');
}

function addModels(me: Command, terminal: Terminal): void {
  const list = addAction<{ key?: string; limit?: string; all?: boolean }>(
    me,
    terminal,
    { name: 'models', summary: 'The models I may call' },
    async ({ options, report, gateway }) => {
      const { items, hasMore } = await gateway().list<OwnModel>('/me/models', { keyId: options.key }, limitOf(options));
      report.answer({ items, hasMore }, () =>
        items.length === 0
          ? 'No models.\n'
          : report.table(items, [
              { title: 'Name', text: ({ name }) => name, least: 14 },
              { title: 'Also', text: ({ aliases }) => aliases.join(', '), least: 10, rank: 2 },
              { title: 'Kind', text: ({ kind }) => kind, rank: 1 },
              { title: 'Context', text: ({ contextTokens }) => contextTokens.toLocaleString('en-US'), align: 'right', rank: 3 },
              { title: 'Output', text: ({ maxOutputTokens }) => maxOutputTokens.toLocaleString('en-US'), align: 'right', rank: 3 },
            ]),
      );
      moreOf(report, hasMore);
    },
  );
  addLimitOptions(list.option('--key <id>', 'only those of this key of mine'), 'models');
}

function textOf(report: Report, { principal, keys, hint }: Overview): string {
  const { kind, role, name, email, expiresAt } = principal;
  const who = report.pairs([
    ['You are', kind === 'master' ? 'the master key' : `${name ?? 'somebody'}${kind === 'key' ? ', a key' : ', signed in'}`],
    ['Role', kind === 'master' ? null : role],
    ['Address', email],
    ['Until', expiresAt],
  ]);
  const shown = keys.map((key) => {
    const closed = key.revoked ? ` (revoked: ${key.revokedReason})` : '';
    return `\n${headOf(`${key.name}${closed}`, `${key.id}, ${key.secretHint}`, key.remaining)}  Spent this month  ${usd(key.spent.month)}\n${limitTable(report, key.limits)}`;
  });
  return `${who}${shown.join('')}${hint === null ? '' : `\n${hint}\n`}`;
}

function headOf(name: string, what: string, remaining: string | null): string {
  return `${name}  ${what}\n  ${remaining === null ? 'No limit of money' : `${usd(remaining)} may still be spent`}\n`;
}

const KINDS: Record<string, string> = {
  monthlyBudget: 'monthly budget',
  balance: 'balance',
  lifetimeBudget: 'in all',
  parallel: 'at a time',
  expiry: 'ends',
};

function limitTable(report: Report, limits: Limit[]): string {
  if (limits.length === 0) return '';
  const shown = ({ unit }: Limit, value: string | number | null) =>
    value === null ? '' : unit === 'USD' ? usd(String(value))! : String(value);
  const table = report.table(limits, [
    { title: 'Limit', text: ({ kind, unit, per }) => KINDS[kind] ?? `${unit === 'USD' ? 'cost' : unit} per ${per}` },
    { title: 'Of', text: ({ of, name }) => (of === 'key' ? 'key' : `${of} ${name}`), rank: 2, least: 8 },
    { title: 'At most', text: (limit) => shown(limit, limit.limit), align: 'right' },
    { title: 'Used', text: (limit) => shown(limit, limit.used), align: 'right', rank: 1 },
    { title: 'Left', text: (limit) => shown(limit, limit.left), align: 'right' },
    { title: 'Resets (UTC)', text: ({ resetsAt }) => resetsAt?.slice(0, 16).replace('T', ' ') ?? '', rank: 3 },
  ]);
  return table.replaceAll(/^/gm, '  ').replace(/ {2}$/, '');
}
