// One HTTP answer, over HTTP/1.1 or HTTP/2 alike: whole, or open and written frame by frame, with back-pressure and the client's leaving.
import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';

export interface Reply {
  readonly isClosed: boolean;
  send(status: number, headers: Record<string, string>, body: string): void;
  open(headers: Record<string, string>): void;
  /** A promise only when the client is slower than we are; it also ends when the client leaves. */
  write(frame: Buffer): Promise<void> | undefined;
  /** Sends the head without waiting for the first frame. */
  flush(): void;
  end(): void;
  /** Cuts the connection (HTTP/1.1) or the stream (HTTP/2) without a proper end. */
  reset(): void;
  /** Ends when what was written so far has gone to the network. */
  flushed(): Promise<void>;
  /** Waits, but no longer than the client does. */
  wait(ms: number): Promise<void>;
}

export function replyTo(response: ServerResponse | Http2ServerResponse): Reply {
  const http2Stream = 'stream' in response ? response.stream : undefined;
  // Http2ServerResponse imitates every method used here; only its overloads differ.
  const http = response as ServerResponse;
  let isClosed = false;
  const left = new Promise<void>((resolve) => {
    http.once('close', () => {
      isClosed = true;
      resolve();
    });
  });
  http.on('error', () => undefined);

  return {
    get isClosed() {
      return isClosed;
    },
    send(status, headers, body) {
      http.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
      http.end(body);
    },
    open(headers) {
      http.writeHead(200, headers);
    },
    write(frame) {
      if (isClosed || http.write(frame)) return undefined;
      return Promise.race([left, new Promise<void>((resolve) => http.once('drain', () => resolve()))]);
    },
    flush() {
      if (!http2Stream) http.flushHeaders();
    },
    end() {
      http.end();
    },
    reset() {
      if (http2Stream) http2Stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else http.socket?.resetAndDestroy();
    },
    flushed: () => Promise.race([left, new Promise<void>((resolve) => http.write('', () => resolve()))]),
    async wait(ms) {
      let timer: NodeJS.Timeout | undefined;
      // The pace of a model, cut short when the reader leaves.
      await Promise.race([left, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
      clearTimeout(timer);
    },
  };
}
