// Runs one command line to its exit code, and shows what went wrong, to people or to programs.
import { type Command, CommanderError } from 'commander';
import { CommandError, EXIT, toErrorJson, toErrorText, usageError } from './failure.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Commander ends by these when it has shown help or the version. */
const SHOWN = ['commander.helpDisplayed', 'commander.version'];

export async function runProgram(program: Command, terminal: Terminal, words: readonly string[]): Promise<number> {
  if (words.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError && (SHOWN.includes(thrown.code) || thrown.code === 'commander.help')) {
      return SHOWN.includes(thrown.code) ? EXIT.ok : EXIT.usage;
    }
    const error = toCommandError(thrown);
    terminal.err(words.includes('--json') ? `${JSON.stringify(toErrorJson(error))}\n` : toErrorText(error));
    return error.exitCode;
  }
}

function toCommandError(thrown: unknown): CommandError {
  if (thrown instanceof CommandError) return thrown;
  if (thrown instanceof CommanderError) {
    const [message = '', hint] = thrown.message.replace(/^error: /, '').split('\n');
    return usageError(
      `${message[0]?.toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`,
      hint?.replace(/^\((.*)\)$/, '$1'),
    );
  }
  const { message, stack } = thrown as Error;
  return new CommandError('bug', `This is a fault of the command itself: ${message}`, { hint: stack });
}
