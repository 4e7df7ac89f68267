// Sends a body to an upstream and hears its answer, whole or event by event. No retries: the client is told when to try again.
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../platform/errors.ts';
import { PATIENCE, type Patience, type Watch, watchSilence } from '../platform/watch-silence.ts';
import type { AuthorizedHeaders } from './authorized-headers.ts';
import { brokenAnswer, brokenOff, refusalOf, tooLong, unreachable } from './failures.ts';
import type { Post } from './post.ts';
import { sseEvents } from './sse-events.ts';
import { addressOf, type Upstream } from './upstream.ts';
import type { UpstreamKeys } from './upstream-keys.ts';

export type Asked = { relay: string; path: string; model: string; body: string; isStream: boolean };

/** Yields the events of a stream, or one text that is the whole answer. Throws `GatewayError`s. */
export type Forward = (asked: Asked) => AsyncGenerator<string, void>;

type Dependencies = {
  upstreams: ReadonlyMap<string, Upstream>;
  headersOf: AuthorizedHeaders;
  keys: Pick<UpstreamKeys, 'forget'>;
  post: Post;
  patience?: Patience;
  /** Aborts every call under way, when the process must end. */
  stop?: AbortSignal;
};

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_ERROR_BYTES = 64 * 1024;

export function createForward({ upstreams, headersOf, keys, post, patience = PATIENCE, stop }: Dependencies): Forward {
  async function* forward({ relay, path, model, body, isStream }: Asked): AsyncGenerator<string, void> {
    const upstream = upstreams.get(relay)!;
    const url = addressOf(upstream, path, model);
    const headers = await headersOf(upstream, url, body, isStream).catch(unsigned);
    const watch = watchSilence(patience, stop);
    let answer: IncomingMessage | undefined;
    try {
      answer = await post(url, headers, body, watch.signal);
      const status = answer.statusCode!;
      if (status < 200 || status > 299) {
        if (status === 401 && upstream.key !== null) keys.forget(upstream.key);
        throw refusalOf(status, answer.headers['retry-after'], await errorOf(answer));
      }
      const isEvents = /^text\/event-stream\b/i.test(answer.headers['content-type'] ?? '');
      if (isEvents !== isStream) throw brokenAnswer(`it answered ${isEvents ? 'in' : 'not in'} events`);
      if (isStream) yield* sseEvents(heard(answer, watch));
      else yield await textOf(heard(answer, watch), MOST_BYTES);
    } catch (thrown) {
      if (watch.isOver()) throw tooLong();
      throw answer && !(thrown instanceof GatewayError) ? brokenOff() : unreachable(thrown);
    } finally {
      watch.end();
      // What is not read to its end would keep its connection for ever.
      answer?.destroy();
    }
  }
  return forward;
}

async function* heard(answer: IncomingMessage, watch: Watch): AsyncGenerator<Uint8Array, void> {
  watch.heard();
  for await (const chunk of answer) {
    watch.heard();
    yield chunk;
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > most) throw brokenAnswer('the answer is too large');
    all.push(chunk);
  }
  return Buffer.concat(all).toString('utf8');
}

/** The body of a refusal, where it is JSON and short; nothing else of it is of use. */
async function errorOf(answer: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await textOf(answer, MOST_ERROR_BYTES));
  } catch {
    return undefined;
  }
}

function unsigned(thrown: unknown): never {
  if (thrown instanceof GatewayError) throw thrown;
  const message = 'The gateway has no credentials of its own for the target of this model. This is not about your key.';
  throw new GatewayError('upstream_auth_error', message, { cause: (thrown as Error).name });
}
