// One check of the doctor's: what it found and what would help.
import { CommandError } from '../failure.ts';

export type Check = { name: string; state: 'ok' | 'warning' | 'failed' | 'skipped'; found: string; hint?: string | undefined };

/** A check that could not be made is one that failed. */
export function failedCheck(name: string, thrown: unknown): Check {
  if (!(thrown instanceof CommandError)) throw thrown;
  return { name, state: 'failed', found: thrown.message, hint: thrown.details.hint };
}
