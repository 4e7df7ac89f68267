// `outcrop keys`: what all accounts have, and rotating, exporting and importing.
import type { Command } from 'commander';
import { addAction } from '../action.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addAccountActions } from './account-actions.ts';
import { addFilterOptions } from './account-list.ts';
import { findId, PATHS } from './find-account.ts';
import { type ExportOptions, exportKeys, type ImportOptions, importKeys } from './key-files.ts';
import { addRotateOptions, type RotateOptions, rotateAt } from './rotate.ts';

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .summary('Make, list, change, revoke and rotate keys')
    .description(
      'Keys: what clients call models with. Each has budgets of its own, or none.\nWhere a <key> is asked for, its id or its name will do.',
    );
  addAccountActions(keys, terminal, 'key');

  addRotateOptions(
    addAction<RotateOptions>(
      keys,
      terminal,
      {
        name: 'rotate <key>',
        summary: 'Give a key a new secret',
        more: 'The old one stops working at once, or after --grace.',
        examples: ['keys rotate "Search team" --grace 24h'],
      },
      async (run, text) => rotateAt(run, `${PATHS.key}/${await findId(run.gateway(), run.report, 'key', text!)}`),
    ),
  );

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
      more: 'Columns are those of `keys export`; only name is needed. A column secret keeps what clients use already. Lists are separated by ";". Shows what it would do, unless --apply is given.\nSecrets go to a file.',
      examples: ['keys import people.csv', 'keys import people.csv --apply --secrets new-keys.csv'],
    },
    importKeys,
  )
    .option('--apply', 'make the keys')
    .option('--secrets <path>', 'where the new secrets are written to, as CSV')
    .option('--new-secrets', 'a new secret for every key, also where the file has one')
    .option('--start-at <line>', 'leave out the lines before, after an import that broke off');
}
