// A whole answer → bytes. A short one is written once, with its length. One that takes longer than those on the way are patient gets its
// status and white space until the JSON is complete. Law: what fails after the status breaks the connection and never looks complete.
import type { Context } from 'hono';
import { toGatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';

export type WholePace = {
  /** How long the answer of a model that has begun may take before its status is sent. */
  begunMs: number;
  /** How long the status waits for a model that has not begun; shorter than the shortest patience an edge can be set to, a minute. */
  silentMs: number;
  /** How often white space is sent then. */
  paddingMs: number;
};

export const WHOLE_PACE: WholePace = { begunMs: 15_000, silentMs: 45_000, paddingMs: 15_000 };

export type WholeAnswer = {
  /** The JSON or its text, once everything has been heard and settled. */
  body: Promise<object | string>;
  /** Kept when the model has said something; a refusal is not to be expected any more. */
  begun: Promise<void>;
  /** What is known by now of how the call was admitted. */
  headers(): Record<string, string>;
};

const PADDED_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };
/** White space is allowed before JSON, and some on the way hold back a line until it ends. */
const PADDING = new TextEncoder().encode('\n');

const BROKEN = 'The answer broke off.';

/** `track` is told of work that goes on after the reader has left. */
export async function answerWhole(
  c: Context,
  { body, begun, headers }: WholeAnswer,
  { log, requestId, pace, track }: { log: Log; requestId: string; pace: WholePace; track: (work: Promise<unknown>) => void },
): Promise<Response> {
  track(body);
  const patience = createPatience(begun, pace);
  const json = await Promise.race([body, patience.over]).finally(patience.end);
  if (json !== null) return c.body(textOf(json), 200, { 'content-type': 'application/json', ...headers() });
  return c.body(paddedBody(body, { log, requestId, paddingMs: pace.paddingMs }), 200, { ...PADDED_HEADERS, ...headers() });
}

function textOf(json: object | string): string {
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function createPatience(begun: Promise<void>, { begunMs, silentMs }: WholePace) {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    const give = () => resolve(null);
    timer = setTimeout(() => {
      // A model that has begun by then is waited for no longer.
      timer = setTimeout(give, silentMs - begunMs); // One that has not, until then.
      void begun.then(give);
    }, begunMs);
  });
  return { over, end: () => clearTimeout(timer) };
}

function paddedBody(
  body: Promise<object | string>,
  { log, requestId, paddingMs }: { log: Log; requestId: string; paddingMs: number },
): ReadableStream<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream({
    start(controller) {
      // The first at once: it takes the status along.
      controller.enqueue(PADDING);
      timer = setInterval(() => controller.enqueue(PADDING), paddingMs);
      const end = (finish: () => void) => {
        // A reader who left has closed it already, and wants to hear nothing.
        if (timer === undefined) return;
        clearInterval(timer);
        finish();
      };
      void body.then(
        (json) =>
          end(() => {
            controller.enqueue(new TextEncoder().encode(textOf(json)));
            controller.close();
          }),
        (thrown) => {
          const { message, code, details } = toGatewayError(thrown);
          log.error(`${BROKEN} ${message}`, { requestId, code, cause: details.cause });
          // What runs the app prints and passes on what it is given.
          end(() => controller.error(new Error(BROKEN)));
        },
      );
    },
    cancel() {
      clearInterval(timer);
      timer = undefined;
    },
  });
}
