// The Vercel AI SDK with its provider for OpenAI-compatible servers, unmodified, against the running gateway.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HELLO, HELLO_AGAIN, LONG, PARIS, PIXEL, SEES_PIXEL, SONNET, TOOL_DESCRIPTION, TOOL_NAME, TWO_CITIES, weatherOf } from './asked.ts';
import { type ClientRun, startClientRun } from './client-run.ts';

const execute = ({ city }: { city: string }) => weatherOf(city);
const tools = { [TOOL_NAME]: tool({ description: TOOL_DESCRIPTION, inputSchema: z.object({ city: z.string() }), execute }) };
const person = Output.object({ schema: z.object({ name: z.string(), age: z.number().int() }) });
const stopWhen = isStepCount(5);
const ignore = () => undefined;

let run: ClientRun;

beforeAll(async () => {
  run = await startClientRun();
});
afterAll(() => run.close());

function modelOf(name: string, apiKey = run.key.secret) {
  const options = { name: 'outcrop', baseURL: run.baseURL, apiKey, fetch: run.fetch, includeUsage: true, supportsStructuredOutputs: true };
  return createOpenAICompatible(options)(name);
}

describe('the Vercel AI SDK', () => {
  test('chats, whole and streamed, with the same text and usage', async () => {
    const asked = { model: modelOf(SONNET), prompt: HELLO };
    const whole = await generateText(asked);
    expect(whole).toMatchObject({ text: expect.stringContaining(HELLO), finishReason: 'stop' });
    const stream = streamText(asked);
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.join('')).toBe(whole.text);
    const tokens = ({ inputTokens, outputTokens, totalTokens }: typeof whole.usage) => ({ inputTokens, outputTokens, totalTokens });
    expect(tokens(await stream.usage)).toEqual(tokens(whole.usage));
    expect(whole.usage.outputTokens).toBeGreaterThan(0);
  });

  test('runs two tools at once until there is an answer, whole and streamed', async () => {
    const asked = { model: modelOf(SONNET), prompt: TWO_CITIES, tools, stopWhen };
    const whole = await generateText(asked);
    const stream = streamText(asked);
    await stream.consumeStream();
    const streamed = { steps: await stream.steps, text: await stream.text };
    for (const { steps, text } of [whole, streamed]) {
      const [first] = steps;
      expect(first!.finishReason).toBe('tool-calls');
      expect(first!.toolCalls.map(({ input }) => input)).toEqual([{ city: 'Paris' }, { city: 'Tokyo' }]);
      expect(first!.toolResults.map(({ output }) => output)).toEqual(['5 degrees', '5 degrees']);
      expect(text).toBe('According to get_weather: 5 degrees\nAccording to get_weather: 5 degrees');
    }
  });

  test('calls the tool that it is told to', async () => {
    const asked = { model: modelOf('nova-2-lite'), prompt: 'Berlin', tools: { [TOOL_NAME]: { ...tools[TOOL_NAME]!, execute: undefined } } };
    const { toolCalls } = await generateText({ ...asked, toolChoice: { type: 'tool', toolName: TOOL_NAME } });
    expect(toolCalls).toMatchObject([{ toolName: TOOL_NAME, input: { city: 'Berlin' } }]);
  });

  test('sees a picture', async () => {
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'file' as const, mediaType: 'image/png', data: PIXEL },
    ];
    expect((await generateText({ model: modelOf(SONNET), messages: [{ role: 'user', content }] })).text).toBe(SEES_PIXEL);
  });

  test.each([SONNET, 'nova-2-lite', 'gpt-oss-120b'])('makes an object by a schema with %s, whole and streamed', async (name) => {
    const asked = { model: modelOf(name), prompt: 'Describe "Ada", who is 36.', output: person };
    expect((await generateText(asked)).output).toEqual({ name: 'Ada', age: 36 });
    const stream = streamText(asked);
    let last: unknown;
    for await (const partial of stream.partialOutputStream) last = partial;
    expect(last).toEqual({ name: 'Ada', age: 36 });
  });

  test.each(['deepseek-r1', SONNET])('shows the reasoning of %s, whole and streamed', async (name) => {
    const asked = { model: modelOf(name), prompt: HELLO, providerOptions: { outcrop: { reasoningEffort: 'low' } } };
    const { reasoningText } = await generateText(asked);
    expect(reasoningText).toContain(HELLO);
    const stream = streamText(asked);
    await stream.consumeStream();
    expect(await stream.reasoningText).toBe(reasoningText);
  });

  test('goes on with its tools after it has reasoned', async () => {
    const providerOptions = { outcrop: { reasoningEffort: 'low' } };
    const { steps, text } = await generateText({ model: modelOf(SONNET), prompt: PARIS, tools, stopWhen, providerOptions });
    expect(steps[0]!.reasoningText).toContain(PARIS);
    expect(text).toBe('According to get_weather: 5 degrees');
  });
});

describe('the Vercel AI SDK, when something fails', () => {
  /** What it threw, whole and streamed, and how often it had sent the request. */
  async function failuresOf(name: string, options: { apiKey?: string; maxRetries?: number } = {}) {
    const { apiKey, maxRetries } = options;
    const asked = { model: modelOf(name, apiKey), maxRetries };
    const failures: unknown[] = [];
    const sent = await run.sentBy(async () => {
      const whole = generateText({ ...asked, prompt: HELLO }).catch((error) => failures.push(error));
      const stream = streamText({ ...asked, prompt: HELLO_AGAIN, onError: ({ error }) => void failures.push(error) });
      await Promise.all([whole, stream.consumeStream({ onError: ignore })]);
    });
    return { failures, sent };
  }

  test.each([
    ['a wrong key', { apiKey: 'sk-wrong' }, SONNET, { statusCode: 401, data: { error: { code: 'invalid_api_key' } } }],
    ['an unknown model', {}, 'gpt-nonsense', { statusCode: 404, data: { error: { code: 'model_not_found' } } }],
    ['too long a prompt', {}, 'standin.fault-context', { statusCode: 400, data: { error: { code: 'context_length_exceeded' } } }],
  ])('knows %s by its status and code, and does not try again', async (_what, options, name, told) => {
    const { failures, sent } = await failuresOf(name, options);
    expect(failures.map((failure) => APICallError.isInstance(failure))).toEqual([true, true]);
    expect(failures).toMatchObject([told, told]);
    expect(failures).toMatchObject([{ isRetryable: false }, { isRetryable: false }]);
    expect(sent).toBe(2);
  });

  // By default this client waits and tries a 429 twice more, whatever x-should-retry says; the refusals cost nothing.
  test('is told that the budget is gone', async () => {
    const poor = await run.makeKey({ monthlyBudget: '0.000001' });
    const { failures } = await failuresOf(SONNET, { apiKey: poor.secret, maxRetries: 0 });
    const told = { statusCode: 429, message: expect.stringContaining('Please recharge.'), data: { error: { code: 'insufficient_quota' } } };
    expect(failures).toMatchObject([told, told]);
    expect((failures[0] as APICallError).responseHeaders).not.toHaveProperty('retry-after');
  });

  test('is told when to come back while Bedrock throttles, and notices nothing when that was once', async () => {
    const { failures } = await failuresOf('standin.fault-throttle', { maxRetries: 0 });
    const told = { statusCode: 429, isRetryable: true, responseHeaders: { 'retry-after': '5' } };
    expect(failures).toMatchObject([told, told]);
    expect(await failuresOf('standin.fault-throttle-once')).toEqual({ failures: [], sent: 2 });
  });

  test('tries again by itself when the model failed, and is charged once', async () => {
    const sent = await run.sentBy(() => generateText({ model: modelOf('standin.fault-model-error-once'), prompt: HELLO }));
    expect(sent).toBe(2);
  });

  test.each(['midstream', 'silent-end', 'reset'])('hears of a stream that broke off (%s) as an error, never as an end', async (fault) => {
    const failures: unknown[] = [];
    const asked = { model: modelOf(`standin.fault-${fault}`), prompt: HELLO, maxRetries: 0 };
    const stream = streamText({ ...asked, onError: ({ error }) => void failures.push(error) });
    let text = '';
    let finish: string | undefined;
    for await (const part of stream.fullStream) {
      if (part.type === 'text-delta') text += part.text;
      if (part.type === 'finish') finish = part.finishReason;
    }
    expect(text).not.toBe('');
    expect(failures).toHaveLength(1);
    expect(finish).not.toBe('stop');
  });

  test('aborts a stream and a whole answer; the model is heard to its end', async () => {
    const asked = { model: modelOf(SONNET), prompt: LONG };
    const ofStream = new AbortController();
    const parts: string[] = [];
    const left = await run.leave(async () => {
      const stream = streamText({ ...asked, abortSignal: ofStream.signal });
      for await (const { type } of stream.fullStream) {
        parts.push(type);
        if (type === 'text-delta') ofStream.abort();
      }
    });
    expect(parts.at(-1)).toBe('abort');
    expect(left.saidAtLeave).toBeLessThan(left.saidInAll);

    const ofWhole = new AbortController();
    await run.leave(async () => {
      const refused = expect(generateText({ ...asked, abortSignal: ofWhole.signal })).rejects.toMatchObject({ name: 'AbortError' });
      await run.untilSpeaking();
      ofWhole.abort();
      await refused;
    });
  });
});

test('the Vercel AI SDK reaches no other machine, and is charged for what the model said, answers left in the middle too', async () => {
  expect(run.hosts()).toEqual([]);
  await run.expectExactCharges();
});
