// The official OpenAI client, the current major and the one before, unmodified, against the running gateway: what it is answered.
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import PreviousOpenAI from 'openai-previous';
import { zodResponseFormat as previousZodResponseFormat } from 'openai-previous/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HELLO, PARIS, PIXEL, SEES_PIXEL, SONNET, TOOL_DESCRIPTION, TOOL_NAME, TWO_CITIES, weatherOf } from './asked.ts';
import { type ClientRun, startClientRun } from './client-run.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Reasoning = { reasoning_content?: string; reasoning_details?: { type: string; text?: string; signature?: string }[] };

const Person = z.object({ name: z.string(), age: z.number().int() });
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [{ type: 'function' as const, function: { name: TOOL_NAME, description: TOOL_DESCRIPTION, parameters } }];
const user = (content: string): Message[] => [{ role: 'user', content }];

// The majors' types differ in private members only; what is used here they share.
describe.each([
  ['openai', OpenAI, zodResponseFormat],
  [
    'openai, the major before',
    PreviousOpenAI as unknown as typeof OpenAI,
    previousZodResponseFormat as unknown as typeof zodResponseFormat,
  ],
])('a chat with %s', (_name, Client, responseFormat) => {
  let run: ClientRun;
  let client: OpenAI;

  beforeAll(async () => {
    run = await startClientRun();
    client = new Client({ baseURL: run.baseURL, apiKey: run.key.secret, fetch: run.fetch, maxRetries: 0 });
  });
  afterAll(() => run.close());

  test('is answered whole, with its usage', async () => {
    const completion = await client.chat.completions.create({ model: SONNET, messages: user(HELLO) });
    expect(completion).toMatchObject({ object: 'chat.completion', model: SONNET, choices: [{ finish_reason: 'stop' }] });
    expect(completion.choices[0]!.message.content).toContain(HELLO);
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage!;
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect(completion_tokens).toBeGreaterThan(0);
  });

  test('streams the same answer in chunks with one id, and the usage when asked for', async () => {
    const asked = { model: SONNET, messages: user(HELLO) };
    const whole = await client.chat.completions.create(asked);
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } }))
      chunks.push(chunk);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]!.choices[0]!.delta).toEqual({ role: 'assistant', content: '' });
    const text = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? '')).join('');
    expect(text).toBe(whole.choices[0]!.message.content);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });

  test('is put together from its stream by the client as it is whole, tool calls and reasoning too', async () => {
    const questions = [
      { model: SONNET, messages: user(HELLO) },
      { model: SONNET, messages: user(TWO_CITIES), tools },
      { model: 'nova-2-lite', messages: user(PARIS), tools, tool_choice: 'required' as const },
    ];
    for (const asked of questions) {
      const whole = await client.chat.completions.create(asked);
      const stream = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
      const { choices, usage } = await stream.finalChatCompletion();
      const { message, finish_reason } = choices[0]!;
      // What it cost is in the headers of a whole answer, and in the usage of a stream.
      const { cost_usd: cost, ...tokens } = usage as NonNullable<typeof usage> & { cost_usd?: string };
      expect(tokens).toEqual(whole.usage);
      expect(Number(cost)).toBeGreaterThan(0);
      expect(finish_reason).toBe(whole.choices[0]!.finish_reason);
      const calls = (of: OpenAI.ChatCompletionMessage) =>
        of.tool_calls?.map((call) => call.type === 'function' && [call.id, call.function.name, call.function.arguments]);
      expect([message.content, calls(message)]).toEqual([whole.choices[0]!.message.content, calls(whole.choices[0]!.message)]);
    }
  });

  test('calls two tools at once, is given their results, and answers', async () => {
    const messages = user(TWO_CITIES);
    const first = await client.chat.completions.create({ model: SONNET, messages, tools, parallel_tool_calls: true });
    const { message, finish_reason } = first.choices[0]!;
    expect(finish_reason).toBe('tool_calls');
    const results = message.tool_calls!.map((call): Message => {
      if (call.type !== 'function') throw new Error('A function was offered.');
      return { role: 'tool', tool_call_id: call.id, content: weatherOf(JSON.parse(call.function.arguments).city) };
    });
    expect(results).toHaveLength(2);
    const second = await client.chat.completions.create({ model: SONNET, messages: [...messages, message, ...results], tools });
    expect(second.choices[0]!.message.content).toBe('According to get_weather: 5 degrees\nAccording to get_weather: 5 degrees');
  });

  test.each([false, true])('runs tools by itself until there is an answer (streamed: %s)', async (isStream) => {
    const cities: string[] = [];
    const get = ({ city }: { city: string }) => {
      cities.push(city);
      return weatherOf(city);
    };
    const runnable = { name: TOOL_NAME, description: TOOL_DESCRIPTION, parameters, parse: JSON.parse, function: get };
    const asked = { model: SONNET, messages: user(TWO_CITIES), tools: [{ type: 'function' as const, function: runnable }] };
    const runner = isStream ? client.chat.completions.runTools({ ...asked, stream: true }) : client.chat.completions.runTools(asked);
    expect(await runner.finalContent()).toContain('5 degrees');
    expect(cities.toSorted()).toEqual(['Paris', 'Tokyo']);
  });

  test('sees a picture', async () => {
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'image_url' as const, image_url: { url: PIXEL } },
    ];
    const { choices } = await client.chat.completions.create({ model: SONNET, messages: [{ role: 'user', content }] });
    expect(choices[0]!.message.content).toBe(SEES_PIXEL);
  });

  test.each([SONNET, 'nova-2-lite', 'gpt-oss-120b'])('is parsed by the schema it was asked in by %s, whole and streamed', async (model) => {
    const asked = { model, messages: user('Describe "Ada", who is 36.'), response_format: responseFormat(Person, 'person') };
    const whole = await client.chat.completions.parse(asked);
    expect(whole.choices[0]!.message.parsed).toEqual({ name: 'Ada', age: 36 });
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices[0]!.message.parsed).toEqual({ name: 'Ada', age: 36 });
  });

  test('shows its reasoning, whole and streamed, and takes it back with the results of a tool', async () => {
    const asked = { model: SONNET, messages: user(PARIS), tools, reasoning_effort: 'low' as const, max_tokens: 4000 };
    const { choices } = await client.chat.completions.create(asked);
    const message = choices[0]!.message as OpenAI.ChatCompletionMessage & Reasoning;
    expect(message.reasoning_content).toContain(PARIS);
    expect(message.reasoning_details).toMatchObject([{ type: 'reasoning.text', text: message.reasoning_content, signature: /^./ }]);
    let streamed = '';
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true }))
      streamed += (choices[0]?.delta as Reasoning | undefined)?.reasoning_content ?? '';
    expect(streamed).toBe(message.reasoning_content);
    const result = { role: 'tool' as const, tool_call_id: message.tool_calls![0]!.id, content: '21 degrees' };
    const next = await client.chat.completions.create({ ...asked, messages: [...asked.messages, message, result] }).withResponse();
    expect(next.data.choices[0]!.message.content).toBe('According to get_weather: 21 degrees');
    expect(next.response.headers.get('x-outcrop-warnings')).toBeNull();
  });

  test('has models, embeddings and completions beside it', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toContain(SONNET);
    expect((await client.models.retrieve('bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0')).object).toBe('model');
    await expect(client.models.retrieve('nonsense')).rejects.toBeInstanceOf(Client.NotFoundError);
    const embedded = await client.embeddings.create({ model: 'cohere-embed-multilingual-v3', input: ['one', 'two'] });
    expect(embedded.data.map(({ embedding }) => embedding.length)).toEqual([1024, 1024]);
    const completion = await client.completions.create({ model: SONNET, prompt: 'echo here' });
    expect(completion.choices[0]!.text).toBe('here');
  });

  test('reaches no other machine, and is charged for what the model said', async () => {
    expect(run.hosts()).toEqual([]);
    await run.expectExactCharges();
  });
});
