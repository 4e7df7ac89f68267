// All commands on one page. Only those that the line names are loaded, so that a start is short; the others are known by name.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Terminal } from './terminal/terminal.ts';

type Loaded = (program: Command, terminal: Terminal) => void;
type Entry = { name: string; summary: string; load: () => Promise<Loaded> };

const RUNNING = 'Run and sign in:';
const ACCOUNTS = 'Who may spend:';
const MONEY = 'What was spent:';
const GATEWAY = 'The gateway:';

const GROUPS: Record<string, Entry[]> = {
  [RUNNING]: [
    { name: 'start', summary: 'Run a gateway on this machine', load: async () => (await import('./commands/start.ts')).addStart },
    {
      name: 'login',
      summary: 'Sign in to a gateway and keep it as a profile',
      load: async () => (await import('./commands/login.ts')).addLogin,
    },
    { name: 'logout', summary: 'Forget a profile', load: async () => (await import('./commands/login.ts')).addLogout },
    {
      name: 'whoami',
      summary: 'Who I am there, my keys, and what is left of each limit',
      load: async () => (await import('./commands/me.ts')).addWhoami,
    },
    {
      name: 'me',
      summary: 'My own keys, limits, usage, models and conversations',
      load: async () => (await import('./commands/me.ts')).addMe,
    },
    {
      name: 'profiles',
      summary: 'Gateways signed in to, and which is used',
      load: async () => (await import('./commands/login.ts')).addProfiles,
    },
  ],
  [ACCOUNTS]: [
    { name: 'keys', summary: 'Make, list, change, revoke and rotate keys', load: async () => (await import('./commands/keys.ts')).addKeys },
    {
      name: 'groups',
      summary: 'Groups: shared budgets and granted models',
      load: async () => (await import('./commands/owners.ts')).addGroups,
    },
    {
      name: 'users',
      summary: 'Users: people whose keys share a budget',
      load: async () => (await import('./commands/owners.ts')).addUsers,
    },
    {
      name: 'import',
      summary: 'Bring keys over from an older gateway',
      load: async () => (await import('./commands/import.ts')).addImport,
    },
  ],
  [MONEY]: [
    {
      name: 'usage',
      summary: 'Spend, requests and tokens by time, model, key …',
      load: async () => (await import('./commands/usage.ts')).addUsage,
    },
    { name: 'journal', summary: 'Single calls and what each cost', load: async () => (await import('./commands/journal.ts')).addJournal },
    {
      name: 'payments',
      summary: 'Recharge a balance, correct it, see its history',
      load: async () => (await import('./commands/payments.ts')).addPayments,
    },
    {
      name: 'audit',
      summary: 'Compare counters with the journal, and repair them',
      load: async () => (await import('./commands/audit.ts')).addAudit,
    },
    {
      name: 'rebuild',
      summary: 'Make the usage statements again from the journal',
      load: async () => (await import('./commands/rebuild.ts')).addRebuild,
    },
  ],
  [GATEWAY]: [
    {
      name: 'models',
      summary: 'Models, their prices and names that stand for them',
      load: async () => (await import('./commands/models.ts')).addModels,
    },
    {
      name: 'sessions',
      summary: 'Sessions: logged calls that belong together',
      load: async () => (await import('./commands/conversations.ts')).addSessions,
    },
    {
      name: 'threads',
      summary: 'Threads: logged calls, with what was said',
      load: async () => (await import('./commands/conversations.ts')).addThreads,
    },
    {
      name: 'settings',
      summary: 'What the gateway logs and for how long',
      load: async () => (await import('./commands/settings.ts')).addSettings,
    },
    { name: 'audit-log', summary: 'Who changed what, and when', load: async () => (await import('./commands/audit-log.ts')).addAuditLog },
    { name: 'doctor', summary: 'Find out what is wrong', load: async () => (await import('./commands/doctor.ts')).addDoctor },
    {
      name: 'completion',
      summary: 'Completion for bash, zsh and fish',
      load: loadCompletion,
    },
  ],
};

/** It tells of all commands, so it has them loaded when it is asked. */
async function loadCompletion(): Promise<Loaded> {
  const { addCompletion } = await import('./commands/completion.ts');
  return (program, terminal) => addCompletion(program, terminal, () => createProgram(terminal, [], true));
}

const HELP_AFTER = `
Begin here:
  $ outcrop start                                        a gateway on this machine
  $ outcrop keys create "Search team" --monthly-budget 100
  $ outcrop usage --group model

It talks to the gateway of this machine, to the profile in use, or to OUTCROP_URL with OUTCROP_API_KEY.
Exit codes: 0 done, 1 failed, 2 wrong command line, 3 not authorised, 4 not found, 130 stopped by Ctrl-C.`;

/** `words` is the command line; `isWhole` loads everything, as completion needs it. */
export async function createProgram(terminal: Terminal, words: readonly string[], isWhole = false): Promise<Command> {
  const program = new Command('outcrop');
  program
    .description('The front door for Amazon Bedrock: keys, hard budgets and an exact ledger, from the command line.')
    .version(versionOf(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'Show help for a command')
    .addHelpText('after', HELP_AFTER)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      // Shown with all other errors, in one form.
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.columns ?? 100,
      getErrHelpWidth: () => terminal.columns ?? 100,
      getOutHasColors: () => terminal.hasColour,
      getErrHasColors: () => terminal.hasColour,
    });
  for (const [heading, entries] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const { name, summary, load } of entries) {
      if (isWhole || words.includes(name)) (await load())(program, terminal);
      else program.command(name).description(summary);
    }
  }
  return program;
}

function versionOf(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
