// LangChain's OpenAI binding, unmodified, against the running gateway.
import { type AIMessage, type AIMessageChunk, HumanMessage, type ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { concat } from '@langchain/core/utils/stream';
import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { HELLO, HELLO_AGAIN, LONG, PARIS, PIXEL, SEES_PIXEL, SONNET, TOOL_DESCRIPTION, TOOL_NAME, TWO_CITIES, weatherOf } from './asked.ts';
import { type ClientRun, startClientRun } from './client-run.ts';

const schema = z.object({ city: z.string() });
const weather = tool(({ city }: z.infer<typeof schema>) => weatherOf(city), { name: TOOL_NAME, description: TOOL_DESCRIPTION, schema });
const Person = z.object({ name: z.string(), age: z.number().int() });

let run: ClientRun;

beforeAll(async () => {
  run = await startClientRun();
});
afterAll(() => run.close());

function chatOf(model: string, fields: ChatOpenAIFields = {}): ChatOpenAI {
  return new ChatOpenAI({ model, apiKey: run.key.secret, configuration: { baseURL: run.baseURL, fetch: run.fetch }, ...fields });
}

/** Its chunks, put together as LangChain does. */
async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let all: AIMessageChunk | undefined;
  for await (const chunk of stream) all = all ? concat(all, chunk) : chunk;
  return all!;
}

describe('LangChain', () => {
  test('chats, whole and streamed, with the same text and usage', async () => {
    const whole = await chatOf(SONNET).invoke(HELLO);
    expect(whole.content).toContain(HELLO);
    expect(whole.response_metadata).toMatchObject({ finish_reason: 'stop', model_name: SONNET });
    const streamed = await joined(await chatOf(SONNET).stream(HELLO));
    expect(streamed.content).toBe(whole.content);
    expect(streamed.usage_metadata).toEqual(whole.usage_metadata);
    const { input_tokens, output_tokens, total_tokens } = whole.usage_metadata!;
    expect(output_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(input_tokens + output_tokens);
  });

  test('calls two tools at once, whole and streamed, is given their results, and answers', async () => {
    const chat = chatOf(SONNET).bindTools([weather]);
    const question = new HumanMessage(TWO_CITIES);
    for (const called of [await chat.invoke([question]), await joined(await chat.stream([question]))]) {
      expect(called.tool_calls!.map(({ name, args }) => [name, args])).toEqual([
        [TOOL_NAME, { city: 'Paris' }],
        [TOOL_NAME, { city: 'Tokyo' }],
      ]);
      const results: ToolMessage[] = [];
      for (const call of called.tool_calls!) results.push(await weather.invoke(call));
      const answer = await chat.invoke([question, called, ...results]);
      expect(answer.content).toBe('According to get_weather: 5 degrees\nAccording to get_weather: 5 degrees');
    }
  });

  test('calls the tool that it is told to', async () => {
    const called = await chatOf('nova-2-lite').bindTools([weather], { tool_choice: TOOL_NAME }).invoke('Berlin');
    expect(called.tool_calls).toMatchObject([{ name: TOOL_NAME, args: { city: 'Berlin' } }]);
  });

  test('sees a picture', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: PIXEL } },
    ];
    expect((await chatOf(SONNET).invoke([new HumanMessage({ content })])).content).toBe(SEES_PIXEL);
  });

  // gpt-oss cannot be made to call a tool, and to this client an answer without the call is none.
  test.each([
    ['jsonSchema', [SONNET, 'nova-2-lite', 'gpt-oss-120b']],
    ['functionCalling', [SONNET, 'nova-2-lite']],
  ] as const)('makes an object by a schema through %s', async (method, models) => {
    for (const model of models) {
      const chat = chatOf(model).withStructuredOutput(Person, { method, name: 'person' });
      expect([model, await chat.invoke('Describe "Ada", who is 36.')]).toEqual([model, { name: 'Ada', age: 36 }]);
    }
  });

  test('makes an object without a schema', async () => {
    for (const model of [SONNET, 'nova-2-lite', 'gpt-oss-120b']) {
      const chat = chatOf(model).withStructuredOutput(z.looseObject({}), { method: 'jsonMode' });
      expect(Object.keys(await chat.invoke('Describe Ada as a JSON object.'))).not.toEqual([]);
    }
  });

  test('shows reasoning, whole and streamed, and goes on with its tools', async () => {
    const chat = chatOf(SONNET, { modelKwargs: { reasoning_effort: 'low' }, maxTokens: 4000 }).bindTools([weather]);
    const called = await chat.invoke(PARIS);
    expect(called.additional_kwargs.reasoning_content).toContain(PARIS);
    const streamed = await joined(await chat.stream(PARIS));
    expect(streamed.additional_kwargs.reasoning_content).toBe(called.additional_kwargs.reasoning_content);
    const result = (await weather.invoke(called.tool_calls![0]!)) as ToolMessage;
    expect((await chat.invoke([new HumanMessage(PARIS), called as AIMessage, result])).content).toContain('5 degrees');
  });
});

describe('LangChain, when something fails', () => {
  /** What it threw, whole and streamed, and how often it had sent the request. */
  async function failuresOf(model: string, fields: ChatOpenAIFields = {}) {
    const failures: unknown[] = [];
    const sent = await run.sentBy(async () => {
      const whole = chatOf(model, fields).invoke(HELLO);
      const streamed = chatOf(model, fields).stream(HELLO_AGAIN).then(joined);
      await Promise.all([whole, streamed].map((work) => work.catch((error) => failures.push(error))));
    });
    return { failures, sent };
  }

  test.each([
    ['a wrong key', { apiKey: 'sk-wrong' }, SONNET, { status: 401, code: 'invalid_api_key', lc_error_code: 'MODEL_AUTHENTICATION' }],
    ['an unknown model', {}, 'gpt-nonsense', { status: 404, code: 'model_not_found', lc_error_code: 'MODEL_NOT_FOUND' }],
    ['too long a prompt', {}, 'standin.fault-context', { name: 'ContextOverflowError' }],
  ])('knows %s by its name and code, and does not try again', async (_what, fields, model, told) => {
    const { failures, sent } = await failuresOf(model, fields);
    expect(failures).toMatchObject([told, told]);
    expect(sent).toBe(2);
  });

  test('does not try again when the budget is gone, and is told so', async () => {
    const poor = await run.makeKey({ monthlyBudget: '0.000001' });
    const { failures, sent } = await failuresOf(SONNET, { apiKey: poor.secret });
    const told = { status: 429, message: expect.stringContaining('Please recharge.') };
    expect(failures).toMatchObject([told, told]);
    expect(failures).toMatchObject([{ name: 'InsufficientQuotaError' }, { name: 'InsufficientQuotaError' }]);
    expect(sent).toBe(2);
  });

  test('is told when to come back while Bedrock throttles, and notices nothing when that was once', async () => {
    const { failures } = await failuresOf('standin.fault-throttle', { maxRetries: 0 });
    const told = { status: 429, code: 'rate_limit_exceeded', lc_error_code: 'MODEL_RATE_LIMIT' };
    expect(failures).toMatchObject([told, told]);
    for (const { headers } of failures as { headers: Headers }[]) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await failuresOf('standin.fault-throttle-once')).toEqual({ failures: [], sent: 2 });
  });

  test('tries again by itself when the model failed, and is charged once', async () => {
    expect(await run.sentBy(() => chatOf('standin.fault-model-error-once').invoke(HELLO))).toBe(2);
  });

  test.each(['midstream', 'silent-end', 'reset'])('hears of a stream that broke off (%s) as an error, never as an end', async (fault) => {
    let text = '';
    const read = async () => {
      for await (const { content } of await chatOf(`standin.fault-${fault}`, { maxRetries: 0 }).stream(HELLO)) text += content;
    };
    await expect(read()).rejects.toThrow(/model failed|broke off|connection/);
    expect(text).not.toBe('');
  });

  test('leaves a stream in the middle, and aborts a stream and a whole answer; the model is heard to its end', async () => {
    const chat = chatOf(SONNET);
    const ofStream = new AbortController();
    const leaving = async () => {
      for await (const { content } of await chat.stream(LONG)) if (content !== '') break;
    };
    const aborting = async () => {
      const read = async () => {
        for await (const { content } of await chat.stream(LONG, { signal: ofStream.signal })) if (content !== '') ofStream.abort();
      };
      await expect(read()).rejects.toThrow(/abort/i);
    };
    for (const way of [leaving, aborting]) {
      const { saidAtLeave, saidInAll } = await run.leave(way);
      expect(saidAtLeave).toBeLessThan(saidInAll);
    }

    const ofWhole = new AbortController();
    await run.leave(async () => {
      const refused = expect(chat.invoke(LONG, { signal: ofWhole.signal })).rejects.toThrow(/abort/i);
      await run.untilSpeaking();
      ofWhole.abort();
      await refused;
    });
  });
});

test('LangChain reaches no other machine, and is charged for what the model said, answers left in the middle too', async () => {
  expect(run.hosts()).toEqual([]);
  await run.expectExactCharges();
});
