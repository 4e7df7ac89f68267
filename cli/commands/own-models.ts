// `outcrop models set` and `delete`: models of one's own, and what of a shipped one is to be otherwise.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { SureOptions } from './account-actions.ts';
import { type Body, toSetting } from './account-fields.ts';

type SetOptions = { base?: string; target?: string; displayName?: string; set?: string[] };

export function addOwnModels(models: Command, terminal: Terminal): void {
  const set = addAction<SetOptions>(
    models,
    terminal,
    {
      name: 'set <name>',
      summary: 'Make a model of your own, or change what a shipped one is',
      examples: [
        'models set our-claude --base claude-sonnet-4-5 --target arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc',
      ],
    },
    setModel,
  );
  set
    .option('--base <model>', 'the model that it is as, but for what is said here')
    .option('--target <id>', 'what is called: an ID or ARN of Bedrock')
    .option('--display-name <name>', 'what people call it')
    .option(
      '--set <field=value>',
      'any other field of the admin API, its value as JSON; may be repeated',
      (text: string, before: string[] = []) => [...before, text],
    );
  addAction<SureOptions>(
    models,
    terminal,
    { name: 'delete <name>', summary: 'Delete a model of your own, or put a shipped one back as it was' },
    async ({ options, report, gateway, confirm }, name) => {
      await confirm(`Delete what was set for the model ${name}?`, options.yes);
      await gateway().ask('DELETE', `/admin/v1/models/${encodeURIComponent(name!)}`);
      report.answer({ name, deleted: true }, () => `What was set for ${name} is deleted.\n`);
    },
  ).option('--yes', 'do not ask');
}

async function setModel({ options, report, gateway }: Run<SetOptions>, name?: string): Promise<void> {
  const { set = [], base, target, displayName } = options;
  const given = { base, target, displayName };
  const body: Body = Object.fromEntries([...Object.entries(given).filter(([, value]) => value !== undefined), ...set.map(toSetting)]);
  if (Object.keys(body).length === 0) throw usageError('Say what the model is.', '`outcrop models set --help` lists what can be said.');
  const model = await gateway().ask<{ name: string; target: string }>('PUT', `/admin/v1/models/${encodeURIComponent(name!)}`, { body });
  report.answer(model, () => `${model.name} calls ${model.target}. Warm processes follow within seconds.\n`);
}
