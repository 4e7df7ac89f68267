import { setImmediate } from 'node:timers/promises';
import { ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { beforeEach, describe, expect, test } from 'vitest';
import { ask, converse, createClient, PROTOCOLS, type Streamed, stream, textOf } from './clients.ts';
import { type Served, withStandin } from './with-standin.ts';

let standin: Served['standin'];
let url: string;

withStandin((served) => {
  ({ standin, url } = served);
});

const words = 'one two three four five six seven eight nine ten';

function kindsOf({ events }: Streamed): (string | undefined)[] {
  return events.map((event) => Object.keys(event)[0]);
}

describe.each(PROTOCOLS)('over %s', (protocol) => {
  let client: ReturnType<typeof createClient>;
  beforeEach(() => {
    client = createClient(url, protocol);
    return () => client.destroy();
  });

  const fault = (name: string, more = {}) => ask(`echo ${words}`, { modelId: `standin.fault-${name}`, ...more });

  test.each([
    ['throttle', 'ThrottlingException', 429],
    ['throttle-retry-after', 'ThrottlingException', 429],
    ['throttle-daily', 'ThrottlingException', 429],
    ['quota', 'ServiceQuotaExceededException', 400],
    ['validation', 'ValidationException', 400],
    ['context', 'ValidationException', 400],
    ['profile-only', 'ValidationException', 400],
    ['access-denied', 'AccessDeniedException', 403],
    ['expired-token', 'ExpiredTokenException', 403],
    ['not-found', 'ResourceNotFoundException', 404],
    ['timeout', 'ModelTimeoutException', 408],
    ['model-error', 'ModelErrorException', 424],
    ['not-ready', 'ModelNotReadyException', 429],
    ['internal', 'InternalServerException', 500],
    ['unavailable', 'ServiceUnavailableException', 503],
  ])('fault-%s refuses with %s %d, streaming or not', async (name, exception, status) => {
    for (const send of [converse, stream]) {
      const error = await send(client, fault(name)).catch((thrown) => thrown);
      expect([error.name, error.$metadata?.httpStatusCode]).toEqual([exception, status]);
      expect(error.message).not.toBe('');
    }
  });

  test('a fault can be put on any model by a suffix', async () => {
    await expect(converse(client, ask('hi', { modelId: 'us.anthropic.claude-opus-5-5.fault-throttle' }))).rejects.toThrow(
      'Too many requests',
    );
  });

  test('fault-throttle-retry-after says when to come back', async () => {
    const error = await converse(client, fault('throttle-retry-after')).catch((thrown) => thrown);
    expect(error.$response.headers['retry-after']).toBe('7');
  });

  test('an -once fault fails the first attempt of a body and lets the second pass, again and again', async () => {
    for (let round = 0; round < 2; round += 1) {
      await expect(converse(client, fault('throttle-once'))).rejects.toThrow('Too many requests');
      expect(textOf(await converse(client, fault('throttle-once')))).toBe(words);
    }
    await expect(stream(client, fault('unavailable-once'))).rejects.toThrow('unable to process');
    expect((await stream(client, fault('unavailable-once'))).text).toBe(words);
  });

  test.each([
    ['midstream', 'ModelStreamErrorException'],
    ['midstream-throttle', 'ThrottlingException'],
    ['midstream-validation', 'ValidationException'],
    ['midstream-internal', 'InternalServerException'],
    ['midstream-unavailable', 'ServiceUnavailableException'],
    ['midstream-error', 'InternalFailure'],
  ])('fault-%s throws %s after some words', async (name, exception) => {
    const streamed = await stream(client, fault(name));
    expect(streamed.error?.name).toBe(exception);
    expect(words.startsWith(streamed.text) && streamed.text.length > 3).toBe(true);
    expect(kindsOf(streamed)).not.toContain('messageStop');
  });

  test('fault-stream-start throws in place of the first event, which the SDK awaits before it answers at all', async () => {
    await expect(stream(client, fault('stream-start'))).rejects.toMatchObject({ name: 'ThrottlingException' });
    const raw = await fetch(`${url}/model/standin.fault-stream-start/converse-stream`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] }),
    });
    expect(raw.status).toBe(200);
  });

  test('fault-silent-end ends half way without messageStop and without an error', async () => {
    const streamed = await stream(client, fault('silent-end'));
    expect(streamed.error).toBeUndefined();
    expect(words.startsWith(streamed.text) && streamed.text.length > 3).toBe(true);
    expect(kindsOf(streamed)).not.toContain('messageStop');
  });

  test('fault-truncated ends in the middle of a frame', async () => {
    expect((await stream(client, fault('truncated'))).error?.message).toContain('Truncated event message');
  });

  test('fault-bad-checksum sends a frame whose checksum is wrong', async () => {
    expect((await stream(client, fault('bad-checksum'))).error?.message).toMatch(/checksum/i);
  });

  test('fault-no-metadata ends properly but never tells its usage', async () => {
    expect(kindsOf(await stream(client, fault('no-metadata'))).at(-1)).toBe('messageStop');
  });

  test('fault-reset-start cuts the connection before any answer', async () => {
    const error = await converse(client, fault('reset-start')).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.$metadata?.httpStatusCode).toBeUndefined();
  });

  test('fault-html answers with a page of some proxy', async () => {
    const error = await converse(client, fault('html')).catch((thrown) => thrown);
    expect([error.name, error.$metadata?.httpStatusCode]).toEqual(['SyntaxError', 502]);
  });

  test('fault-hang sends its headers and then nothing; the SDK waits for a first event until it is aborted', async () => {
    const before = standin.tally().requests;
    const abort = new AbortController();
    const sent = client.send(new ConverseStreamCommand(fault('hang')), { abortSignal: abort.signal }).then(
      () => 'answered',
      () => 'failed',
    );
    while (standin.tally().requests === before) await setImmediate();
    const meanwhile = await Promise.race([sent, fetch(`${url}/standin/tally`).then(() => 'waiting')]);
    expect(meanwhile).toBe('waiting');
    abort.abort();
    await sent;
  });

  test('fault-stall sends half of its words and then nothing until the client leaves', async () => {
    const abort = new AbortController();
    const answer = await client.send(new ConverseStreamCommand(fault('stall')), { abortSignal: abort.signal });
    const kinds: string[] = [];
    try {
      for await (const event of answer.stream!) {
        kinds.push(Object.keys(event)[0]!);
        // Half of the fourteen events, rounded down.
        if (kinds.length === 7) abort.abort();
      }
    } catch {
      // Whether the iterator throws or just ends depends on the handler.
    }
    expect(kinds).toHaveLength(7);
    expect(kinds).not.toContain('messageStop');
  });

  test('in all of them what is not broken behaves normally', async () => {
    for (const name of ['midstream', 'silent-end', 'truncated', 'no-metadata', 'stall']) {
      expect(textOf(await converse(client, fault(name)))).toBe(words);
    }
    await expect(converse(client, fault('midstream', { messages: [] }))).rejects.toThrow("at 'messages'");
  });

  test('a fault that does not exist is refused with the names of those that do', async () => {
    await expect(converse(client, fault('typo'))).rejects.toThrow(/There is no fault named typo.*throttle/);
  });
});

test('fault-reset breaks an HTTP/1.1 stream with a connection error', async () => {
  const client = createClient(url, 'HTTP/1.1');
  const { error } = await stream(client, ask(`echo ${words}`, { modelId: 'standin.fault-reset' }));
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  client.destroy();
});

test('fault-reset ends an HTTP/2 stream early', async () => {
  const client = createClient(url, 'h2c');
  const outcome = await stream(client, ask(`echo ${words}`, { modelId: 'standin.fault-reset' })).catch((error) => ({
    events: [],
    text: '',
    error,
  }));
  expect(kindsOf(outcome)).not.toContain('messageStop');
  client.destroy();
});

test('the SDK itself gets over fault-throttle-once by its own retry', async () => {
  const client = createClient(url, 'HTTP/1.1', 2);
  const output = await converse(client, ask('echo yes', { modelId: 'standin.fault-throttle-once' }));
  expect([textOf(output), output.$metadata.attempts]).toEqual(['yes', 2]);
  client.destroy();
});

test('fault-slow answers so slowly that a client who leaves has paid for a part only', async () => {
  const client = createClient(url);
  const before = standin.tally();
  const abort = new AbortController();
  const answer = await client.send(new ConverseStreamCommand(ask('Count to 1000', { modelId: 'standin.fault-slow' })), {
    abortSignal: abort.signal,
  });
  for await (const event of answer.stream!) if (event.messageStart) break;
  abort.abort();
  client.destroy();
  expect(standin.tally().outputTokens - before.outputTokens).toBeLessThan(100);
});
