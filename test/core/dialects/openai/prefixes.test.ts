// Prompt caching lives on equal bytes: whatever a conversation holds, each request begins with the bytes of the one before it. An agent asks
// again after every result, a user after every answer, so a conversation is cut after each of its messages that is not the assistant's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, type Json, tool } from './chat.ts';
import { anyConversation, anyName, anyResults, tools } from './conversations.ts';

const MODELS = ['claude-sonnet-4-5', 'claude-opus-5-5', 'nova-2-lite', 'gpt-5.6-sol', 'claude-opus-4-8'];
const BODIES = [{}, { reasoning_effort: 'high', max_tokens: 20_000 }, { response_format: { type: 'json_object' } }];

type Placement = 'explicit' | 'auto';

/** Bytes as the wire has them. */
function bytesOf(value: unknown): string {
  return JSON.stringify(value, function (this: Json, key: string, given: unknown) {
    return this[key] instanceof Uint8Array ? Buffer.from(this[key]).toString('base64') : given;
  });
}

const isContent = ({ cachePoint }: Json) => cachePoint === undefined;

/** The prompt in the order in which a model caches it, without the marks, which say where to cache and are not cached themselves. */
function promptOf({ toolConfig, system = [], messages }: Json): string {
  const said = messages.map(({ role, content }: Json) => ({ role, content: content.filter(isContent) }));
  return bytesOf([(toolConfig?.tools ?? []).filter(isContent), system.filter(isContent), said]);
}

/** How many blocks of the messages stand before each mark. */
function marksOf({ messages }: Json): number[] {
  const blocks = messages.flatMap(({ content }: Json) => content);
  const marks = blocks.flatMap((block: Json, at: number) => (isContent(block) ? [] : [at]));
  return marks.map((at: number, earlier: number) => at - earlier);
}

/** Where a client asks: after everything that is not the assistant's and has nothing of its kind after it. */
function turnsOf(messages: Json[]): Json[][] {
  return messages.flatMap(({ role }, index) => {
    const next = messages[index + 1]?.role;
    const isEnd = role !== 'assistant' && role !== 'system' && (next === undefined || next === 'assistant');
    return isEnd ? [messages.slice(0, index + 1)] : [];
  });
}

function checkTurns(messages: Json[], model: string, body: object, promptCaching: Placement, keepsMarks: boolean): void {
  let before: { prompt: string; marks: number[] } | undefined;
  for (const turn of turnsOf(messages)) {
    const { request } = ask(model, { ...body, tools, messages: turn }, { promptCaching });
    const prompt = promptOf(request);
    const marks = marksOf(request);
    // Cut before the brackets that end the last message: the next request goes on within it, or after it.
    const open = (text: string) => text.slice(0, -'}]]'.length - 1);
    if (before) expect(prompt.startsWith(open(before.prompt))).toBe(true);
    // The last mark of the request before is still one of this request, so that what was written is read.
    if (before && keepsMarks) expect(marks).toContain(before.marks.at(-1));
    before = { prompt, marks };
  }
}

/** A loop of an agent: calls and results without a word of the user's between them, pictures among the results. */
const anyLoop = fc
  .array(fc.tuple(fc.uniqueArray(anyName, { minLength: 1, maxLength: 3 }), anyResults, fc.boolean()), { minLength: 2, maxLength: 6 })
  .map((rounds) => [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Go.' },
        { type: 'file', file: { filename: 'a_b.pdf', file_data: 'JVBERi0xLjc=' } },
      ],
    },
    ...rounds.flatMap(([names, results, isReminded], round) => [
      {
        role: 'assistant',
        content: round % 2 === 0 ? null : 'Next.',
        reasoning_details: [{ type: 'reasoning.text', text: `${round}`, signature: 's', index: 0 }],
        tool_calls: names.map((name, at) => ({
          id: `functions.x:${round}${at}`,
          type: 'function',
          function: { name, arguments: '{"b":1,"a":2}' },
        })),
      },
      ...(isReminded ? [{ role: 'system', content: 'Mind.' }] : []),
      ...names.map((_, at) => ({ role: 'tool', tool_call_id: `functions.x:${round}${at}`, content: results[at] })),
    ]),
  ]);

describe.each(['explicit', 'auto'] as const)('with cache points: %s', (promptCaching) => {
  test('a conversation with pictures, documents, tools and reasoning keeps the bytes of its turns', () => {
    const run = (conversation: Parameters<Parameters<typeof anyConversation.map>[0]>[0], model: string, body: object) =>
      checkTurns([...conversation.system, ...conversation.exchanges.flat()], model, body, promptCaching, false);
    fc.assert(fc.property(anyConversation, fc.constantFrom(...MODELS), fc.constantFrom(...BODIES), run), { numRuns: 1_500 });
  });

  test('a loop of an agent keeps the bytes of its rounds, and the gateway’s own marks are found again', () => {
    const run = (messages: Json[], model: string, body: object) =>
      checkTurns(messages, model, body, promptCaching, promptCaching === 'auto');
    fc.assert(fc.property(anyLoop, fc.constantFrom('claude-sonnet-4-5', 'claude-opus-4-8'), fc.constantFrom(...BODIES), run), {
      numRuns: 500,
    });
  });
});

test('the order of the tools and of their keys is the client’s', () => {
  const offered = [tool('b', { type: 'object', properties: { z: {}, a: {} } }), tool('a'), tool('c')];
  const specs = ask('claude-sonnet-4-5', { tools: offered }).request.toolConfig.tools.map(({ toolSpec }: Json) => toolSpec);
  expect(specs.map(({ name }: Json) => name)).toEqual(['b', 'a', 'c']);
  expect(JSON.stringify(specs[0].inputSchema.json)).toBe('{"type":"object","properties":{"z":{},"a":{}}}');
});
