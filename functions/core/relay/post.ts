// One POST over kept connections. Node's own client and not the SDK's handler, because only it tells whether a connection was used before:
// one that the other side has closed meanwhile is no failure. Redirects are answers like any other, never followed.
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export type Post = (url: URL, headers: Record<string, string>, body: string, signal: AbortSignal) => Promise<IncomingMessage>;

/** Thrown when no connection came about, so nothing was sent. */
export class NotSent extends Error {
  override name = 'NotSent';
}

const CONNECT_MS = 5_000;
const SOCKETS = 1_000;
/** Shorter than what common servers keep an idle connection for. */
const IDLE_MS = 4_000;

export function createPost(connectMs: number = CONNECT_MS): Post {
  const options = { keepAlive: true, maxSockets: SOCKETS, timeout: IDLE_MS };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);

  const once = (url: URL, headers: Record<string, string>, body: string, signal: AbortSignal) => {
    const isSecure = url.protocol === 'https:';
    const send = isSecure ? httpsRequest : httpRequest;
    const request = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: isSecure ? https : http,
      signal,
    });
    return { request, answer: answerOf(request, body, isSecure, connectMs) };
  };

  return async (url, headers, body, signal) => {
    const { request, answer } = once(url, headers, body, signal);
    return answer.catch((thrown) => {
      const isStale = request.reusedSocket && (thrown as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (!isStale || signal.aborted) throw thrown;
      return once(url, headers, body, signal).answer;
    });
  };
}

function answerOf(request: ClientRequest, body: string, isSecure: boolean, connectMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const fail = (cause: Error) => reject(isConnected ? cause : new NotSent('No connection came about.', { cause }));
    request.on('error', fail);
    request.on('response', resolve);
    request.on('socket', (socket) => {
      if (!socket.connecting) {
        isConnected = true;
        return;
      }
      const timer = setTimeout(() => request.destroy(new Error('The connection took too long.')), connectMs); // Who is not there does not answer.
      const end = () => clearTimeout(timer);
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        isConnected = true;
        end();
      });
      socket.once('close', end);
    });
    request.end(body);
  });
}
