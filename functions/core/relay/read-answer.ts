// Understands what an upstream answers as far as the ledger needs: its usage, its end, its failure. The rest passes as it came. Pure.
import { brokenAnswer } from './failures.ts';
import { type RelayUsage, usageOf } from './read-usage.ts';
import { dataOf } from './sse-events.ts';

export type Heard = {
  /** What the client is to see of it; `undefined` when that is nothing. */
  frame?: string;
  usage?: RelayUsage;
  /** Nothing of the answer follows. */
  isEnd?: boolean;
  /** All has been said, though a last word may still follow, which some servers leave out. */
  isComplete?: boolean;
};

type Fields = Record<string, unknown>;

/** The last events of a response; a chat ends in [DONE]. */
const ENDS = new Set(['response.completed', 'response.incomplete', 'response.cancelled']);

/** One event of a stream. Throws where the upstream says that it failed. */
export function readEvent(event: string, hidesUsage: boolean): Heard {
  const data = dataOf(event);
  if (data === undefined) return { frame: `${event}\n\n` };
  if (data === '[DONE]') return { frame: 'data: [DONE]\n\n', isEnd: true, isComplete: true };
  const chunk = parse(data);
  const usage = usageOf(chunk);
  const isEnd = ENDS.has(chunk.type as string);
  const isComplete = isEnd || (usage !== undefined && isLastOf(chunk));
  return { frame: hidesUsage ? withoutUsage(chunk, event) : `${event}\n\n`, usage, isEnd, isComplete };
}

/** A whole answer. Throws where the upstream says that it failed. */
export function readWhole(text: string): Heard {
  return { frame: text, usage: usageOf(parse(text)), isEnd: true, isComplete: true };
}

function parse(text: string): Fields {
  let answer: Fields;
  try {
    answer = JSON.parse(text);
  } catch {
    throw brokenAnswer('it is not JSON');
  }
  if (typeof answer !== 'object' || answer === null) throw brokenAnswer('it is no object');
  const response = answer.response as Fields | null | undefined;
  if (answer.error || response?.error || answer.type === 'error' || answer.type === 'response.failed') throw brokenAnswer('it says so');
  return answer;
}

/** A usage may also be told as it grows, beside words that are not the last. */
function isLastOf({ choices }: Fields): boolean {
  if (!Array.isArray(choices)) return true;
  return choices.every((choice) => (choice as Fields | null)?.finish_reason);
}

function withoutUsage(chunk: Fields, event: string): string | undefined {
  if (!('usage' in chunk)) return `${event}\n\n`;
  const { usage, ...rest } = chunk;
  const isForUsage = usage !== null && Array.isArray(chunk.choices) && chunk.choices.length === 0;
  return isForUsage ? undefined : `data: ${JSON.stringify(rest)}\n\n`;
}
