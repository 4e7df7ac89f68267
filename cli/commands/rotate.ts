// Another secret for a key, by an administrator or by the person it belongs to.
import type { Command } from 'commander';
import type { Run } from '../action.ts';
import { type SureOptions, show } from './account-actions.ts';
import type { Account } from './account-view.ts';
import { keepSecret } from './secret-file.ts';

export type RotateOptions = SureOptions & { grace?: string; secretFile?: string };

export function addRotateOptions(command: Command): Command {
  return command
    .option('--grace <duration>', 'how long the old secret goes on working, such as 24h')
    .option('--secret-file <path>', 'write the secret to a file that only you can read, in place of showing it')
    .option('--yes', 'do not ask');
}

/** `path`: the key, below which it is rotated. */
export async function rotateAt(run: Run<RotateOptions>, path: string): Promise<void> {
  const { options, report, confirm } = run;
  const gateway = run.gateway();
  if (options.grace === undefined) {
    const { name } = await gateway.ask<Account>('GET', path);
    await confirm(`The present secret of "${name}" stops working at once. Go on?`, options.yes);
  }
  const keeping = options.secretFile === undefined ? undefined : keepSecret(options.secretFile);
  const body = options.grace === undefined ? {} : { grace: options.grace };
  const account = await gateway.ask<Account>('POST', `${path}/rotate`, { body });
  if (keeping === undefined) return show(run, account, account.secret);
  keeping(account.secret!);
  const { secret: _, ...rest } = account;
  show(run, rest);
  report.note(`The secret is in ${options.secretFile}, and nowhere else.`);
}
