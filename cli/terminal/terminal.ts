// The streams, the environment and the clock of one run, as commands see them. Tests hand in others.
import { setTimeout } from 'node:timers/promises';
import { CommandError, EXIT } from '../failure.ts';
import type { Prompts } from './prompts.ts';

export type Terminal = {
  environment: Record<string, string | undefined>;
  /** Where the command was started. */
  folder: string;
  clock(): number;
  sleep(ms: number): Promise<void>;
  out(text: string): void;
  err(text: string): void;
  /** Somebody is there to be asked. */
  isInteractive: boolean;
  /** Progress may overwrite its own line. */
  isErrTerminal: boolean;
  hasColour: boolean;
  /** `undefined`: nobody looks at lines, so they may be as long as they like. */
  columns: number | undefined;
  readStdin(): Promise<string>;
  prompts(): Promise<Prompts>;
  /** Work that Ctrl-C does not cut in two: it stops the command when the work is done. */
  whole<Result>(work: () => Promise<Result>): Promise<Result>;
};

export function createTerminal(process: NodeJS.Process, interruption = createInterruption()): Terminal {
  const { env, stdin, stdout, stderr } = process;
  return {
    environment: env,
    folder: process.cwd(),
    clock: Date.now,
    sleep: (ms) => setTimeout(ms),
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isInteractive: Boolean(stdin.isTTY && stderr.isTTY),
    isErrTerminal: Boolean(stderr.isTTY),
    hasColour: Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb',
    // Some terminals say 0, which is that they do not know.
    columns: (stdout.isTTY && stdout.columns) || undefined,
    async readStdin() {
      const parts: Buffer[] = [];
      for await (const part of stdin) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    },
    whole: interruption.whole,
    async prompts() {
      const { createPrompts } = await import('./prompts.ts');
      return createPrompts(stdin, stderr);
    },
  };
}

export function createInterruption() {
  let isWhole = false;
  let isAsked = false;
  const stopped = () => new CommandError('interrupted', 'Stopped by Ctrl-C; what was done so far stays.', { exitCode: EXIT.interrupted });
  return {
    /** Whether the process may end now; else it ends soon. */
    ask(): boolean {
      isAsked = true;
      return !isWhole;
    },

    async whole<Result>(work: () => Promise<Result>): Promise<Result> {
      isWhole = true;
      try {
        return await work();
      } finally {
        isWhole = false;
        // biome-ignore lint/correctness/noUnsafeFinally: whatever became of the work, nothing more is begun
        if (isAsked) throw stopped();
      }
    },
  };
}
