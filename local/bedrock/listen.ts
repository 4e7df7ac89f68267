// HTTP/1.1 and cleartext HTTP/2 on one port: the first bytes of a connection tell which it is.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';

export type Handler = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => void;

export interface Listener {
  listen(port: number, host: string): Promise<AddressInfo>;
  close(): Promise<void>;
}

const HTTP2_PREFACE = 'PRI ';

export function createListener(handler: Handler): Listener {
  const http1 = createServer({ keepAliveTimeout: 60_000 }, handler);
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: 1000 } }, handler);
  http2.on('sessionError', () => undefined);
  const sockets = new Set<Socket>();

  const outer = createNetServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      const start: Buffer | null = socket.read();
      if (!start) return;
      socket.unshift(start);
      if (start.toString('latin1', 0, 4) === HTTP2_PREFACE) pipeTo(http2, socket);
      else http1.emit('connection', socket);
    });
  });

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        outer.once('error', reject);
        outer.listen(port, host, () => {
          outer.off('error', reject);
          resolve(outer.address() as AddressInfo);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        outer.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        http1.close();
        http2.close();
      }),
  };
}

/** An HTTP/2 session reads from the socket's handle and would miss the bytes already read, so it gets a stream of its own. */
function pipeTo(server: ReturnType<typeof createHttp2Server>, socket: Socket): void {
  const [near, far] = duplexPair();
  near.on('error', () => undefined);
  far.on('error', () => undefined);
  socket.pipe(near).pipe(socket);
  socket.once('close', () => far.destroy());
  far.once('close', () => socket.destroySoon());
  server.emit('connection', far);
}
