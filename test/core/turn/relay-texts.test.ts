// What a thread keeps of a relayed call, by the dialect it was in; what nobody knows is passed over, and nothing throws.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCollector } from '../../../functions/core/turn/collector.ts';
import { conversationOf, hearRelayed } from '../../../functions/core/turn/relay-texts.ts';
import { textsOf } from '../../../functions/core/turn/texts-of.ts';

const said = (fields: object) => textsOf(conversationOf(fields as Record<string, unknown>)!);
const answered = (isStream: boolean, ...bodies: object[]) => {
  const collector = createCollector();
  const hear = hearRelayed(collector.hear, isStream);
  for (const body of bodies) hear(isStream ? `event: x\ndata: ${JSON.stringify(body)}` : JSON.stringify(body));
  return collector.answer().parts;
};
const text = (words: string) => ({ type: 'text', text: words });

describe('what was asked', () => {
  test('of a chat: system, parts, files by their kind, tools and their results', () => {
    const asked = said({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [text('Look.'), { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c1', function: { name: 'find', arguments: '{"q":1}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'Found.' },
      ],
      tools: [{ type: 'function', function: { name: 'find' } }],
    });
    expect(asked).toMatchObject({ system: 'Be brief.', tools: ['find'], omittedMessages: 0 });
    expect(asked.messages).toEqual([
      { role: 'user', parts: [text('Look.'), { type: 'file', kind: 'image', format: '', bytes: null }] },
      { role: 'assistant', parts: [{ type: 'toolCall', id: 'c1', name: 'find', input: '{"q":1}' }] },
      { role: 'user', parts: [{ type: 'toolResult', id: 'c1', isError: false, text: 'Found.' }] },
    ]);
  });

  test('of a response: instructions, a text or items', () => {
    expect(said({ instructions: 'Be brief.', input: 'Hello' })).toMatchObject({
      system: 'Be brief.',
      messages: [{ role: 'user', parts: [text('Hello')] }],
    });
    const input = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
      { type: 'function_call', call_id: 'c1', name: 'find', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'Found.' },
    ];
    expect(said({ input }).messages.map(({ role, parts }) => [role, parts[0]!.type])).toEqual([
      ['user', 'text'],
      ['assistant', 'toolCall'],
      ['user', 'toolResult'],
    ]);
  });

  test('of a completion: its prompts; of a path that nobody knows: nothing', () => {
    expect(said({ prompt: ['one', 'two'] }).messages).toHaveLength(2);
    expect(conversationOf({ query: 'x', documents: ['y'] })).toBeUndefined();
  });
});

describe('what was answered', () => {
  const call = { type: 'toolCall', id: 'c1', name: 'find', input: '{"q":1}' };
  const parts = [{ type: 'reasoning', text: 'Hm.' }, text('Hello there'), call];

  test('in a chat, whole and streamed', () => {
    const whole = { index: 0, id: 'c1', function: { name: 'find', arguments: '{"q":1}' } };
    expect(answered(false, { choices: [{ message: { reasoning_content: 'Hm.', content: 'Hello there', tool_calls: [whole] } }] })).toEqual(
      parts,
    );
    const delta = (fields: object) => ({ choices: [{ delta: fields }] });
    const chunks = [delta({ reasoning: 'Hm.' }), delta({ content: 'Hello ' }), delta({ content: 'there' })];
    const calls = [
      delta({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'find', arguments: '{"q"' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
    ];
    expect(answered(true, ...chunks, ...calls, { choices: [], usage: {} })).toEqual(parts);
  });

  test('in a response, whole and streamed, each word once', () => {
    const output = [
      { type: 'reasoning', summary: [text('Hm.')] },
      { type: 'message', content: [{ type: 'output_text', text: 'Hello there' }] },
      { type: 'function_call', call_id: 'c1', name: 'find', arguments: '{"q":1}' },
    ];
    expect(answered(false, { output })).toEqual(parts);
    const events = [
      { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'Hm.' },
      { type: 'response.output_text.delta', output_index: 1, delta: 'Hello ' },
      { type: 'response.output_text.delta', output_index: 1, delta: 'there' },
      { type: 'response.output_item.added', output_index: 2, item: { type: 'function_call', call_id: 'c1', name: 'find', arguments: '' } },
      { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"q":1}' },
      { type: 'response.output_item.done', output_index: 2, item: output[2] },
      { type: 'response.completed', response: { output } },
    ];
    expect(answered(true, ...events)).toEqual(parts);
  });

  test('of several choices each is a part of its own', () => {
    expect(answered(false, { choices: [{ text: 'one' }, { text: 'two' }] })).toEqual([text('one'), text('two')]);
  });
});

test('nothing that a client or an upstream may send makes it throw', () => {
  const names = [
    'messages',
    'input',
    'prompt',
    'content',
    'role',
    'tool_calls',
    'function',
    'tools',
    'system',
    'choices',
    'delta',
    'type',
    'item',
    'output',
  ];
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(null, { toString: 1 }, '', 'text', 7, true, 'tool', 'function_call'),
      fc.array(tie('value')),
      tie('fields'),
    ),
    fields: fc.dictionary(fc.constantFrom(...names), tie('value')),
  }));
  fc.assert(
    fc.property(json.fields, (fields) => {
      const request = conversationOf(fields as Record<string, unknown>);
      if (request) textsOf(request);
      answered(false, fields as object);
      answered(true, fields as object);
    }),
    { numRuns: 300 },
  );
});

test('what is nested as deep as a body can hold is passed over', () => {
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
  expect(conversationOf({ messages: deep, instructions: deep })).toBeDefined();
});
