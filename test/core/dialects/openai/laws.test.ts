// What holds for every conversation and every answer, on random ones.
import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { type Asked, ask, blocksOf, chunksOf, type Event, type Json, streamed, whole } from './chat.ts';
import { anyAnswer, anyConversation, tools } from './conversations.ts';

const anyModel = fc.constantFrom('claude-sonnet-4-5', 'claude-opus-5-5', 'nova-2-lite', 'gpt-5.6-sol');
const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;

function checkTurns({ request }: Asked): void {
  const { messages } = request;
  expect(messages[0].role).toBe('user');
  expect(messages.at(-1).role).toBe('user');
  const ids = new Set<string>();
  messages.forEach(({ role, content }: Json, index: number) => {
    expect(role).toBe(index % 2 === 0 ? 'user' : 'assistant');
    expect(content.some((block: Json) => !block.cachePoint)).toBe(true);
    expect(content[0]).not.toHaveProperty('cachePoint');
    const isSigned = content.some((block: Json) => block.reasoningContent);
    for (const { text } of content) if (text !== undefined && !isSigned) expect(text.trim()).not.toBe('');
    const used = content.flatMap(({ toolUse }: Json) => (toolUse ? [toolUse] : []));
    const answered = (messages[index + 1]?.content ?? []).flatMap(({ toolResult }: Json) => (toolResult ? [toolResult.toolUseId] : []));
    if (role === 'assistant') expect(answered).toEqual(used.map(({ toolUseId }: Json) => toolUseId));
    for (const { toolUseId, name, input } of used) {
      expect(toolUseId).toMatch(LEGAL);
      expect(name).toMatch(LEGAL);
      expect(ids.has(toolUseId)).toBe(false);
      expect(typeof input === 'object' && input !== null && !Array.isArray(input)).toBe(true);
      ids.add(toolUseId);
    }
    for (const { toolResult } of content) if (toolResult) expect(toolResult.content.length).toBeGreaterThan(0);
    const kinds = content.filter(({ cachePoint }: Json) => !cachePoint).map((block: Json) => (block.toolResult ? 0 : 1));
    expect(kinds).toEqual([...kinds].sort());
  });
}

const pointsOf = ({ request }: Asked): Json[] =>
  [...(request.system ?? []), ...(request.toolConfig?.tools ?? []), ...blocksOf({ request } as Asked)].filter(
    ({ cachePoint }) => cachePoint,
  );

describe('every conversation', () => {
  test('alternates, begins with the user, answers each call in the next message, says nothing blank and marks at most four points', () => {
    fc.assert(
      fc.property(
        anyConversation,
        anyModel,
        fc.constantFrom('explicit', 'auto') as fc.Arbitrary<'explicit' | 'auto'>,
        (conversation, name, promptCaching) => {
          const asked = ask(name, { tools, messages: [...conversation.system, ...conversation.exchanges.flat()] }, { promptCaching });
          checkTurns(asked);
          expect(pointsOf(asked).length).toBeLessThanOrEqual(4);
          const documents = blocksOf(asked).flatMap(({ document }) => (document ? [document.name] : []));
          expect(new Set(documents).size).toBe(documents.length);
          for (const name of documents) expect(name).toMatch(/^[A-Za-z0-9\-()[\]]+( [A-Za-z0-9\-()[\]]+)*$/);
          for (const { text } of asked.request.system ?? []) if (text !== undefined) expect(text.trim()).not.toBe('');
        },
      ),
      { numRuns: 400 },
    );
  });

  test('"prompt cache silently invalidated": its request begins with the bytes of the request one exchange earlier', () => {
    fc.assert(
      fc.property(anyConversation, anyModel, ({ system, exchanges }, name) => {
        const bytesUpTo = (count: number) => {
          const asked = ask(name, { tools, messages: [...system, ...exchanges.slice(0, count).flat()] });
          const blocks = blocksOf(asked).filter(({ cachePoint }) => !cachePoint);
          return {
            head: JSON.stringify([asked.request.toolConfig, asked.request.system?.filter((block: Json) => block.text)]),
            blocks: blocks.map((block) => JSON.stringify(block)),
          };
        };
        const all = bytesUpTo(exchanges.length);
        for (let count = 1; count < exchanges.length; count += 2) {
          const earlier = bytesUpTo(count);
          expect(all.head).toBe(earlier.head);
          expect(all.blocks.slice(0, earlier.blocks.length)).toEqual(earlier.blocks);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("translates to the same bytes every time, and leaves the client's body alone", () => {
    fc.assert(
      fc.property(anyConversation, anyModel, ({ system, exchanges }, name) => {
        const body = { tools, messages: [...system, ...exchanges.flat()] };
        const before = JSON.stringify(body);
        expect(JSON.stringify(ask(name, body).request)).toBe(JSON.stringify(ask(name, body).request));
        expect(JSON.stringify(body)).toBe(before);
      }),
      { numRuns: 100 },
    );
  });
});

/** The message as the openai client itself puts it together from the stream. */
async function collected(sse: string): Promise<Json> {
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: 'http://gateway.test/v1',
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  });
  const stream = client.chat.completions.stream({
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
    stream_options: { include_usage: true },
  });
  return JSON.parse(JSON.stringify(await stream.finalChatCompletion()));
}

/** What OpenAI's own types know of a completion. The client adds `parsed`, and of fields it does not know keeps the last piece. */
function known({ choices: [choice], usage, id, model }: Json): Json {
  const { content, refusal, role, tool_calls } = choice.message;
  const calls = (tool_calls ?? []).map(({ id, type, function: { name, arguments: args } }: Json) => ({ id, type, name, args }));
  return { id, model, usage, finish: choice.finish_reason, message: { role, content, refusal: refusal ?? null, calls } };
}

/** The same for the fields only reasoning clients know, which append the pieces of each index. */
function reasoningOf(sse: string): Json {
  const blocks = new Map<string, Json>();
  let text = '';
  for (const { choices } of chunksOf(sse)) {
    const { reasoning_content = '', reasoning = '', reasoning_details = [] } = choices[0]?.delta ?? {};
    expect(reasoning).toBe(reasoning_content);
    text += reasoning_content;
    for (const { type, index, ...pieces } of reasoning_details) {
      const block = blocks.get(`${type} ${index}`) ?? { type, index };
      for (const [key, value] of Object.entries(pieces)) block[key] = key === 'format' ? value : (block[key] ?? '') + value;
      blocks.set(`${type} ${index}`, block);
    }
  }
  return { text, blocks: [...blocks.values()] };
}

describe('every answer', () => {
  const answered = (events: Event[], body: object) => {
    const { answer } = ask('claude-sonnet-4-5', body);
    return { sse: streamed(events, answer, true), completion: whole(events, answer) };
  };

  test('is the same to the openai client streamed as it is whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (events) => {
        const { sse, completion } = answered(events, { tools });
        expect(known(await collected(sse))).toEqual(known(completion));
        const { reasoning_content = '', reasoning = '', reasoning_details = [] } = completion.choices[0].message;
        expect(reasoning).toBe(reasoning_content);
        expect(reasoningOf(sse)).toEqual({ text: reasoning_content, blocks: reasoning_details });
      }),
      { numRuns: 300 },
    );
  });

  test('has arguments that parse, calls counted from 0 without gaps, and one role, one finish, one [DONE]', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const { sse, completion } = answered(events, { tools });
        const choices = chunksOf(sse).flatMap((chunk) => chunk.choices);
        expect(choices.filter(({ delta }) => delta.role)).toHaveLength(1);
        expect(choices.filter(({ finish_reason }) => finish_reason !== null)).toHaveLength(1);
        expect(sse.split('data: [DONE]')).toHaveLength(2);
        const indexes = choices.flatMap(({ delta }) =>
          (delta.tool_calls ?? []).filter((call: Json) => call.id).map((call: Json) => call.index),
        );
        expect(indexes).toEqual(indexes.map((_, at) => at));
        for (const call of completion.choices[0].message.tool_calls ?? []) JSON.parse(call.function.arguments);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same streamed and whole also where its text must be JSON', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const { sse, completion } = answered(events, { response_format: { type: 'json_object' } });
        const content = chunksOf(sse).flatMap(({ choices }) => choices[0]?.delta.content ?? []);
        expect(content.join('')).toBe(completion.choices[0].message.content ?? '');
      }),
      { numRuns: 3000 },
    );
  });
});
