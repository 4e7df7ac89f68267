// What is done to keys, groups and users alike: show, create, change, revoke, restore, delete.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addFieldOptions, type Body, type FieldOptions, type Kind, toBody } from './account-fields.ts';
import { addFilterOptions, addLimitOptions, type ListOptions, listAccounts } from './account-list.ts';
import { type Account, accountPairs } from './account-view.ts';
import { findId, PATHS } from './find-account.ts';
import { keepSecret } from './secret-file.ts';

export type SureOptions = { yes?: boolean };
type NewOptions = FieldOptions & { secretFile?: string; ownSecret?: boolean };

/** The commands of one kind; what only keys have is added beside them. */
export function addAccountActions(parent: Command, terminal: Terminal, kind: Kind): void {
  const all = `${kind}s`;
  const list = addAction<ListOptions>(
    parent,
    terminal,
    {
      name: 'list',
      summary: `List ${all}, newest first`,
      examples: [`${all} list --search ada`, `${all} list --status active --tag production --all`, `${all} list --json`],
    },
    (run) => listAccounts(kind, run),
  );
  addLimitOptions(addFilterOptions(list, kind), all);

  addAction(
    parent,
    terminal,
    { name: `show <${kind}>`, summary: `Show one ${kind}, by its id or name`, examples: [`${all} show "Search team"`] },
    async (run, text) => {
      const gateway = run.gateway();
      show(run, await gateway.ask<Account>('GET', `${PATHS[kind]}/${await findId(gateway, run.report, kind, text!)}`));
    },
  );

  const create = addAction<NewOptions>(
    parent,
    terminal,
    {
      name: 'create [name]',
      summary: kind === 'key' ? 'Make a key; its secret is shown once' : `Make a ${kind}`,
      more: 'Without a name it asks, where somebody is there to be asked.',
      examples: [`${all} create "Search team" --monthly-budget 100 --tags search,production`, `${all} create Trial --balance 5 --ttl 14d`],
    },
    (run, name) => createAccount(kind, run, name),
  );
  addFieldOptions(create, kind);
  if (kind === 'key') {
    create.option('--secret-file <path>', 'write the secret to a file that only you can read, in place of showing it');
    create.option('--own-secret', 'with a secret of your choice: asked for, or the first line of stdin');
  }

  const update = addAction<FieldOptions>(
    parent,
    terminal,
    {
      name: `update <${kind}>`,
      summary: `Change a ${kind}; what is not named stays`,
      examples: [
        `${all} update "Search team" --monthly-budget 250`,
        `${all} update "Search team" --monthly-budget none --window requests=60/1m`,
      ],
    },
    async (run, text) => {
      const gateway = run.gateway();
      const body = await bodyOf(kind, run);
      if (Object.keys(body).length === 0)
        throw usageError('Name at least one thing to change.', `\`outcrop ${all} update --help\` lists them.`);
      show(run, await gateway.ask<Account>('PATCH', `${PATHS[kind]}/${await findId(gateway, run.report, kind, text!)}`, { body }));
    },
  );
  addFieldOptions(update, kind);

  addAction<{ reason?: string }>(
    parent,
    terminal,
    { name: `revoke <${kind}>`, summary: `Close a ${kind} at once`, examples: [`${all} revoke "Search team" --reason "left the team"`] },
    async (run, text) => {
      const { reason } = run.options;
      await patch(kind, run, text!, { revoked: true, ...(reason !== undefined && { revokedReason: reason }) });
    },
  ).option('--reason <text>', 'why');
  addAction(parent, terminal, { name: `restore <${kind}>`, summary: `Open a ${kind} again` }, (run, text) =>
    patch(kind, run, text!, { revoked: false }),
  );

  addAction<SureOptions>(
    parent,
    terminal,
    {
      name: `delete <${kind}>`,
      summary: `Delete a ${kind}; what it spent stays in the journal`,
      examples: [`${all} delete "Search team" --yes`],
    },
    (run, text) => deleteAccount(kind, run, text!),
  ).option('--yes', 'do not ask');
}

async function createAccount(kind: Kind, run: Run<NewOptions>, given?: string): Promise<void> {
  const body = await bodyOf(kind, run);
  if (given !== undefined) body.name = given;
  if (body.name === undefined) Object.assign(body, await askedFields(kind, run, body));
  const isChosen = run.options.ownSecret === true;
  if (isChosen) body.secret = await chosenSecret(run.terminal);
  const gateway = run.gateway();
  const keeping = run.options.secretFile === undefined ? undefined : keepSecret(run.options.secretFile);
  const account = await gateway.ask<Account>('POST', PATHS[kind], { body });
  const { secret } = account;
  // Who chose it knows it.
  if (isChosen && keeping === undefined) return show(run, { ...account, secret: undefined });
  if (secret === undefined || keeping === undefined) return show(run, account, secret);
  keeping(secret);
  const { secret: _, ...rest } = account;
  show(run, rest);
  run.report.note(`The secret is in ${run.options.secretFile}, and nowhere else.`);
}

/** Never from the command line, where others would see it. */
async function chosenSecret(terminal: Terminal): Promise<string> {
  const given = terminal.isInteractive
    ? await (await terminal.prompts()).secret({ message: 'The secret, 16 characters or more' })
    : (await terminal.readStdin()).split('\n')[0]!;
  if (given.trim() === '') throw usageError('Nothing came from stdin; the secret was to be on its first line.');
  return given.trim();
}

async function askedFields(kind: Kind, { terminal }: Run<NewOptions>, given: Body): Promise<Body> {
  if (!terminal.isInteractive) throw usageError(`A ${kind} needs a name: \`outcrop ${kind}s create "Search team"\`.`);
  const { text } = await terminal.prompts();
  const asked: Body = {};
  asked.name = await text({
    message: `What is the ${kind} called?`,
    validate: (name) => (name.trim() === '' ? 'It needs a name.' : undefined),
  });
  if (given.monthlyBudget === undefined) {
    const validate = (amount: string) =>
      /^(\d+(\.\d{1,12})?)?$/.test(amount.trim()) ? undefined : 'An amount such as 12.50, or nothing for no limit.';
    const budget = await text({ message: 'USD it may spend a month', placeholder: 'nothing: no limit', validate });
    if (budget.trim() !== '') asked.monthlyBudget = budget.trim();
  }
  return asked;
}

async function bodyOf(kind: Kind, { options, report, gateway }: Run<FieldOptions>): Promise<Body> {
  const body = toBody(options);
  if (kind !== 'key') return body;
  for (const owner of ['group', 'user'] as const) {
    const text = options[owner];
    if (text !== undefined) body[`${owner}Id`] = text === 'none' ? null : await findId(gateway(), report, owner, text);
  }
  return body;
}

async function patch(kind: Kind, run: Run, text: string, body: Body): Promise<void> {
  const gateway = run.gateway();
  show(run, await gateway.ask<Account>('PATCH', `${PATHS[kind]}/${await findId(gateway, run.report, kind, text)}`, { body }));
}

async function deleteAccount(kind: Kind, run: Run<SureOptions>, text: string): Promise<void> {
  const { report, options, confirm } = run;
  const gateway = run.gateway();
  const path = `${PATHS[kind]}/${await findId(gateway, report, kind, text)}`;
  const { id, name } = await gateway.ask<Account>('GET', path);
  await confirm(`Delete the ${kind} "${name}" (${id}) for good?`, options.yes);
  await gateway.ask('DELETE', path);
  report.answer({ id, deleted: true }, () => `Deleted ${name} (${id}).\n`);
}

/** One account; a new secret comes last, where it is seen, and once. */
export function show({ report }: Run, account: Account, secret?: string): void {
  report.answer(account, () => {
    const { secret: _, ...rest } = account;
    const pairs = report.pairs(accountPairs(rest));
    return secret === undefined ? pairs : `${pairs}\n${secret}\n`;
  });
  if (secret !== undefined) report.note('\nThat is the secret. It is shown this once; keep it now.');
}
