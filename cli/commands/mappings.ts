// `outcrop models mapping`: names that clients send, and what they stand for here.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf } from './account-list.ts';

type Mapping = { name: string; to: string; resolves: boolean };
type ListOptions = { search?: string; limit?: string; all?: boolean };

const MAPPINGS = '/admin/v1/mappings';

export function addMappings(models: Command, terminal: Terminal): void {
  const mapping = models
    .command('mapping')
    .summary('Names that stand for models')
    .description('Names that clients send, and the models they stand for here.');
  addAction(
    mapping,
    terminal,
    { name: 'set <name> <model>', summary: 'Let a name stand for a model', examples: ['models mapping set gpt-4o claude-sonnet-4-5'] },
    async ({ report, gateway }, name, to) => {
      const set = await gateway().ask<Mapping>('PUT', `${MAPPINGS}/${encodeURIComponent(name!)}`, { body: { to } });
      report.answer(set, () => `${set.name} stands for ${set.to}${set.resolves ? '' : ', which cannot be called now'}.\n`);
    },
  );
  const list = addAction<ListOptions>(mapping, terminal, { name: 'list', summary: 'List mappings' }, showMappings).option(
    '--search <words>',
    'words that either name holds',
  );
  addLimitOptions(list, 'mappings');
  addAction(
    mapping,
    terminal,
    { name: 'delete <name>', summary: 'Let a name stand for itself again' },
    async ({ report, gateway }, name) => {
      await gateway().ask('DELETE', `${MAPPINGS}/${encodeURIComponent(name!)}`);
      report.answer({ name, deleted: true }, () => `${name} is not mapped any more.\n`);
    },
  );
}

async function showMappings({ options, report, gateway }: Run<ListOptions>): Promise<void> {
  const { items, hasMore } = await gateway().list<Mapping>(MAPPINGS, { q: options.search }, limitOf(options));
  report.answer({ items, hasMore }, () =>
    items.length === 0
      ? 'No mappings.\n'
      : report.table(items, [
          { title: 'Name', text: ({ name }) => name, least: 10 },
          { title: 'Stands for', text: ({ to }) => to, least: 14 },
          { title: 'Callable', text: ({ resolves }) => (resolves ? 'yes' : 'no') },
        ]),
  );
  if (hasMore) report.note('There are more; --limit and --all show them.');
}
