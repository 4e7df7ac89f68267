// An HTTP server that sends what the test tells it to, when the test tells it to.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Upstream = {
  url: string;
  /** Sends a chunk to the one who asked; waits until somebody has. */
  send(chunk: string | Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Resolves when the path, one that ends in /done, has been called. */
  called(path: string): Promise<void>;
  /** How often it was asked. */
  requests(): number;
  stop(): void;
};

export async function startUpstream(headers: Record<string, string> = {}): Promise<Upstream> {
  let requests = 0;
  let asked = Promise.withResolvers<ServerResponse>();
  const calls = new Map<string, PromiseWithResolvers<void>>();
  const call = (path: string) => calls.get(path) ?? calls.set(path, Promise.withResolvers()).get(path)!;
  const server = createServer((request, response) => {
    if (request.url!.endsWith('/done')) {
      call(request.url!).resolve();
      return response.end();
    }
    requests += 1;
    request.resume();
    asked.resolve(response.writeHead(200, headers));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send: async (chunk) => void (await asked.promise).write(chunk),
    async end() {
      (await asked.promise).end();
      asked = Promise.withResolvers();
    },
    called: (path) => call(path).promise,
    requests: () => requests,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
