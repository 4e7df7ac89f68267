// Gathers what a model says, event by event, for the thread of its turn. It runs beside every chunk of a stream: no allocation but the
// text's own. Law: bounded; what is over is counted and cut.
import type { ConverseEvent } from '../bedrock/converse.ts';
import { CUT, type Part } from '../conversations/thread.ts';

/** Characters of an answer that are kept: more than any model says in one. */
const LONGEST_ANSWER = 600_000;

export type Collector = ReturnType<typeof createCollector>;

export function createCollector(longest = LONGEST_ANSWER) {
  const parts: Part[] = [];
  let kind: 'text' | 'reasoning' | 'toolCall' | undefined;
  let index: number | undefined;
  let text = '';
  let call = { id: '', name: '' };
  let room = longest;
  let isCut = false;

  /** The part that was being said is over. */
  const close = () => {
    if (kind === 'toolCall') parts.push({ type: 'toolCall', ...call, input: text });
    else if (kind !== undefined && text !== '') parts.push({ type: kind, text });
    kind = undefined;
    text = '';
  };

  const say = (what: typeof kind, at: number | undefined, said: string) => {
    if (what !== kind || at !== index) {
      close();
      kind = what;
      index = at;
    }
    if (said.length <= room) {
      room -= said.length;
      text += said;
      return;
    }
    if (!isCut) text += said.slice(0, room) + CUT;
    room = 0;
    isCut = true;
  };

  return {
    hear({ contentBlockDelta, contentBlockStart }: ConverseEvent): void {
      if (contentBlockDelta) {
        const { delta, contentBlockIndex } = contentBlockDelta;
        if (delta?.text !== undefined) say('text', contentBlockIndex, delta.text);
        else if (delta?.toolUse !== undefined) say('toolCall', contentBlockIndex, delta.toolUse.input ?? '');
        else if (delta?.reasoningContent?.text !== undefined) say('reasoning', contentBlockIndex, delta.reasoningContent.text);
      } else if (contentBlockStart?.start?.toolUse) {
        const { toolUseId = '', name = '' } = contentBlockStart.start.toolUse;
        close();
        call = { id: toolUseId, name };
        kind = 'toolCall';
        index = contentBlockStart.contentBlockIndex;
      }
    },

    answer(): { parts: Part[]; isCut: boolean } {
      close();
      return { parts, isCut };
    },
  };
}
