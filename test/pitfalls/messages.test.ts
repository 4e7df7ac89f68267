// What users of gateways saw when their conversations were translated, and what they see here. Every chat goes over HTTP, and the stand-in
// refuses what Bedrock refuses, in its words.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseUsd } from '../../functions/core/platform/money.ts';
import { assistant, called, type Desk, openDesk, result, SONNET, tool, user } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ monthlyBudget: null });
});
afterAll(() => desk.close());

const round = [user('go'), assistant(null, { tool_calls: [called('a', 'look')] }), result('a', 'seen')];

test.each([
  ['that offers no tools', {}],
  ['that forbids them', { tools: [tool('look')], tool_choice: 'none' }],
])(
  'A user who asks on after a tool call, in a request %s, sees an answer and not "toolConfig field must be defined"',
  async (_what, fields) => {
    const { status, json } = await desk.chat({ ...fields, messages: [...round, user('Sum it up.')] });
    expect(status).toBe(200);
    expect(json.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: expect.any(String) } });
  },
);

test('A user whose agent ran two tools sees the next answer and not "Expected toolResult blocks"', async () => {
  const { status, sent } = await desk.chat({
    tools: [tool('look')],
    messages: [
      user('go'),
      assistant('', { tool_calls: [called('a', 'look'), called('b', 'look')] }),
      result('b', 'B'),
      result('a', 'A'),
      user('and?'),
    ],
  });
  expect(status).toBe(200);
  expect(sent!.body.messages.map(({ content }: { content: unknown[] }) => content.length)).toEqual([1, 2, 3]);
});

test.each([
  ['several messages in a row', [user('a'), user('b'), assistant('c'), assistant('d'), user('e')]],
  ["the assistant's greeting first", [assistant('How can I help?'), user('hi')]],
])('A user who sends %s sees an answer and not "roles must alternate"', async (_what, messages) => {
  expect((await desk.chat({ messages })).status).toBe(200);
});

test.each([
  ['an empty message', [user('')]],
  ['white space', [user(' \n ')]],
  ['a call beside an empty text', round],
  ['an empty result of a tool', [...round.slice(0, 2), result('a', '')]],
  ['an empty system message', [{ role: 'system', content: '' }, user('hi')]],
])('A user who sends %s sees an answer and not "the text field is blank"', async (_what, messages) => {
  expect((await desk.chat({ tools: [tool('look')], messages })).status).toBe(200);
});

test.each([
  ['', null],
  ['{"bad', 'messages[1].tool_calls[0];arguments are not a JSON object'],
])('A user whose tool call had the arguments %j sees the chat go on, and no 400 or 500', async (args, warning) => {
  const messages = [user('go'), assistant(null, { tool_calls: [called('a', 'look', args)] }), result('a', 'x')];
  const { status, headers } = await desk.chat({ tools: [tool('look')], messages });
  expect(status).toBe(200);
  expect(headers.get('x-outcrop-warnings')).toBe(warning);
});

test.each(['mcp.weather/current', `mcp__${'weather_'.repeat(10)}`])(
  'A user whose tool is called %s sees it called by that name, now and on the next turn',
  async (name) => {
    const tools = [tool(name, 'Tells the weather of a city.')];
    const question = user('What is the weather in Paris?');
    const first = await desk.chat({ tools, messages: [question] });
    const [call] = first.json.choices[0].message.tool_calls;
    expect(call.function.name).toBe(name);
    const streamed = await desk.chat({ tools, messages: [question], stream: true });
    const begun = streamed.frames.flatMap((frame) => frame.choices?.[0]?.delta.tool_calls ?? []).find(({ id }) => id);
    expect(begun.function.name).toBe(name);
    const next = await desk.chat({ tools, messages: [question, first.json.choices[0].message, result(call.id, '20 degrees')] });
    expect(next.status).toBe(200);
  },
);

test('A user who forces a tool on a model that cannot be forced sees an answer with a warning', async () => {
  const { status, headers } = await desk.chat({ model: 'llama3-3-70b', tools: [tool('look')], tool_choice: 'required' });
  expect(status).toBe(200);
  expect(headers.get('x-outcrop-warnings')).toMatch(/^tool_choice;/);
});

test('A user whose last message is the assistant\'s sees an answer and not "does not support assistant message prefill"', async () => {
  const { status, sent } = await desk.chat({ model: 'claude-opus-4-6', messages: [user('a'), assistant('It is ')] });
  expect(status).toBe(200);
  expect(sent!.body.messages.at(-1)).toEqual({ role: 'user', content: [{ text: 'Continue.' }] });
});

test('A user who writes a developer prompt sees it obeyed: it is in the system, in its order', async () => {
  const messages = [{ role: 'system', content: 'one' }, { role: 'developer', content: 'two' }, user('hi')];
  expect((await desk.chat({ messages })).sent!.body.system).toEqual([{ text: 'one' }, { text: 'two' }]);
});

test('A user who names an image by its address sees what to do instead, and the gateway connects to nobody', async () => {
  let connections = 0;
  const inside = createServer().on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/latest/meta-data`;
  const { status, json, sent } = await desk.chat({ messages: [user([{ type: 'image_url', image_url: { url } }])] });
  await new Promise((resolve) => inside.close(resolve));
  expect(status).toBe(400);
  expect(json.error).toMatchObject({ param: 'messages[0].content[0]', message: expect.stringContaining('data:') });
  expect([connections, sent]).toEqual([0, undefined]);
});

test('A user who sends a large photograph sees its tokens in the usage, and pays for them exactly', async () => {
  const head = Buffer.from('89504e470d0a1a0a0000000d494844520000', 'hex');
  const size = Buffer.from([0, 0, 0x0f, 0xa0, 0, 0, 0x0b, 0xb8]);
  const png = Buffer.concat([head.subarray(0, 16), size, Buffer.alloc(64)]).toString('base64');
  const key = await desk.gateway.makeKey();
  const { status, json } = await desk.chat(
    { messages: [user([{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }])] },
    { authorization: `Bearer ${key.secret}` },
  );
  expect(status).toBe(200);
  expect(json.usage.prompt_tokens).toBeGreaterThan(1_000);
  const [entry] = await desk.gateway.journalOf(key.id);
  const picodollars = BigInt(json.usage.prompt_tokens) * 3_000_000n + BigInt(json.usage.completion_tokens) * 15_000_000n;
  expect(parseUsd(entry!.cost)).toBe(picodollars);
});

test('A user who attaches my_report.v2.pdf twice and says nothing sees an answer and not "document file name" or "needs a text block"', async () => {
  const file = { type: 'file', file: { filename: 'my_report.v2.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjc=' } };
  const { status, sent } = await desk.chat({ model: SONNET, messages: [user([file, file])] });
  expect(status).toBe(200);
  expect(sent!.body.messages[0].content.map((block: { document?: { name: string } }) => block.document?.name)).toEqual([
    'my report v2',
    'my report v2 (2)',
    undefined,
  ]);
});
