// Models that turn out to lack a feature: the official client gets its answer all the same, and is told what was changed.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

const HELLO = [{ role: 'user' as const, content: 'What is the weather in Oslo?' }];
const TOOL = {
  type: 'function' as const,
  function: { name: 'weather', strict: true, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
const FORMAT = {
  type: 'json_schema' as const,
  json_schema: { name: 'a', schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

let gateway: Gateway;
let client: OpenAI;
let keyId: string;
beforeAll(async () => {
  gateway = await startGateway();
  const { id, secret } = await gateway.makeKey();
  keyId = id;
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: secret, maxRetries: 0 });
});
afterAll(() => gateway.close());

type Asked = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'messages' | 'model'>;

const ask = (fault: string, body: Asked) =>
  client.chat.completions.create({ model: `standin.fault-${fault}`, messages: HELLO, ...body }).withResponse();

const marked = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral', ttl: '1h' } }] }] };

describe('a model without', () => {
  test.each<[fault: string, body: object, warning: string]>([
    ['no-format', { response_format: FORMAT }, 'response_format;asked for by a tool instead'],
    ['no-strict', { tools: [TOOL] }, 'tools.strict;refused by the model'],
    ['no-sampling', { temperature: 0.5 }, 'temperature;refused by the model'],
    ['no-forced-tools', { tools: [TOOL], tool_choice: 'required' }, 'tool_choice;refused by the model'],
    ['no-caching', marked, 'cache_control;refused by the model'],
    ['no-one-hour', marked, 'cache_control.ttl;refused by the model'],
    [
      'no-betas',
      { anthropic_beta: ['x-1'], additionalModelRequestFields: { anthropic_beta: ['x-1'] } },
      'anthropic_beta;refused by the model',
    ],
    ['no-top-k', { additionalModelRequestFields: { top_k: 3 } }, 'additionalModelRequestFields;refused by the model'],
  ])('%s answers, and the client is told', async (fault, body, warning) => {
    const { data, response } = await ask(fault, body);
    expect(data.choices).toHaveLength(1);
    expect(response.headers.get('x-outcrop-warnings')).toContain(warning);
    const { data: again } = await ask(fault, body);
    expect(again.choices).toEqual(data.choices);
  });

  test('a switch for JSON gives JSON all the same, whole and streamed', async () => {
    const whole = await ask('no-format', { response_format: FORMAT });
    expect(JSON.parse(whole.data.choices[0]!.message.content!)).toHaveProperty('city');
    expect(whole.data.choices[0]).toMatchObject({ finish_reason: 'stop', message: expect.not.objectContaining({ tool_calls: [] }) });

    const { data: stream, response } = await client.chat.completions
      // A model of its own, of which nothing has been learned.
      .create({ model: 'standin.b.fault-no-format', messages: HELLO, response_format: FORMAT, stream: true })
      .withResponse();
    expect(response.headers.get('x-outcrop-warnings')).toBe('response_format;asked for by a tool instead');
    let text = '';
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    expect(text).toBe(whole.data.choices[0]!.message.content);
  });

  test('it is asked in vain once only: the refused try is not billed, and the next call knows', async () => {
    const model = 'standin.c.fault-no-sampling';
    const before = gateway.standin.tally().requests;
    const entriesBefore = (await gateway.journalOf(keyId)).length;
    const first = await client.chat.completions.create({ model, messages: HELLO, temperature: 0.5 }).withResponse();
    const second = await client.chat.completions.create({ model, messages: HELLO, temperature: 0.5 }).withResponse();
    expect(first.response.headers.get('x-outcrop-warnings')).toContain('temperature;refused by the model');
    expect(second.response.headers.get('x-outcrop-warnings')).not.toContain('refused by the model');
    expect(gateway.standin.tally().requests - before).toBe(2);
    expect((await gateway.journalOf(keyId)).length - entriesBefore).toBe(2);
  });
});
