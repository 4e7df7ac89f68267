// `outcrop audit-log`: who changed what, newest first.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf, moreOf } from './account-list.ts';
import { momentOf } from './conversations.ts';

type Fields = Record<string, unknown> | null;
type Change = {
  id: string;
  at: string;
  author: { id: string; name: string | null };
  action: string;
  subject: string | null;
  outcome: string;
  status: number | null;
  asked: Fields;
  before: Fields;
  after: Fields;
};
type Options = {
  author?: string;
  subject?: string;
  method?: string;
  outcome?: string;
  from?: string;
  to?: string;
  diff?: boolean;
  limit?: string;
  all?: boolean;
};

export function addAuditLog(program: Command, terminal: Terminal): void {
  const log = addAction<Options>(
    program,
    terminal,
    {
      name: 'audit-log',
      summary: 'Who changed what, and when',
      examples: [
        'audit-log --limit 20',
        'audit-log --subject key_0Q2yYd7RkWcXn4uTfJb1Zs --diff',
        'audit-log --method DELETE --from 2026-11-01T00:00:00Z',
      ],
    },
    list,
  );
  log
    .option('--author <id>', 'only by this author: master, or the id of a key or of a signed-in user')
    .option('--subject <id>', 'only about this: an id or a name')
    .addOption(log.createOption('--method <method>', 'only requests of this method').choices(['POST', 'PUT', 'PATCH', 'DELETE']))
    .addOption(log.createOption('--outcome <outcome>', 'only with this outcome').choices(['done', 'refused', 'failed', 'unknown']))
    .option('--from <time>', 'from then on; a date-time with its zone')
    .option('--to <time>', 'up to then')
    .option('--diff', 'also what was there before and after');
  addLimitOptions(log, 'changes');
}

async function list({ options, report, gateway }: Run<Options>): Promise<void> {
  const { author, subject, method, outcome, from, to, diff } = options;
  const question = { author, subject, method, outcome, from, to };
  const { items, hasMore } = await gateway().list<Change>('/admin/v1/audit-log', question, limitOf(options), (count) =>
    report.progress(`Read ${count} changes …`),
  );
  report.answer({ items, hasMore }, () => {
    if (items.length === 0) return 'No changes.\n';
    if (diff) return items.map((change) => `${headOf(change)}\n${diffOf(change)}`).join('\n');
    return report.table(items, [
      { title: 'At (UTC)', text: ({ at }) => momentOf(at) },
      { title: 'By', text: whoOf, least: 8 },
      { title: 'What', text: ({ action }) => action.replace('/admin/v1', ''), least: 14 },
      { title: 'Outcome', text: (change) => change.outcome },
      { title: 'Changed', text: (change) => changedFields(change).join(', '), rank: 1, least: 8 },
    ]);
  });
  moreOf(report, hasMore);
}

function whoOf({ author }: Change): string {
  return author.name ?? author.id;
}

function headOf(change: Change): string {
  return `${momentOf(change.at)}  ${whoOf(change)}  ${change.action.replace('/admin/v1', '')}  ${change.outcome}`;
}

/** Names of what is not as it was; of what was made, nothing: all of it is new. */
function changedFields({ before, after }: Change): string[] {
  if (!before || !after) return [];
  return Object.keys(after).filter((name) => name !== 'updatedAt' && JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function diffOf(change: Change): string {
  const { before, after, asked } = change;
  const shown = (value: unknown) => JSON.stringify(value) ?? '–';
  if (before && after)
    return changedFields(change)
      .map((name) => `  ${name}: ${shown(before[name])} → ${shown(after[name])}\n`)
      .join('');
  const fields = Object.entries(asked ?? before ?? {});
  return fields.map(([name, value]) => `  ${name}: ${shown(value)}\n`).join('');
}
