// An HTTP server that sends what the test tells it to, when the test tells it to.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Upstream = {
  url: string;
  /** Sends a chunk to the one who asked; waits until somebody has. */
  send(chunk: string | Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Resolves when the path has been posted to. */
  posted(path: string): Promise<void>;
  stop(): void;
};

export async function startUpstream(headers: Record<string, string> = {}): Promise<Upstream> {
  let asked = Promise.withResolvers<ServerResponse>();
  const posts = new Map<string, PromiseWithResolvers<void>>();
  const post = (path: string) => posts.get(path) ?? posts.set(path, Promise.withResolvers()).get(path)!;
  const server = createServer((request, response) => {
    if (request.method === 'GET') return asked.resolve(response.writeHead(200, headers));
    post(request.url!).resolve();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send: async (chunk) => void (await asked.promise).write(chunk),
    async end() {
      (await asked.promise).end();
      asked = Promise.withResolvers();
    },
    posted: (path) => post(path).promise,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
