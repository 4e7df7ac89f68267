// The short way against the SDK's own: what is sent, what is read, how often it is tried.
import { Readable } from 'node:stream';
import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { HttpResponse } from '@smithy/core/protocols';
import { describe, expect, test } from 'vitest';
import { createAskConverse } from '../../../functions/core/bedrock/converse-whole.ts';
import { createShortWay } from '../../../functions/core/bedrock/short-way.ts';
import { ask, createClient } from '../../local/bedrock/clients.ts';
import { withStandin } from '../../local/bedrock/with-standin.ts';

let url: string;

withStandin((served) => {
  ({ url } = served);
});

const weather = { toolSpec: { name: 'weather', inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } } } } } };
const called = { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Bern', note: null } } };
const answered = { toolResult: { toolUseId: 't1', content: [{ json: { degrees: 3, wind: null } }] } };
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const inputs: Record<string, ConverseCommandInput> = {
  'a plain question': ask('Grüß dich, 你好!'),
  'a tool call': ask('What is the weather in Bern?', { toolConfig: { tools: [weather], toolChoice: { any: {} } } }),
  'a tool result with nulls': {
    modelId: 'anthropic.claude-sonnet-4-6',
    toolConfig: { tools: [weather] },
    messages: [
      { role: 'user', content: [{ text: 'Weather?' }] },
      { role: 'assistant', content: [called] },
      { role: 'user', content: [answered] },
    ],
  } as ConverseCommandInput,
  reasoning: ask('think', {
    additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    inferenceConfig: { maxTokens: 2048 },
  }),
  'a picture': ask('', {
    messages: [{ role: 'user', content: [{ image: { format: 'png', source: { bytes: PIXEL } } }, { text: 'What?' }] }],
  }),
  'redacted reasoning in the answer': ask('hi', { modelId: 'standin.recording-redacted-reasoning' }),
};

test.each(Object.entries(inputs))('%s is answered as the SDK reads it', async (_name, input) => {
  const client = createClient(url);
  const { $metadata, metrics, ...theirs } = await client.send(new ConverseCommand(input));
  const answer = await createAskConverse(client, createShortWay(client))(input, { abortSignal: AbortSignal.timeout(10_000) });
  client.destroy();
  const { metrics: ourMetrics, $metadata: replayed, ...ours } = answer as typeof answer & { $metadata?: unknown };
  expect(ours).toEqual(theirs);
  expect(ourMetrics).toMatchObject({ latencyMs: expect.any(Number) });
});

type Config = NonNullable<ConstructorParameters<typeof BedrockRuntimeClient>[0]>;

type Sent = { method: string; path: string; headers: Record<string, string>; body: string };

/** A client whose calls are answered in turn by `answers`, and kept. */
function watched(answers: (() => HttpResponse)[], config: Partial<Config> = {}) {
  const sent: Sent[] = [];
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    authSchemePreference: ['sigv4'],
    maxAttempts: 2,
    requestHandler: {
      handle: async ({ method, path, headers, body }: Sent) => {
        sent.push({ method, path, headers, body: String(body) });
        return { response: answers[sent.length - 1]!() };
      },
    },
    ...config,
  } as Config);
  return { client, sent, askConverse: createAskConverse(client, createShortWay(client)) };
}

const reply = (statusCode: number, body: object, headers = {}) => {
  return new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) });
};
const done = () => reply(200, { output: { message: { role: 'assistant', content: [{ text: 'ok' }] } }, stopReason: 'end_turn' });
const throttled = () => reply(429, { message: 'Slow down.' }, { 'x-amzn-errortype': 'ThrottlingException' });
const options = () => ({ abortSignal: AbortSignal.timeout(10_000) });

describe('what is sent', () => {
  const ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a'(b)*";

  test.each(['amazon.nova-lite-v1:0', ARN])('for %s is what the SDK sends, signed for the same service and region', async (modelId) => {
    const { client, sent, askConverse } = watched([done, done]);
    const input = { ...inputs['a tool result with nulls']!, modelId };
    await askConverse(input, options());
    await client.send(new ConverseCommand(input));
    const [ours, theirs] = sent as [Sent, Sent];
    expect([ours.method, ours.path]).toEqual([theirs.method, theirs.path]);
    expect(JSON.parse(ours.body)).toEqual(JSON.parse(theirs.body));
    for (const name of ['content-type', 'content-length', 'host']) expect(ours.headers[name]).toBe(theirs.headers[name]);
    const scope = /Credential=a\/\d{8}\/us-east-1\/bedrock\/aws4_request/;
    expect([ours.headers.authorization, theirs.headers.authorization]).toEqual([
      expect.stringMatching(scope),
      expect.stringMatching(scope),
    ]);
  });

  test.each(Object.entries(inputs))('for %s has the SDK’s body', async (_name, input) => {
    const { client, sent, askConverse } = watched([done, done]);
    await askConverse(input, options());
    await client.send(new ConverseCommand(input));
    const [ours, theirs] = sent.map(({ body }) => JSON.parse(body));
    expect(ours).toEqual(theirs);
  });

  test('with an API key of Bedrock is left to the SDK, which sends it', async () => {
    const { sent, askConverse } = watched([done], { authSchemePreference: ['httpBearerAuth'], token: { token: 'secret-token' } });
    await askConverse(ask('hi'), options());
    expect(sent.map(({ headers }) => headers.Authorization)).toEqual(['Bearer secret-token']);
  });
});

describe('how often it is tried', () => {
  test('once when it is answered', async () => {
    const { sent, askConverse } = watched([done]);
    expect(await askConverse(ask('hi'), options())).toMatchObject({ stopReason: 'end_turn' });
    expect(sent).toHaveLength(1);
  });

  test('twice when the first is throttled, and no third time', async () => {
    const { sent, askConverse } = watched([throttled, done]);
    expect(await askConverse(ask('hi'), options())).toMatchObject({ stopReason: 'end_turn' });
    expect(sent).toHaveLength(2);
    const again = watched([throttled, throttled, done]);
    await expect(again.askConverse(ask('hi'), options())).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(again.sent).toHaveLength(2);
  });

  test('once when the first is refused for good, and the refusal is the SDK’s own', async () => {
    const refused = () => reply(400, { message: 'No.' }, { 'x-amzn-errortype': 'ValidationException' });
    const { sent, askConverse } = watched([refused, done]);
    await expect(askConverse(ask('hi'), options())).rejects.toMatchObject({ name: 'ValidationException', message: 'No.' });
    expect(sent).toHaveLength(1);
  });

  test('twice when the first cannot be read to its end', async () => {
    const broken = () => {
      const body = new Readable({ read: () => undefined });
      process.nextTick(() => body.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' })));
      return new HttpResponse({ statusCode: 200, headers: {}, body });
    };
    const { sent, askConverse } = watched([broken, done]);
    expect(await askConverse(ask('hi'), options())).toMatchObject({ stopReason: 'end_turn' });
    expect(sent).toHaveLength(2);
  });
});
