// Questions to whoever sits there. They go to stderr, so that stdout holds the answer alone.
import type { Readable, Writable } from 'node:stream';
import { confirm, isCancel, password, text } from '@clack/prompts';
import { CommandError } from '../failure.ts';

export type Question = { message: string; placeholder?: string; initialValue?: string; validate?: (text: string) => string | undefined };

export type Prompts = {
  text(question: Question): Promise<string>;
  /** What is typed is not shown. */
  secret(question: Question): Promise<string>;
  confirm(message: string): Promise<boolean>;
};

export function createPrompts(input: Readable, output: Writable): Prompts {
  const streams = { input, output, withGuide: false };
  const checked = ({ validate }: Question) => validate && { validate: (given: string | undefined) => validate(given ?? '') };
  return {
    text: async ({ message, placeholder, initialValue, ...rest }) =>
      told(await text({ message, placeholder, initialValue, ...checked({ message, ...rest }), ...streams })) ?? '',
    secret: async ({ message, ...rest }) => told(await password({ message, ...checked({ message, ...rest }), ...streams })) ?? '',
    confirm: async (message) => told(await confirm({ message, initialValue: false, ...streams })),
  };
}

function told<Answer>(answer: Answer): Exclude<Answer, symbol> {
  if (isCancel(answer)) throw new CommandError('cancelled', 'Cancelled; nothing was changed.');
  return answer as Exclude<Answer, symbol>;
}
