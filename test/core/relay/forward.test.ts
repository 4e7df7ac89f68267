// Calls of an upstream that is slow, silent, closes what it should keep, or answers what it should not.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createRelay } from '../../../functions/core/relay/relay.ts';
import { parseUpstream } from '../../../functions/core/relay/upstream.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;
const SHORT = { firstMs: 50, silenceMs: 50, totalMs: 200 };
const LONG = { firstMs: 60_000, silenceMs: 60_000, totalMs: 60_000 };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function open(
  handle: Handle,
  { patience = LONG, stop, keys = ['k1'] }: { patience?: typeof SHORT; stop?: AbortSignal; keys?: string[] } = {},
) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const upstreams = new Map([['up', parseUpstream('up', { baseUrl: url, key: 'env:KEY' })]]);
  const signing = { credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, region: 'us-east-1', sha256: undefined as never };
  const forward = createRelay({ upstreams, readKey: async () => keys.shift(), signing, clock: () => 0, stop, patience });
  return async (isStream = false) => {
    const heard: string[] = [];
    for await (const text of forward({ relay: 'up', path: 'chat/completions', model: 'm', body: '{}', isStream })) heard.push(text);
    return heard;
  };
}

const json = (response: ServerResponse, text = '{}') => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const events = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
const tooLong = { code: 'upstream_timeout', details: { mayBeBilled: true } };

describe('patience', () => {
  test('ends a call that nobody answers', async () => {
    const call = await open(() => undefined, { patience: SHORT });
    await expect(call()).rejects.toMatchObject(tooLong);
  });

  test('ends a stream that falls silent', async () => {
    const call = await open((_, response) => void events(response).write('data: 1\n\n'), { patience: SHORT });
    await expect(call(true)).rejects.toMatchObject(tooLong);
  });

  test('ends every call when the process must end', async () => {
    const stopping = new AbortController();
    const call = await open(
      (_, response) => {
        events(response).write('data: 1\n\n');
        setImmediate(() => stopping.abort());
      },
      { stop: stopping.signal },
    );
    await expect(call(true)).rejects.toMatchObject(tooLong);
  });
});

test('a kept connection that the upstream has closed meanwhile is no failure', async () => {
  let calls = 0;
  const call = await open((request, response) => {
    calls += 1;
    // The second request of a connection finds it closed, as a server does that has just given up waiting.
    const socket = request.socket as typeof request.socket & { used?: boolean };
    if (socket.used) return void socket.resetAndDestroy();
    socket.used = true;
    json(response, `{"call":${calls}}`);
  });
  expect(await call()).toEqual(['{"call":1}']);
  expect(await call()).toEqual(['{"call":3}']);
});

test('a connection is kept for the next call when the answer has been heard', async () => {
  const ports = new Set<number>();
  const call = await open((request, response) => {
    ports.add(request.socket.remotePort!);
    request.url === '/never' ? response.end() : events(response).end('data: 1\n\ndata: [DONE]\n\n');
  });
  await call(true);
  await call(true);
  expect(ports.size).toBe(1);
});

test.each([
  [true, json],
  [false, (response: ServerResponse) => events(response).end('data: 1\n\n')],
])('an answer of another kind than was asked for (stream: %s) is a failure', async (isStream, handle) => {
  const call = await open((_, response) => void handle(response));
  await expect(call(isStream)).rejects.toMatchObject({ code: 'model_stream_error', details: { mayBeBilled: true } });
});

test('a redirect is not followed', async () => {
  const paths: string[] = [];
  const call = await open((request, response) => {
    paths.push(request.url!);
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  await expect(call()).rejects.toMatchObject({ code: 'upstream_error' });
  expect(paths).toEqual(['/v1/chat/completions']);
});

test('a key that the upstream refuses is read again for the next call', async () => {
  const call = await open(
    (request, response) => void (request.headers.authorization === 'Bearer k2' ? json(response) : response.writeHead(401).end()),
    {
      keys: ['k1', 'k2'],
    },
  );
  await expect(call()).rejects.toMatchObject({ code: 'upstream_auth_error', status: 502 });
  expect(await call()).toEqual(['{}']);
  expect(await call()).toEqual(['{}']);
});
