// What is gathered of an answer, and that it is bounded.
import { expect, test } from 'vitest';
import type { ConverseEvent } from '../../../functions/core/bedrock/converse.ts';
import { createCollector } from '../../../functions/core/turn/collector.ts';

const delta = (contentBlockIndex: number, said: object) => ({ contentBlockDelta: { contentBlockIndex, delta: said } }) as ConverseEvent;
const hearing = (events: ConverseEvent[], longest?: number) => {
  const { hear, answer } = createCollector(longest);
  for (const event of events) hear(event);
  return answer();
};

test('text, reasoning and tool calls become parts in their order', () => {
  const start = { toolUse: { toolUseId: 't1', name: 'look_up' } };
  const events = [
    { messageStart: { role: 'assistant' } },
    delta(0, { reasoningContent: { text: 'Hm, ' } }),
    delta(0, { reasoningContent: { text: 'so.' } }),
    delta(0, { reasoningContent: { signature: 'abc' } }),
    delta(1, { text: 'one ' }),
    delta(1, { text: 'two' }),
    { contentBlockStart: { contentBlockIndex: 2, start } },
    delta(2, { toolUse: { input: '{"a":' } }),
    delta(2, { toolUse: { input: '1}' } }),
    { contentBlockStart: { contentBlockIndex: 3, start: { toolUse: { toolUseId: 't2', name: 'none' } } } },
    delta(4, { text: 'three' }),
    { messageStop: { stopReason: 'end_turn' } },
  ] as ConverseEvent[];
  expect(hearing(events)).toEqual({
    parts: [
      { type: 'reasoning', text: 'Hm, so.' },
      { type: 'text', text: 'one two' },
      { type: 'toolCall', id: 't1', name: 'look_up', input: '{"a":1}' },
      { type: 'toolCall', id: 't2', name: 'none', input: '' },
      { type: 'text', text: 'three' },
    ],
    isCut: false,
  });
});

test('nothing said is no part', () => {
  expect(hearing([{ messageStart: { role: 'assistant' } } as ConverseEvent])).toEqual({ parts: [], isCut: false });
});

test('an answer over the limit is cut there, with a mark, whatever comes after', () => {
  const events = [delta(0, { text: 'abcd' }), delta(0, { text: 'efgh' }), delta(0, { text: 'ijkl' }), delta(1, { text: 'mnop' })];
  expect(hearing(events, 6)).toEqual({ parts: [{ type: 'text', text: 'abcdef… [cut]' }], isCut: true });
});
