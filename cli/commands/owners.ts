// `outcrop groups` and `outcrop users`: accounts that several keys share.
import type { Command } from 'commander';
import { addAction } from '../action.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addAccountActions } from './account-actions.ts';
import type { Kind } from './account-fields.ts';
import { addLimitOptions, limitOf } from './account-list.ts';
import { ACCOUNT_COLUMNS, type Account } from './account-view.ts';
import { findId, PATHS } from './find-account.ts';

export function addGroups(program: Command, terminal: Terminal): void {
  const text = 'Groups: keys that share budgets, and models granted to all of them.';
  addOwners(program, terminal, 'group', 'Groups: shared budgets and granted models', text);
}

export function addUsers(program: Command, terminal: Terminal): void {
  addOwners(program, terminal, 'user', 'Users: people whose keys share a budget', 'Users: people, or programs, whose keys share budgets.');
}

function addOwners(program: Command, terminal: Terminal, kind: Kind, summary: string, text: string): void {
  const owners = program
    .command(`${kind}s`)
    .summary(summary)
    .description(`${text}\nA key joins by \`outcrop keys update <key> --${kind} <${kind}>\`.`);
  addAccountActions(owners, terminal, kind);
  const members = addAction<{ limit?: string; all?: boolean }>(
    owners,
    terminal,
    { name: `keys <${kind}>`, summary: `The keys of a ${kind}` },
    async ({ options, report, ...run }, owner) => {
      const gateway = run.gateway();
      const id = await findId(gateway, report, kind, owner!);
      const { items, hasMore } = await gateway.list<Account>(`${PATHS[kind]}/${id}/keys`, {}, limitOf(options));
      report.answer({ items, hasMore }, () => (items.length === 0 ? 'No keys.\n' : report.table(items, ACCOUNT_COLUMNS)));
      if (hasMore) report.note('There are more; --limit and --all show them.');
    },
  );
  addLimitOptions(members, 'keys');
}
