// Runs the command that this process was started with, on its own streams.

import { EXIT } from './failure.ts';
import { createProgram } from './program.ts';
import { runProgram } from './run-program.ts';
import { createInterruption, createTerminal } from './terminal/terminal.ts';

export async function main(): Promise<void> {
  const interruption = createInterruption();
  const terminal = createTerminal(process, interruption);
  const words = process.argv.slice(2);
  // The server of `start` ends itself.
  if (words[0] !== 'start') {
    process.on('SIGINT', () => {
      if (!interruption.ask()) {
        terminal.err('\nStopping as soon as what is under way is done …\n');
        return;
      }
      // The line of a progress, and the cursor that a question hid.
      if (terminal.isErrTerminal) terminal.err('\r\u001b[K\u001b[?25h');
      process.exit(EXIT.interrupted);
    });
  }
  // `outcrop keys list | head` closes the pipe; that is no failure.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  process.exitCode = await runProgram(await createProgram(terminal, words), terminal, words);
}
