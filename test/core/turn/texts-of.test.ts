// What is kept of a request: all that was said, no files, and no more than there is room for.
import { expect, test } from 'vitest';
import type { ConverseRequest } from '../../../functions/core/bedrock/converse.ts';
import { textsOf } from '../../../functions/core/turn/texts-of.ts';

const bytes = new Uint8Array(5_000);
const said = (role: 'user' | 'assistant', text: string) => ({ role, content: [{ text }] });

test('every kind of block is told, files by their kind and size', () => {
  const request = {
    system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
    messages: [
      {
        role: 'user',
        content: [{ text: 'Look' }, { image: { format: 'png', source: { bytes } } }, { cachePoint: { type: 'default' } }],
      },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm', signature: 'secret' } } },
          { toolUse: { toolUseId: 't', name: 'see', input: { a: 1 } } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: 't',
              status: 'error',
              content: [{ text: 'no' }, { json: { b: 2 } }, { image: { format: 'gif', source: { bytes } } }],
            },
          },
          { document: { name: 'd', format: 'pdf', source: { bytes } } },
        ],
      },
    ],
    toolConfig: { tools: [{ toolSpec: { name: 'see', inputSchema: { json: {} } } }, { cachePoint: { type: 'default' } }] },
  } as ConverseRequest;
  expect(textsOf(request)).toEqual({
    system: 'Be brief.\n',
    tools: ['see'],
    messages: [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'Look' },
          { type: 'file', kind: 'image', format: 'png', bytes: 5_000 },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'toolCall', id: 't', name: 'see', input: '{"a":1}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'toolResult', id: 't', isError: true, text: 'no\n{"b":2}\n[image, gif]' },
          { type: 'file', kind: 'document', format: 'pdf', bytes: 5_000 },
        ],
      },
    ],
    omittedMessages: 0,
    isCut: false,
  });
});

test('of a prompt that is too long the newest messages are kept, what is cut is marked and what is left out counted', () => {
  const messages = [said('user', 'first'), said('assistant', 'x'.repeat(90)), said('user', 'last words')];
  const kept = textsOf({ system: [{ text: 's'.repeat(100) }], messages }, 100);
  expect(kept).toEqual({
    system: `${'s'.repeat(25)}… [cut]`,
    tools: [],
    messages: [
      { role: 'assistant', parts: [{ type: 'text', text: `${'x'.repeat(65)}… [cut]` }] },
      { role: 'user', parts: [{ type: 'text', text: 'last words' }] },
    ],
    omittedMessages: 1,
    isCut: true,
  });
});

test('room is counted in bytes, and no character is cut in half', () => {
  const { messages } = textsOf({ messages: [said('user', '日本語')] }, 8);
  expect(messages[0]!.parts).toEqual([{ type: 'text', text: '日本… [cut]' }]);
});
