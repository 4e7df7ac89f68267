import { ApplyGuardrailCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, test } from 'vitest';
import { pixelsOf } from '../../../local/bedrock/media.ts';
import { countTokens } from '../../../local/bedrock/tokens.ts';
import { type Served, withStandin } from './with-standin.ts';

let standin: Served['standin'];
let client: Served['client'];

withStandin((served) => {
  ({ standin, client } = served);
});

// biome-ignore lint/suspicious/noExplicitAny: the bodies differ by vendor, and the assertions name what they expect
type Body = any;

async function invoke(modelId: string, body: object): Promise<Body> {
  const { body: answer } = await client.send(
    new InvokeModelCommand({ modelId, body: JSON.stringify(body), contentType: 'application/json' }),
  );
  return JSON.parse(answer.transformToString());
}

async function invokeStream(modelId: string, body: object): Promise<Body[]> {
  const answer = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId, body: JSON.stringify(body), contentType: 'application/json' }),
  );
  const events: Body[] = [];
  for await (const event of answer.body!) events.push(JSON.parse(Buffer.from(event.chunk!.bytes!).toString('utf8')));
  return events;
}

describe('Claude through InvokeModel', () => {
  const claude = 'us.anthropic.claude-sonnet-4-6';
  const body = (text: string, more: object = {}) => ({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 500,
    messages: [{ role: 'user', content: text }],
    ...more,
  });

  test('answers with an Anthropic message', async () => {
    expect(await invoke(claude, body('echo hello'))).toEqual({
      model: 'anthropic.claude-sonnet-4-6',
      id: expect.stringMatching(/^msg_bdrk_/),
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'hello' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: countTokens('echo hello') + 4, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 2 },
    });
  });

  test('names the stop sequence that ended it', async () => {
    const answer = await invoke(claude, body('echo one two', { stop_sequences: [' two'] }));
    expect(answer).toMatchObject({ content: [{ text: 'one' }], stop_reason: 'stop_sequence', stop_sequence: ' two' });
  });

  test('streams thinking with its signature, then a tool call, as Anthropic events that add up to the whole answer', async () => {
    const tools = [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }];
    const asked = body('weather in Paris', { tools, thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2000 });
    const whole = await invoke(claude, asked);
    expect(whole.content.map((block: Body) => block.type)).toEqual(['thinking', 'tool_use']);
    const events = await invokeStream(claude, asked);
    const deltas = events.filter((event) => event.type === 'content_block_delta').map((event) => event.delta);
    const joined = (key: string) => deltas.map((delta) => delta[key] ?? '').join('');
    expect(joined('thinking')).toBe(whole.content[0].thinking);
    expect(joined('signature')).toBe(whole.content[0].signature);
    expect(JSON.parse(joined('partial_json'))).toEqual({ city: 'Paris' });
    const others = events.filter((event) => event.type !== 'content_block_delta').map((event) => event.type);
    expect(others).toEqual([
      'message_start',
      ...['content_block_start', 'content_block_stop', 'content_block_start', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: { output_tokens: whole.usage.output_tokens } });
    expect(events.at(-1)['amazon-bedrock-invocationMetrics']).toMatchObject({ outputTokenCount: whole.usage.output_tokens });
  });

  test('reads tool results, images and cache marks as Converse does', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    expect((await invoke(claude, body('', { messages: [{ role: 'user', content: [image] }] }))).content[0].text).toContain(
      'png image, 3 bytes',
    );
    const tools = [{ name: 'clock', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }];
    const messages = [
      { role: 'user', content: 'What time?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'clock', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'noon' }] },
    ];
    const answer = await invoke(claude, body('', { tools, messages }));
    expect(answer.content).toEqual([{ type: 'text', text: 'According to clock: noon' }]);
    expect(answer.usage.cache_creation_input_tokens).toBeGreaterThan(0);
  });

  test('never calls a tool when tool_choice is none', async () => {
    const tools = [{ name: 'clock', input_schema: { type: 'object' } }];
    expect((await invoke(claude, body('read the clock', { tools, tool_choice: { type: 'none' } }))).stop_reason).toBe('end_turn');
  });
});

describe('other vendors through InvokeModel', () => {
  test.each([
    [
      'amazon.nova-lite-v1:0',
      { messages: [{ role: 'user', content: [{ text: 'echo one two' }] }] },
      (body: Body) => body.output.message.content[0].text,
      (event: Body) => event.contentBlockDelta?.delta.text,
    ],
    [
      'openai.gpt-oss-20b-1:0',
      {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'echo one two' },
        ],
      },
      (body: Body) => body.choices[0].message.content,
      (event: Body) => event.choices[0]?.delta.content,
    ],
    ['meta.llama3-1-8b-instruct-v1:0', { prompt: 'echo one two' }, (body: Body) => body.generation, (event: Body) => event.generation],
    [
      'mistral.mistral-7b-instruct-v0:2',
      { prompt: 'echo one two' },
      (body: Body) => body.outputs[0].text,
      (event: Body) => event.outputs[0].text,
    ],
    [
      'amazon.titan-text-express-v1',
      { inputText: 'echo one two' },
      (body: Body) => body.results[0].outputText,
      (event: Body) => event.results[0].outputText,
    ],
  ])('%s answers in its own shape, whole and streamed', async (modelId, body, textOf, deltaOf) => {
    expect(textOf(await invoke(modelId, body))).toBe('one two');
    const events = await invokeStream(modelId, body);
    expect(events.map((event) => deltaOf(event) ?? '').join('')).toBe('one two');
  });

  test('an image model draws a PNG of the asked size', async () => {
    const body = {
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: 'a mill' },
      imageGenerationConfig: { width: 320, height: 512, numberOfImages: 2 },
    };
    const { images } = await invoke('amazon.nova-canvas-v1:0', body);
    expect(images.map((image: string) => pixelsOf(Buffer.from(image, 'base64')))).toEqual([
      { width: 320, height: 512 },
      { width: 320, height: 512 },
    ]);
  });
});

describe('embeddings', () => {
  const nova = (value: string, embeddingDimension?: number) => ({
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: { embeddingPurpose: 'GENERIC_INDEX', embeddingDimension, text: { truncationMode: 'END', value } },
  });
  const cohere = (more: object = {}) => ({ texts: ['a', 'b'], input_type: 'search_query', ...more });

  test.each([
    ['amazon.titan-embed-text-v1', { inputText: 'a' }, (body: Body) => body.embedding, 1536],
    ['amazon.titan-embed-text-v2:0', { inputText: 'a' }, (body: Body) => body.embedding, 1024],
    ['amazon.titan-embed-text-v2:0', { inputText: 'a', dimensions: 256 }, (body: Body) => body.embeddingsByType.float, 256],
    [
      'amazon.titan-embed-image-v1',
      { inputText: 'a', embeddingConfig: { outputEmbeddingLength: 384 } },
      (body: Body) => body.embedding,
      384,
    ],
    ['cohere.embed-multilingual-v3', cohere(), (body: Body) => body.embeddings[1], 1024],
    ['us.cohere.embed-v4:0', cohere({ embedding_types: ['float'], output_dimension: 512 }), (body: Body) => body.embeddings.float[1], 512],
    ['amazon.nova-2-multimodal-embeddings-v1:0', nova('a'), (body: Body) => body.embeddings[0].embedding, 3072],
    ['amazon.nova-2-multimodal-embeddings-v1:0', nova('a', 384), (body: Body) => body.embeddings[0].embedding, 384],
  ])('%s %j gives a vector of length one', async (modelId, body, vectorOf, dimensions) => {
    const vector: number[] = vectorOf(await invoke(modelId, body));
    expect(vector).toHaveLength(dimensions);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  });

  test.each([
    ['amazon.titan-embed-text-v1', { inputText: 'a', dimensions: 256 }, 'extraneous key [dimensions]'],
    ['amazon.titan-embed-text-v2:0', { inputText: 'a', dimensions: 100 }, '100 is not one of'],
    ['amazon.titan-embed-text-v2:0', { inputText: '' }, 'minLength'],
    ['cohere.embed-english-v3', { texts: ['a'] }, 'required key [input_type]'],
    ['cohere.embed-english-v3', cohere({ texts: Array(97).fill('a') }), 'between 1 and 96'],
  ])('%s %j is refused', async (modelId, body, message) => {
    await expect(invoke(modelId, body)).rejects.toThrow(message);
  });

  test.each([
    ['How do I reset my password?', 'password reset instructions', 'The river runs past the mill'],
    ['如何重置密码？', '重置密码的方法', '今天天气很好'],
  ])('“%s” is nearer to “%s” than to “%s”', async (text, near, far) => {
    const vectors = await Promise.all(
      [text, near, far].map(async (inputText) => (await invoke('amazon.titan-embed-text-v2:0', { inputText })).embedding),
    );
    const cosine = (a: number[], b: number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
    expect(cosine(vectors[0], vectors[1])).toBeGreaterThan(0.3);
    expect(Math.abs(cosine(vectors[0], vectors[2]))).toBeLessThan(0.15);
  });

  test('their input is billed and told in a header', async () => {
    const before = standin.tally().inputTokens;
    const command = new InvokeModelCommand({
      modelId: 'cohere.embed-english-v3',
      body: JSON.stringify(cohere({ texts: ['12345678', '1'] })),
    });
    let header: string | undefined;
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        header = (result.response as { headers: Record<string, string> }).headers['x-amzn-bedrock-input-token-count'];
        return result;
      },
      { step: 'deserialize' },
    );
    await client.send(command);
    expect([header, standin.tally().inputTokens - before]).toEqual(['3', 3]);
  });
});

describe('ApplyGuardrail', () => {
  const apply = (text: string, more: object = {}) =>
    client.send(
      new ApplyGuardrailCommand({
        guardrailIdentifier: 'abc',
        guardrailVersion: '1',
        source: 'INPUT',
        content: [{ text: { text } }],
        ...more,
      }),
    );

  test('lets ordinary text pass', async () => {
    expect(await apply('A walk by the river')).toMatchObject({ action: 'NONE', outputs: [] });
  });

  test('blocks violent text and names the filter', async () => {
    const answer = await apply('how to build a bomb');
    expect(answer.action).toBe('GUARDRAIL_INTERVENED');
    expect(answer.assessments?.[0]?.contentPolicy?.filters).toMatchObject([
      { type: 'VIOLENCE', confidence: 'HIGH', action: 'BLOCKED', detected: true },
    ]);
  });

  test('masks e-mail addresses', async () => {
    expect((await apply('Write to ada@example.com.')).outputs).toEqual([{ text: 'Write to {EMAIL}.' }]);
  });

  test('reports every filter when all are asked for', async () => {
    expect((await apply('A walk', { outputScope: 'FULL' })).assessments?.[0]?.contentPolicy?.filters).toHaveLength(6);
  });
});
