// What must be remembered of a request to read its answer. Pure.
import type { JsonReading } from '../content/structured-output.ts';
import { createToolBook, type ToolBook } from '../content/tool-book.ts';
import { createWarnings } from '../content/warnings.ts';

/** `model` is the name the client sent; `created` is in Unix seconds. */
export type AnswerHead = { id: string; created: number; model: string };

export type AnswerPlan = {
  /** Gives tools their own names and inputs back. */
  book: ToolBook;
  reading: JsonReading;
  /** The client spoke of functions, and is answered with `function_call`. */
  isLegacy: boolean;
  /** The client wants no calls; what the model calls all the same is left out. */
  ignoresCalls: boolean;
  showsReasoning: boolean;
  /** The maker of the reasoning, so that it is given back to none but it. */
  reasoningFormat: string | null;
};

/** That of a request which asked for nothing but text. */
export function plainPlan(): AnswerPlan {
  return {
    book: createToolBook([], '', createWarnings(false)),
    reading: { by: 'none' },
    isLegacy: false,
    ignoresCalls: false,
    showsReasoning: true,
    reasoningFormat: null,
  };
}
