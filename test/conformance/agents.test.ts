// OpenAI's Agents SDK in chat-completions mode, unmodified, against the running gateway.
import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HELLO, HELLO_AGAIN, LONG, PARIS, PIXEL, SEES_PIXEL, SONNET, TOOL_DESCRIPTION, TOOL_NAME, TWO_CITIES, weatherOf } from './asked.ts';
import { type ClientRun, startClientRun } from './client-run.ts';

const parameters = z.object({ city: z.string() });
const weather = tool({ name: TOOL_NAME, description: TOOL_DESCRIPTION, parameters, execute: ({ city }) => weatherOf(city) });
const Person = z.object({ name: z.string(), age: z.number().int() });
const instructions = 'Be brief.';

let run: ClientRun;

beforeAll(async () => {
  // Traces would go to api.openai.com.
  setTracingDisabled(true);
  run = await startClientRun();
});
afterAll(() => run.close());

function runnerOf({ apiKey = run.key.secret, maxRetries }: { apiKey?: string; maxRetries?: number } = {}): Runner {
  const openAIClient = new OpenAI({ baseURL: run.baseURL, apiKey, fetch: run.fetch, maxRetries });
  return new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses: false }), tracingDisabled: true });
}

const agentOf = (model: string) => new Agent({ name: 'Ada', instructions, model });

describe('the Agents SDK', () => {
  test('chats, whole and streamed, with the same text and usage', async () => {
    const whole = await runnerOf().run(agentOf(SONNET), HELLO);
    expect(whole.finalOutput).toContain(HELLO);
    const stream = await runnerOf().run(agentOf(SONNET), HELLO, { stream: true });
    const pieces: string[] = [];
    for await (const piece of stream.toTextStream()) pieces.push(piece);
    await stream.completed;
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.join('')).toBe(whole.finalOutput);
    const tokens = ({ state }: { state: typeof whole.state }) => [
      state.usage.inputTokens,
      state.usage.outputTokens,
      state.usage.totalTokens,
    ];
    expect(tokens(stream)).toEqual(tokens(whole));
    expect(whole.state.usage.outputTokens).toBeGreaterThan(0);
  });

  test('runs two tools at once until there is an answer, whole and streamed', async () => {
    const agent = new Agent({ name: 'Ada', instructions, model: SONNET, tools: [weather], modelSettings: { parallelToolCalls: true } });
    const whole = await runnerOf().run(agent, TWO_CITIES);
    const stream = await runnerOf().run(agent, TWO_CITIES, { stream: true });
    await stream.completed;
    for (const { newItems, finalOutput } of [whole, stream]) {
      const calls = newItems.flatMap(({ type, rawItem }) =>
        type === 'tool_call_item' && rawItem?.type === 'function_call' ? rawItem : [],
      );
      expect(calls.map(({ name, arguments: input }) => [name, JSON.parse(input)])).toEqual([
        [TOOL_NAME, { city: 'Paris' }],
        [TOOL_NAME, { city: 'Tokyo' }],
      ]);
      expect(finalOutput).toBe('According to get_weather: 5 degrees\nAccording to get_weather: 5 degrees');
    }
  });

  test('hands over to another agent', async () => {
    const meteorologist = new Agent({ name: 'meteorologist', instructions, model: 'nova-2-lite', tools: [weather] });
    const agent = new Agent({ name: 'Ada', instructions, model: SONNET, handoffs: [meteorologist] });
    const { lastAgent, finalOutput } = await runnerOf().run(agent, 'Let the meteorologist tell the weather in Paris.');
    expect(lastAgent?.name).toBe('meteorologist');
    expect(finalOutput).toContain('According to');
  });

  test('sees a picture', async () => {
    const content = [
      { type: 'input_text' as const, text: 'What is this?' },
      { type: 'input_image' as const, image: PIXEL },
    ];
    const { finalOutput } = await runnerOf().run(agentOf(SONNET), [{ role: 'user', content }]);
    expect(finalOutput).toBe(SEES_PIXEL);
  });

  test.each([SONNET, 'nova-2-lite', 'gpt-oss-120b'])('makes an object by a schema with %s, whole and streamed', async (model) => {
    const agent = new Agent({ name: 'Ada', instructions, model, outputType: Person });
    expect((await runnerOf().run(agent, 'Describe "Ada", who is 36.')).finalOutput).toEqual({ name: 'Ada', age: 36 });
    const stream = await runnerOf().run(agent, 'Describe "Ada", who is 36.', { stream: true });
    await stream.completed;
    expect(stream.finalOutput).toEqual({ name: 'Ada', age: 36 });
  });

  test('shows reasoning, whole and streamed, and goes on with its tools', async () => {
    const modelSettings = { reasoning: { effort: 'low' as const }, maxTokens: 4000 };
    const agent = new Agent({ name: 'Ada', instructions, model: SONNET, tools: [weather], modelSettings });
    const whole = await runnerOf().run(agent, PARIS);
    const stream = await runnerOf().run(agent, PARIS, { stream: true });
    await stream.completed;
    for (const { newItems, finalOutput } of [whole, stream]) {
      const thoughts = newItems.flatMap((item) => (item.type === 'reasoning_item' ? (item.rawItem.rawContent ?? []) : []));
      expect(thoughts[0]?.text).toContain(PARIS);
      expect(finalOutput).toContain('5 degrees');
    }
  });
});

describe('the Agents SDK, when something fails', () => {
  /** What it threw, whole and streamed, and how often it had sent the request. */
  async function failuresOf(model: string, options: { apiKey?: string; maxRetries?: number } = {}) {
    const failures: unknown[] = [];
    const sent = await run.sentBy(async () => {
      const whole = runnerOf(options).run(agentOf(model), HELLO);
      const stream = await runnerOf(options).run(agentOf(model), HELLO_AGAIN, { stream: true });
      await Promise.all([whole, stream.completed].map((work) => work.catch((error) => failures.push(error))));
    });
    return { failures, sent };
  }

  test.each([
    ['a wrong key', { apiKey: 'sk-wrong' }, SONNET, { status: 401, code: 'invalid_api_key' }],
    ['an unknown model', {}, 'gpt-nonsense', { status: 404, code: 'model_not_found' }],
    ['too long a prompt', {}, 'standin.fault-context', { status: 400, code: 'context_length_exceeded' }],
  ])('knows %s by its status and code, and does not try again', async (_what, options, model, told) => {
    const { failures, sent } = await failuresOf(model, options);
    expect(failures).toMatchObject([told, told]);
    expect(sent).toBe(2);
  });

  test('does not try again when the budget is gone, and is told so', async () => {
    const poor = await run.makeKey({ monthlyBudget: '0.000001' });
    const { failures, sent } = await failuresOf(SONNET, { apiKey: poor.secret });
    const told = { status: 429, code: 'insufficient_quota', message: expect.stringContaining('Please recharge.') };
    expect(failures).toMatchObject([told, told]);
    expect(sent).toBe(2);
  });

  test('is told when to come back while Bedrock throttles, and notices nothing when that was once', async () => {
    const { failures } = await failuresOf('standin.fault-throttle', { maxRetries: 0 });
    const told = { status: 429, code: 'rate_limit_exceeded' };
    expect(failures).toMatchObject([told, told]);
    for (const { headers } of failures as { headers: Headers }[]) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await failuresOf('standin.fault-throttle-once')).toEqual({ failures: [], sent: 2 });
  });

  test('tries again by itself when the model failed, and is charged once', async () => {
    expect(await run.sentBy(() => runnerOf().run(agentOf('standin.fault-model-error-once'), HELLO))).toBe(2);
  });

  test.each(['midstream', 'silent-end', 'reset'])('hears of a stream that broke off (%s) as an error, never as an end', async (fault) => {
    const stream = await runnerOf().run(agentOf(`standin.fault-${fault}`), HELLO, { stream: true });
    let text = '';
    const read = async () => {
      for await (const piece of stream.toTextStream()) text += piece;
    };
    await expect(read()).rejects.toThrow();
    await expect(stream.completed).rejects.toThrow();
    expect(text).not.toBe('');
  });

  test('aborts a stream and a whole answer; the model is heard to its end', async () => {
    const ofStream = new AbortController();
    const left = await run.leave(async () => {
      const stream = await runnerOf().run(agentOf(SONNET), LONG, { stream: true, signal: ofStream.signal });
      for await (const _ of stream.toTextStream()) ofStream.abort();
      await stream.completed;
      expect(stream.cancelled).toBe(true);
    });
    expect(left.saidAtLeave).toBeLessThan(left.saidInAll);

    const ofWhole = new AbortController();
    await run.leave(async () => {
      const refused = expect(runnerOf().run(agentOf(SONNET), LONG, { signal: ofWhole.signal })).rejects.toThrow(/abort/i);
      await run.untilSpeaking();
      ofWhole.abort();
      await refused;
    });
  });
});

test('the Agents SDK reaches no other machine, and is charged for what the model said, answers left in the middle too', async () => {
  expect(run.hosts()).toEqual([]);
  await run.expectExactCharges();
});
