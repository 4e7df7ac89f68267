// `outcrop keys`: what all accounts have, and rotating, exporting and importing.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addAccountActions, type SureOptions, show } from './account-actions.ts';
import { addFilterOptions } from './account-list.ts';
import type { Account } from './account-view.ts';
import { findId } from './find-account.ts';
import { type ExportOptions, exportKeys, type ImportOptions, importKeys } from './key-files.ts';
import { keepSecret } from './secret-file.ts';

type RotateOptions = SureOptions & { grace?: string; secretFile?: string };

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .summary('Make, list, change, revoke and rotate keys')
    .description(
      'Keys: what clients call models with. Each has budgets of its own, or none.\nWhere a <key> is asked for, its id or its name will do.',
    );
  addAccountActions(keys, terminal, 'key');

  addAction<RotateOptions>(
    keys,
    terminal,
    {
      name: 'rotate <key>',
      summary: 'Give a key a new secret',
      more: 'The old one stops working at once, or after --grace.',
      examples: ['keys rotate "Search team" --grace 24h'],
    },
    rotate,
  )
    .option('--grace <duration>', 'how long the old secret goes on working, such as 24h')
    .option('--secret-file <path>', 'write the secret to a file that only you can read, in place of showing it')
    .option('--yes', 'do not ask');

  const out = addAction<ExportOptions>(
    keys,
    terminal,
    {
      name: 'export',
      summary: 'All keys as CSV, without their secrets',
      examples: ['keys export > keys.csv', 'keys export --tag production --out keys.csv'],
    },
    exportKeys,
  );
  addFilterOptions(out, 'key').option('--out <path>', 'write to a file');

  addAction<ImportOptions>(
    keys,
    terminal,
    {
      name: 'import <file>',
      summary: 'Make keys from a CSV file',
      more: 'Columns are those of `keys export`; only name is needed. Lists are separated by ";". Shows what it would do, unless --apply is given.\nSecrets go to a file.',
      examples: ['keys import people.csv', 'keys import people.csv --apply --secrets new-keys.csv'],
    },
    importKeys,
  )
    .option('--apply', 'make the keys')
    .option('--secrets <path>', 'where the secrets are written to, as CSV')
    .option('--start-at <line>', 'leave out the lines before, after an import that broke off');
}

async function rotate(run: Run<RotateOptions>, text?: string): Promise<void> {
  const { options, report, confirm } = run;
  const gateway = run.gateway();
  const id = await findId(gateway, report, 'key', text!);
  if (options.grace === undefined) {
    const { name } = await gateway.ask<Account>('GET', `/admin/v1/keys/${id}`);
    await confirm(`The present secret of "${name}" stops working at once. Go on?`, options.yes);
  }
  const keeping = options.secretFile === undefined ? undefined : keepSecret(options.secretFile);
  const body = options.grace === undefined ? {} : { grace: options.grace };
  const account = await gateway.ask<Account>('POST', `/admin/v1/keys/${id}/rotate`, { body });
  if (keeping === undefined) return show(run, account, account.secret);
  keeping(account.secret!);
  const { secret: _, ...rest } = account;
  show(run, rest);
  report.note(`The secret is in ${options.secretFile}, and nowhere else.`);
}
