// `outcrop settings`: what an administrator may change while the gateway runs. Fields a newer gateway has are shown and can be set as well.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Body, toSetting } from './account-fields.ts';

type Settings = Record<string, unknown>;
type SetOptions = { logging?: string; retentionDays?: string; set?: string[] };

const SETTINGS = '/admin/v1/settings';

export function addSettings(program: Command, terminal: Terminal): void {
  const settings = program
    .command('settings')
    .summary('What the gateway logs and for how long')
    .description('Settings that every process of the gateway follows within ten seconds.');
  addAction(settings, terminal, { name: 'show', summary: 'The settings as they are' }, async ({ report, gateway }) => {
    const found = await gateway().ask<Settings>('GET', SETTINGS);
    report.answer(found, () => textOf(report, found));
  });
  const set = addAction<SetOptions>(
    settings,
    terminal,
    {
      name: 'set',
      summary: 'Change settings',
      examples: ['settings set --logging full --retention-days 90', 'settings set --set retentionDays=7'],
    },
    change,
  );
  set.addOption(set.createOption('--logging <level>', 'how much of calls is logged').choices(['off', 'metadata', 'full']));
  set.option('--retention-days <days>', 'for how long what is logged from now on is kept');
  set.option('--set <field=value>', 'any other field, its value as JSON; may be repeated', (text: string, before: string[] = []) => [
    ...before,
    text,
  ]);
}

async function change({ options, report, gateway }: Run<SetOptions>): Promise<void> {
  const { logging, retentionDays, set = [] } = options;
  const body: Body = Object.fromEntries(set.map(toSetting));
  if (logging !== undefined) body.logging = logging;
  if (retentionDays !== undefined) {
    if (!/^\d{1,5}$/.test(retentionDays)) throw usageError(`--retention-days must be a whole number; "${retentionDays}" was given.`);
    body.retentionDays = Number(retentionDays);
  }
  if (Object.keys(body).length === 0) throw usageError('Name at least one setting to change.', '`outcrop settings set --help` lists them.');
  const changed = await gateway().ask<Settings>('PATCH', SETTINGS, { body });
  report.answer(changed, () => textOf(report, changed));
}

function textOf(report: Run['report'], settings: Settings): string {
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return report.pairs(Object.entries(settings).map(([name, value]) => [name, value === null ? '–' : shown(value)]));
}
