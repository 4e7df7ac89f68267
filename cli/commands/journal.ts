// `outcrop journal`: single calls, newest first.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import { readAbilities } from '../gateway/abilities.ts';
import type { Gateway } from '../gateway/client.ts';
import { toCsv } from '../terminal/csv.ts';
import type { Report } from '../terminal/report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf } from './account-list.ts';
import { findId } from './find-account.ts';

type Entry = {
  requestId: string;
  keyId: string;
  keyName: string | null;
  userId?: string | null;
  groupId?: string | null;
  model: string;
  target: string;
  usage: Record<string, number>;
  cost: string;
  status: string;
  error: string | null;
  estimated: boolean;
  correction: boolean;
  stream: boolean;
  latencyMs: number | null;
  firstTokenMs: number | null;
  at: string;
  priceVersion: string | null;
};
type Options = FilterOptions & { key?: string; from?: string; to?: string; csv?: boolean; limit?: string; all?: boolean };
type FilterOptions = { user?: string; group?: string; model?: string; tag?: string; status?: string; request?: string };

const JOURNAL = '/admin/v1/journal';
const PLAIN = [
  'at',
  'requestId',
  'keyId',
  'keyName',
  'model',
  'target',
  'status',
  'error',
  'cost',
  'estimated',
  'correction',
  'stream',
  'latencyMs',
  'firstTokenMs',
  'priceVersion',
] as const;
const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'];

export function addJournal(program: Command, terminal: Terminal): void {
  const journal = addAction<Options>(
    program,
    terminal,
    {
      name: 'journal',
      summary: 'Single calls and what each cost',
      more: 'Newest first, exact to the last picodollar. Times are UTC.',
      examples: [
        'journal --limit 20',
        'journal --key "Search team" --from 2026-11-20',
        'journal --status failed --all',
        'journal --user Ada --tag production --from 2026-11-20',
        'journal --from 2026-11-01 --all --csv > november.csv',
      ],
    },
    list,
  );
  journal
    .option('--key <key>', 'only of this key')
    .option('--user <user>', 'only what was charged to this user')
    .option('--group <group>', 'only what was charged to this group')
    .option('--model <name>', 'only of this model, by the name the clients sent')
    .option('--tag <tag>', 'only of keys that had this tag at the time')
    .addOption(journal.createOption('--status <status>', 'only with this end').choices(['succeeded', 'failed', 'cancelled']))
    .option('--request <id>', 'only this request, and its correction')
    .option('--from <time>', 'a date or date-time')
    .option('--to <time>', 'a date (all of that day) or date-time')
    .option('--csv', 'as CSV');
  addLimitOptions(journal, 'entries');
}

async function list({ options, report, gateway }: Run<Options>): Promise<void> {
  const { key, from, to, csv } = options;
  const client = gateway();
  const keyId = key && (key.startsWith('key_') ? key : await findId(client, report, 'key', key));
  const onPage = (count: number) => report.progress(`Read ${count} entries …`);
  const { asked, fits } = await filtersOf(client, report, options);
  const { items, hasMore } = await client.list<Entry>(JOURNAL, { keyId, from, to, ...asked }, limitOf(options), onPage, fits);
  report.answer({ items, hasMore }, () => {
    if (csv) return toCsv([...PLAIN, ...KINDS], items.map(toRow));
    if (items.length === 0) return 'No calls in that time.\n';
    return report.table(items, [
      { title: 'At (UTC)', text: ({ at }) => at.slice(0, 19).replace('T', ' ') },
      { title: 'Key', text: ({ keyName, keyId: id }) => keyName ?? id, least: 8, rank: 2 },
      { title: 'Model', text: ({ model }) => model, least: 12 },
      { title: 'Input', text: ({ usage }) => String(usage.input), align: 'right', rank: 3 },
      { title: 'Output', text: ({ usage }) => String(usage.output), align: 'right', rank: 3 },
      { title: 'ms', text: ({ latencyMs }) => String(latencyMs ?? '–'), align: 'right', rank: 5 },
      { title: 'Status', text: statusOf, rank: 1 },
      { title: 'Request', text: ({ requestId }) => requestId, rank: 6 },
      { title: 'Cost (USD)', text: ({ cost }) => cost, align: 'right' },
    ]);
  });
  if (hasMore) report.note('There are more; --limit and --all show them.');
}

/** What the gateway looks for; what an older one cannot is looked for here, where its entries tell it. */
async function filtersOf(client: Gateway, report: Report, { user, group, model, tag, status, request: requestId }: FilterOptions) {
  const userId = user && (await findId(client, report, 'user', user));
  const groupId = group && (await findId(client, report, 'group', group));
  const all = Object.entries({ userId, groupId, model, tag, status, requestId }).filter(([, value]) => value !== undefined);
  if (all.length === 0) return { asked: {}, fits: undefined };
  const abilities = await readAbilities(client);
  const left = all.filter(([name]) => !abilities.takesQuery(JOURNAL, name));
  if (left.some(([name]) => name === 'tag')) throw usageError('This gateway cannot look for a tag: it is older than this command.');
  const fits = (entry: Entry) => left.every(([name, value]) => entry[name as keyof Entry] === value);
  return { asked: Object.fromEntries(all.filter((one) => !left.includes(one))), fits: left.length > 0 ? fits : undefined };
}

function statusOf({ status, error, estimated, correction }: Entry): string {
  const marks = [...(error === null ? [] : [error]), ...(estimated ? ['estimated'] : []), ...(correction ? ['correction'] : [])];
  return marks.length > 0 ? `${status} (${marks.join(', ')})` : status;
}

function toRow(entry: Entry): Record<string, string> {
  const plain = PLAIN.map((name) => [name, String(entry[name] ?? '')]);
  return Object.fromEntries([...plain, ...KINDS.map((kind) => [kind, String(entry.usage[kind] ?? 0)])]);
}
