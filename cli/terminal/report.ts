// What a command says: its answer on stdout, as text or as JSON, everything else on stderr.
import { styleText } from 'node:util';
import { type Column, toPairs, toTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { cutText } from './text-width.ts';

export type Report = ReturnType<typeof createReport>;

/** `1 key`, `2 keys`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

export function createReport(terminal: Terminal, isJson: boolean) {
  const { out, err, columns, hasColour, isErrTerminal } = terminal;
  const bold = (text: string) => (hasColour ? styleText('bold', text, { validateStream: false }) : text);
  const dim = (text: string) => (hasColour ? styleText('dim', text, { validateStream: false }) : text);
  let isProgressShown = false;

  const clearProgress = () => {
    if (isProgressShown) err('\r\u001b[K');
    isProgressShown = false;
  };

  return {
    isJson,

    /** The answer: `json` for programs, or the text for people. */
    answer(json: unknown, text: () => string): void {
      clearProgress();
      out(isJson ? `${JSON.stringify(json, null, 2)}\n` : text());
    },

    table: <Row>(rows: readonly Row[], shown: readonly Column<Row>[]) => toTable(rows, shown, columns, bold),
    pairs: (pairs: readonly [string, string | null | undefined][]) => toPairs(pairs, dim),

    /** A remark beside the answer; programs do not want it. */
    note(text: string): void {
      clearProgress();
      if (!isJson) err(`${text}\n`);
    },

    /** How far long work is, on one line of a terminal that is written over. */
    progress(text: string): void {
      // Nobody looks at it, or a program does.
      if (!isErrTerminal || isJson) return;
      err(`\r\u001b[K${cutText(text, (columns ?? 80) - 1)}`);
      isProgressShown = true;
    },

    clearProgress,
  };
}
