// What must be remembered of a request to read its answer. Types only.
import type { JsonReading } from '../content/structured-output.ts';
import type { ToolBook } from '../content/tool-book.ts';

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
