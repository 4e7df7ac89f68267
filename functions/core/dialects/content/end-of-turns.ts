// How a conversation ends when the assistant spoke last: its words are a beginning to be continued, where the model allows that. Pure.
import type { Message } from '@aws-sdk/client-bedrock-runtime';
import { CONTINUE, textBlock } from './text.ts';

/** Changes the last message, or adds one. */
export function closeWithUser(turns: Message[], mayPrefill: boolean): void {
  const last = turns.at(-1);
  if (last?.role !== 'assistant') return;
  if (!mayPrefill) {
    turns.push({ role: 'user', content: [textBlock(CONTINUE)] });
    return;
  }
  const block = last.content?.findLast(({ text }) => text !== undefined);
  // White space at the end of a beginning is refused.
  if (block?.text !== undefined) block.text = block.text.trimEnd();
}

/** The conversation is between a tool call and its answer, and the call does not begin with the reasoning that led to it. */
export function isUnreasonedToolLoop(turns: Message[]): boolean {
  const said = turns.findLast(({ role }) => role === 'assistant')?.content ?? [];
  return said.some(({ toolUse }) => toolUse !== undefined) && said[0]?.reasoningContent === undefined;
}
