// What the gateway reads of a stream against what the SDK's own reader makes of the same answer.
import { readdirSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, test } from 'vitest';
import { createOpenConverseStream, eventsOf } from '../../../functions/core/bedrock/converse-stream.ts';
import { createShortWay } from '../../../functions/core/bedrock/short-way.ts';
import { eventFrame, exceptionFrame } from '../../../local/bedrock/frames.ts';
import { ask, createClient, stream } from '../../local/bedrock/clients.ts';
import { withStandin } from '../../local/bedrock/with-standin.ts';

let url: string;

withStandin((served) => {
  ({ url } = served);
});

async function collect(events: AsyncIterator<ConverseStreamOutput>, heard: ConverseStreamOutput[] = []): Promise<ConverseStreamOutput[]> {
  for (let step = await events.next(); !step.done; step = await events.next()) heard.push(step.value);
  return heard;
}

async function ours(input: ReturnType<typeof ask>, heard: ConverseStreamOutput[] = []): Promise<ConverseStreamOutput[]> {
  const client = createClient(url, 'HTTP/1.1', 2);
  try {
    return await collect(
      await createOpenConverseStream(client, createShortWay(client))(input, { abortSignal: AbortSignal.timeout(10_000) }),
      heard,
    );
  } finally {
    client.destroy();
  }
}

/** Without the padding, and the time each answer took. */
function comparable(events: ConverseStreamOutput[]): unknown[] {
  return events.map((event) => {
    const [name, { p, metrics, ...members }] = Object.entries(event)[0] as [string, Record<string, unknown>];
    return { [name]: members };
  });
}

const recordings = readdirSync('test/recordings').map((file) => file.replace('.jsonl', ''));
const weather = { toolSpec: { name: 'weather', inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } } } } } };
const inputs = {
  'a plain answer': ask('Grüß dich, 你好!'),
  'reasoning with a signature': ask('think', {
    additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    inferenceConfig: { maxTokens: 2048 },
  }),
  'a tool call': ask('What is the weather in Bern?', { toolConfig: { tools: [weather], toolChoice: { any: {} } } }),
  ...Object.fromEntries(recordings.map((name) => [`the recording ${name}`, ask('hi', { modelId: `standin.recording-${name}` })])),
};

test.each(Object.entries(inputs))('%s is read as the SDK reads it', async (_name, input) => {
  const client = createClient(url);
  const { events } = await stream(client, input);
  client.destroy();
  const heard = await ours(input);
  expect(heard.length).toBeGreaterThan(3);
  expect(comparable(heard)).toEqual(comparable(events));
});

const MIDSTREAM = [
  'midstream',
  'midstream-throttle',
  'midstream-validation',
  'midstream-internal',
  'midstream-error',
  'truncated',
  'reset',
];

test.each(MIDSTREAM)('a stream that fails by %s fails with the name the SDK gives it', async (fault) => {
  const input = ask('write 60 words', { modelId: `standin.fault-${fault}` });
  const client = createClient(url);
  const { events, error } = await stream(client, input);
  client.destroy();
  const told: ConverseStreamOutput[] = [];
  const failure = await ours(input, told).catch((thrown) => thrown as Error);
  expect(error).toBeInstanceOf(Error);
  expect(failure).toMatchObject({ name: error!.name, message: error!.message });
  expect(told).toHaveLength(events.length);
});

test('a stream that begins with an exception is a call that failed, and is tried again like one', async () => {
  const events = await ours(ask('hi', { modelId: 'standin.fault-stream-start-once' }));
  expect(events.at(-1)).toHaveProperty('metadata');
});

describe('of a body', () => {
  const stop = eventFrame('messageStop', '{"stopReason":"end_turn","additionalModelResponseFields":{"kept":null}}');

  async function read(...chunks: (Buffer | Error)[]): Promise<unknown[]> {
    const body = new PassThrough();
    const heard = collect(eventsOf(body));
    for (const chunk of chunks) {
      if (chunk instanceof Error) body.destroy(chunk);
      else body.write(chunk);
    }
    if (!body.destroyed) body.end();
    return heard;
  }

  test('null members are not there, but in a document they stay', async () => {
    const delta = eventFrame('contentBlockDelta', '{"contentBlockIndex":0,"delta":{"text":"a","toolUse":null}}');
    expect(await read(delta, stop)).toEqual([
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'a' } } },
      { messageStop: { stopReason: 'end_turn', additionalModelResponseFields: { kept: null } } },
    ]);
  });

  test('bytes are bytes', async () => {
    const redacted = eventFrame('contentBlockDelta', '{"contentBlockIndex":0,"delta":{"reasoningContent":{"redactedContent":"AAEC"}}}');
    const image = eventFrame('contentBlockDelta', '{"contentBlockIndex":1,"delta":{"image":{"source":{"bytes":"/w=="}}}}');
    expect(await read(redacted, image)).toEqual([
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { redactedContent: Uint8Array.of(0, 1, 2) } } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { image: { source: { bytes: Uint8Array.of(255) } } } } },
    ]);
  });

  test('an event of a kind yet to be invented is passed over', async () => {
    expect(await read(eventFrame('somethingNew', '{}'), stop)).toHaveLength(1);
  });

  test('an exception of a kind yet to be invented keeps its name', async () => {
    await expect(read(exceptionFrame('newException', 'No.'))).rejects.toMatchObject({ name: 'NewException', message: 'No.' });
  });

  test('a body that ends within a message is broken off', async () => {
    await expect(read(stop.subarray(0, 30))).rejects.toThrow('Truncated event message');
  });

  test('a connection that is lost is an error', async () => {
    await expect(read(stop, new Error('ECONNRESET'))).rejects.toThrow('ECONNRESET');
  });

  test('a body that was closed without an end is an error', async () => {
    const body = new PassThrough();
    const heard = collect(eventsOf(body));
    body.write(stop);
    body.destroy();
    await expect(heard).rejects.toThrow('aborted');
  });
});
