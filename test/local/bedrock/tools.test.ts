import type { ConverseCommandInput, Tool } from '@aws-sdk/client-bedrock-runtime';
import { expect, test } from 'vitest';
import { ask, converse, stream, textOf } from './clients.ts';
import { type Served, withStandin } from './with-standin.ts';

let client: Served['client'];

withStandin((served) => {
  ({ client } = served);
});

const string = { type: 'string' };
const weather = tool('get_weather', 'Current weather of a city', { city: string, unit: { enum: ['celsius', 'fahrenheit'] } }, [
  'city',
  'unit',
]);
const mail = tool('send_email', 'Send an email to a person', { to: { type: 'string', format: 'email' }, subject: string }, ['to']);
const clock = tool('clock', 'The time of day', {}, []);
const tools = [weather, mail, clock];

function tool(name: string, description: string, properties: object, required: string[]): Tool {
  return { toolSpec: { name, description, inputSchema: { json: { type: 'object', properties, required } as never } } };
}

async function callsOf(text: string, toolConfig: ConverseCommandInput['toolConfig'] = { tools }): Promise<[string?, unknown?][]> {
  const output = await converse(client, ask(text, { toolConfig }));
  return output.output!.message!.content!.flatMap(({ toolUse }) => (toolUse ? [[toolUse.name, toolUse.input] as [string?, unknown?]] : []));
}

test.each([
  ["What's the weather in San Francisco in fahrenheit?", [['get_weather', { city: 'San Francisco', unit: 'fahrenheit' }]]],
  [
    'What is the weather in both Paris and Rome?',
    [
      ['get_weather', { city: 'Paris', unit: 'celsius' }],
      ['get_weather', { city: 'Rome', unit: 'celsius' }],
    ],
  ],
  [
    'Do both: read the clock and send an email',
    [
      ['send_email', { to: 'ada@example.com' }],
      ['clock', {}],
    ],
  ],
  ['Tell me about rivers', []],
  ['echo weather', []],
])('%s calls %j', async (text, expected) => {
  expect(await callsOf(text)).toEqual(expected);
});

test('a Chinese question finds the tool by its Chinese description and the city before 的', async () => {
  const chinese = tool('tianqi', '查询城市天气', { city: string }, ['city']);
  expect(await callsOf('请问北京的天气怎么样？', { tools: [chinese] })).toEqual([['tianqi', { city: '北京' }]]);
});

test('toolChoice decides over the words', async () => {
  expect(await callsOf('echo hi', { tools, toolChoice: { tool: { name: 'clock' } } })).toEqual([['clock', {}]]);
  expect((await callsOf('echo hi', { tools, toolChoice: { any: {} } })).length).toBe(1);
});

test('a streamed call starts with its id and name, sends its input in pieces, and stops for tool_use', async () => {
  const { events } = await stream(client, ask('weather in Paris', { toolConfig: { tools } }));
  const whole = await converse(client, ask('weather in Paris', { toolConfig: { tools } }));
  const start = events.find((event) => event.contentBlockStart)?.contentBlockStart?.start?.toolUse;
  const input = events.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? '').join('');
  const { toolUse } = whole.output!.message!.content![0]!;
  expect(start).toEqual({ toolUseId: toolUse?.toolUseId, name: 'get_weather' });
  expect(JSON.parse(input)).toEqual(toolUse?.input);
  expect(events.find((event) => event.messageStop)?.messageStop?.stopReason).toBe('tool_use');
});

test('a call without arguments is streamed without input deltas', async () => {
  const { events } = await stream(client, ask('clock', { toolConfig: { tools } }));
  expect(events.map((event) => Object.keys(event)[0])).toEqual([
    'messageStart',
    'contentBlockStart',
    'contentBlockStop',
    'messageStop',
    'metadata',
  ]);
});

test('a tool result is used in the answer, in the language of the question', async () => {
  const toolUse = { toolUseId: 't1', name: 'get_weather', input: { city: '北京' } };
  const result = (content: object) => ({ toolResult: { toolUseId: 't1', content: [content as never] } });
  const messages = (content: object): ConverseCommandInput['messages'] => [
    { role: 'user', content: [{ text: '北京天气？' }] },
    { role: 'assistant', content: [{ toolUse }] },
    { role: 'user', content: [result(content)] },
  ];
  const asked = async (content: object) => textOf(await converse(client, ask('', { messages: messages(content), toolConfig: { tools } })));
  expect(await asked({ text: '晴，22 度' })).toBe('根据 get_weather 的结果：晴，22 度');
  expect(await asked({ json: { degrees: 22 } })).toContain('{"degrees":22}');
});

test('a call that maxTokens cuts ends in the middle of its JSON', async () => {
  const { events } = await stream(client, ask('weather in Paris', { toolConfig: { tools }, inferenceConfig: { maxTokens: 3 } }));
  const input = events.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? '').join('');
  expect(input).toBe('{"city":"Par');
  expect(events.at(-1)?.metadata?.usage?.outputTokens).toBe(3);
});
