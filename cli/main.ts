// Runs the command that this process was started with, on its own streams.
import { createProgram } from './program.ts';
import { runProgram } from './run-program.ts';
import { createTerminal } from './terminal/terminal.ts';

export async function main(): Promise<void> {
  const terminal = createTerminal(process);
  // `outcrop keys list | head` closes the pipe; that is no failure.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  process.exitCode = await runProgram(await createProgram(terminal, process.argv.slice(2)), terminal, process.argv.slice(2));
}
