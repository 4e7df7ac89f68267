// `outcrop settings`: what an administrator may change while the gateway runs. Fields a newer gateway has are shown and can be set as well.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Body, toSetting } from './account-fields.ts';

type Settings = Record<string, unknown>;
type SetOptions = { logging?: string; retentionDays?: string; warnings?: string; on?: string[]; off?: string[]; set?: string[] };

const SETTINGS = '/admin/v1/settings';
const FEATURES = ['vision', 'documents', 'tools', 'thinking', 'promptCaching'];

export function addSettings(program: Command, terminal: Terminal): void {
  const settings = program
    .command('settings')
    .summary('What the gateway logs, warns of, and lets models do')
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
      examples: ['settings set --logging full --retention-days 90', 'settings set --warnings 80,95', 'settings set --off vision thinking'],
    },
    change,
  );
  set.addOption(set.createOption('--logging <level>', 'how much of calls is logged').choices(['off', 'metadata', 'full']));
  set.option('--retention-days <days>', 'for how long what is logged from now on is kept');
  set.option('--warnings <percents>', 'of which shares of a budget is told where a key says nothing; "none" for none');
  set.addOption(set.createOption('--on <feature...>', 'switch features on for all models').choices(FEATURES));
  set.addOption(set.createOption('--off <feature...>', 'switch features off for all models').choices(FEATURES));
  set.option('--set <field=value>', 'any other field, its value as JSON; may be repeated', (text: string, before: string[] = []) => [
    ...before,
    text,
  ]);
}

async function change({ options, report, gateway }: Run<SetOptions>): Promise<void> {
  const { logging, retentionDays, warnings, on = [], off = [], set = [] } = options;
  const body: Body = Object.fromEntries(set.map(toSetting));
  if (logging !== undefined) body.logging = logging;
  if (retentionDays !== undefined) {
    if (!/^\d{1,5}$/.test(retentionDays)) throw usageError(`--retention-days must be a whole number; "${retentionDays}" was given.`);
    body.retentionDays = Number(retentionDays);
  }
  if (warnings !== undefined) body.warnings = toPercents(warnings);
  const both = on.find((feature) => off.includes(feature));
  if (both !== undefined) throw usageError(`${both} cannot be switched on and off at once.`);
  const switched = [...on.map((feature) => [feature, true]), ...off.map((feature) => [feature, false])];
  if (switched.length > 0) body.features = Object.fromEntries(switched);
  if (Object.keys(body).length === 0) throw usageError('Name at least one setting to change.', '`outcrop settings set --help` lists them.');
  const changed = await gateway().ask<Settings>('PATCH', SETTINGS, { body });
  report.answer(changed, () => textOf(report, changed));
}

function toPercents(text: string): number[] {
  if (text === 'none') return [];
  const percents = text.split(',').map((part) => part.trim());
  const isRight = percents.every((part) => /^[1-9]\d{0,2}$/.test(part));
  if (!isRight) throw usageError(`--warnings must be percents such as "80,95", or "none"; "${text}" was given.`);
  return percents.map(Number);
}

function textOf(report: Run['report'], settings: Settings): string {
  const shown = (value: unknown): string => {
    if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
    if (typeof value === 'object')
      return Object.entries(value as object)
        .map(([name, is]) => `${name} ${is ? 'on' : 'off'}`)
        .join(', ');
    return String(value);
  };
  return report.pairs(Object.entries(settings).map(([name, value]) => [name, value === null ? '–' : shown(value)]));
}
