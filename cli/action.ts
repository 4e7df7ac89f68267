// What every command has: the options that say which gateway, its report, and the question before something is lost.
import { type Command, Option } from 'commander';
import { CommandError, usageError } from './failure.ts';
import { createGateway, type Gateway } from './gateway/client.ts';
import { type Connection, type ConnectionOptions, resolveConnection } from './gateway/connection.ts';
import { createReport, type Report } from './terminal/report.ts';
import type { Terminal } from './terminal/terminal.ts';

export type SharedOptions = ConnectionOptions & { json?: boolean };

export type Run<Options = unknown> = {
  options: Options & SharedOptions;
  terminal: Terminal;
  report: Report;
  connection(): Connection;
  gateway(): Gateway;
  /** Goes on only after a yes; `isGiven` is `--yes`. */
  confirm(message: string, isGiven: boolean | undefined): Promise<void>;
};

/** `talks`: it asks a gateway, so it can be told which. */
type Told = { name: string; summary: string; more?: string; examples?: string[]; talks?: boolean };

export function addAction<Options>(
  parent: Command,
  terminal: Terminal,
  { name, summary, more, examples = [], talks = true }: Told,
  handle: (run: Run<Options>, ...args: string[]) => Promise<void>,
): Command {
  const command = parent
    .command(name)
    .description(more ? `${summary}.\n\n${more}` : `${summary}.`)
    .summary(summary);
  if (talks) addConnectionOptions(command);
  command.addOption(new Option('--json', 'the answer as JSON, errors as JSON on stderr').helpGroup('For programs:'));
  if (examples.length > 0) command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ outcrop ${example}`).join('\n')}`);
  command.action(async () => {
    const options = command.optsWithGlobals() as Options & SharedOptions;
    const connection = () => resolveConnection(terminal, options);
    const report = createReport(terminal, options.json ?? false);
    const run: Run<Options> = {
      options,
      terminal,
      report,
      connection,
      gateway: () => createGateway(keyed(connection()), terminal),
      async confirm(message, isGiven) {
        if (isGiven) return;
        if (!terminal.isInteractive)
          throw usageError('This cannot be undone and nobody is there to be asked.', 'Add --yes to do it all the same.');
        if (!(await (await terminal.prompts()).confirm(message))) throw new CommandError('cancelled', 'Nothing was changed.');
      },
    };
    try {
      await handle(run, ...(command.processedArgs as string[]));
    } finally {
      report.clearProgress();
    }
  });
  return command;
}

function addConnectionOptions(command: Command): void {
  command.addOption(new Option('--profile <name>', 'a gateway that was signed in to').helpGroup('Which gateway:'));
  command.addOption(new Option('--url <url>', 'its address').helpGroup('Which gateway:'));
}

function keyed(connection: Connection): Connection {
  if (connection.key !== undefined) return connection;
  throw new CommandError('no_key', `There is no key for ${connection.url}.`, {
    exitCode: 3,
    hint: 'Sign in with `outcrop login`, or set OUTCROP_API_KEY.',
  });
}
