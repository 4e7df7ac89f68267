// What users of gateways saw of reasoning, and what they see here. Over HTTP; the stand-in checks its own signatures as Claude does.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assistant, called, type Desk, openDesk, result, type Seen, tool, user } from '../support/desk.ts';
import type { Json } from '../support/watch-bedrock.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ monthlyBudget: null });
});
afterAll(() => desk.close());

const asked = { reasoning_effort: 'low', max_tokens: 4_000, tools: [tool('get_weather', 'Tells the weather of a city.')] };
const question = user('What is the weather in Paris?');
const reasoningSent = ({ sent }: Seen): Json[] =>
  sent!.body.messages.flatMap(({ content }: Json) => content.flatMap(({ reasoningContent }: Json) => reasoningContent ?? []));

/** The message as a client puts it together that appends what it does not know by index. */
function collected(frames: Json[]): Json {
  const message: Json = { role: 'assistant', content: null, reasoning_details: [], tool_calls: [] };
  for (const { choices = [] } of frames) {
    for (const { index, ...piece } of choices[0]?.delta.reasoning_details ?? []) {
      message.reasoning_details[index] ??= { index };
      const block = message.reasoning_details[index];
      for (const [key, value] of Object.entries(piece)) block[key] = key === 'text' ? (block[key] ?? '') + value : value;
    }
    for (const { index, ...piece } of choices[0]?.delta.tool_calls ?? []) {
      message.tool_calls[index] ??= { ...piece, function: { ...piece.function, arguments: '' } };
      message.tool_calls[index].function.arguments += piece.function.arguments;
    }
  }
  return message;
}

test.each([
  ['whole', false],
  ['streamed', true],
])(
  'A user whose reasoning came %s and who sends it back sees the next answer and not "thinking.signature: Field required"',
  async (_how, stream) => {
    const first = await desk.chat({ ...asked, stream, messages: [question] });
    const message = stream ? collected(first.frames) : first.json.choices[0].message;
    expect(message.reasoning_details[0]).toMatchObject({ type: 'reasoning.text', signature: expect.any(String) });
    const next = await desk.chat({ ...asked, messages: [question, message, result(message.tool_calls[0].id, '20 degrees')] });
    expect(next.status).toBe(200);
    const [{ reasoningText }] = reasoningSent(next);
    expect(reasoningText).toEqual({ text: message.reasoning_details[0].text, signature: message.reasoning_details[0].signature });
  },
);

test('A user whose client drops the reasoning sees the tool loop go on, and not "Expected `thinking`, but found `tool_use`"', async () => {
  const messages = [question, assistant(null, { tool_calls: [called('a', 'get_weather')] }), result('a', '20 degrees')];
  const { status, headers } = await desk.chat({ ...asked, messages });
  expect(status).toBe(200);
  expect(headers.get('x-outcrop-warnings')).toMatch(/^reasoning_effort;/);
});

test.each([false, true])(
  'A user of a model that seals its reasoning sees the seal whole and can send it back (streamed: %s)',
  async (stream) => {
    const model = 'standin.recording-redacted-reasoning';
    const first = await desk.chat({ model, stream });
    const message = stream ? collected(first.frames) : first.json.choices[0].message;
    const data = Buffer.from('synthetic-reasoning').toString('base64');
    expect(message.reasoning_details).toMatchObject([{ type: 'reasoning.encrypted', data }]);
    const sealed = assistant('x', { reasoning_details: message.reasoning_details });
    const next = await desk.chat({ model: 'gpt-5.6-sol', messages: [user('a'), sealed, user('b')] });
    expect(next.status).toBe(200);
    expect(reasoningSent(next)).toEqual([{ redactedContent: data }]);
  },
);

test('A user of a model that shows nothing of what it signs sees the empty block go back with its signature', async () => {
  const reasoning_details = [{ type: 'reasoning.text', text: '', signature: 'c2ln', index: 0 }];
  const seen = await desk.chat({ model: 'claude-opus-4-8', messages: [user('a'), assistant('b', { reasoning_details }), user('c')] });
  expect(seen.status).toBe(200);
  expect(reasoningSent(seen)).toEqual([{ reasoningText: { text: '', signature: 'c2ln' } }]);
});

test.each(['claude-sonnet-4-5', 'gpt-oss-120b', 'kimi-k2-thinking'])(
  'A user who sends unsigned reasoning back to %s sees an answer and not "cannot contain reasoning content"',
  async (model) => {
    const seen = await desk.chat({ model, messages: [user('a'), assistant('b', { reasoning_content: 'Hm.' }), user('c')] });
    expect(seen.status).toBe(200);
    expect(reasoningSent(seen)).toEqual([]);
  },
);
