// Events → bytes. Law: nothing is said before the first event is there, so that refusals are HTTP statuses; a stream that failed never ends
// in [DONE]; the turn is settled before the last byte.
import type { Context } from 'hono';
import type { ConverseEvent } from '../core/bedrock/converse.ts';
import { toOpenAiErrorFrame } from '../core/dialects/openai/errors.ts';
import { limitHeaders } from '../core/ledger/limit-headers.ts';
import { toGatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';
import { formatUsd } from '../core/platform/money.ts';
import { settledOrLate } from '../core/platform/settled-or-late.ts';
import type { Charged } from '../core/turn/charged.ts';
import type { Admittance, TurnEvent } from '../core/turn/turn.ts';
import { logFailure } from './failure.ts';

export type Dialect<Event = ConverseEvent> = {
  frames(event: Event): string;
  /** `costUsd`: what the turn was charged, where that is known. */
  end(costUsd?: string): string;
};

export type Pace = {
  /** A stream that is silent for this long gets a comment, so that nobody on the way closes it. */
  heartbeatMs: number;
  /** How long the status waits for the first event. */
  firstEventMs: number;
};

export const PACE: Pace = { heartbeatMs: 15_000, firstEventMs: 20_000 };

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
const HEARTBEAT = ': ping\n\n';
/** Frames that follow a write within this time are gathered for the next. No model speaks so fast that a reader could tell. */
const GATHER_MS = 4;
/** A reader who is slower than the model has this much waiting for it before the model is waited with. */
const MAX_UNREAD_BYTES = 16 * 1024;
/** The heartbeat's timer is moved on no more often than this. */
const REFRESH_MS = 1_000;

type Events = AsyncGenerator<TurnEvent, void>;
/** Of a turn, or of a relayed call, whose events are frames already. */
type Told = { admitted: Admittance } | { charged: Charged };
type EventsOf<Event extends object> = AsyncGenerator<Told | Event, void>;
type NextOf<Event extends object> = IteratorResult<Told | Event, void>;

/** How a call was admitted, and, once it has ended, its charge. */
export type Course = Admittance & { charged?: Charged | undefined };

export type Hearing = {
  /** The whole course, once everything has been heard. */
  done: Promise<Course>;
  /** Kept when the model has said something. */
  begun: Promise<void>;
  /** What is known of the course by now. */
  course(): Course | undefined;
};

/** Everything the turn says, given to `hear`. */
export function hearAll(events: Events, hear: (event: ConverseEvent) => void): Hearing {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let course: Course | undefined;
  const hearThem = async () => {
    for await (const event of events) {
      if ('admitted' in event) course = event.admitted;
      else if ('charged' in event) course = { ...course!, charged: event.charged };
      else {
        begin();
        hear(event);
      }
    }
    return course!;
  };
  return { done: hearThem(), begun, course: () => course };
}

export function warningHeaders(warnings: readonly string[]): Record<string, string> {
  return warnings.length > 0 ? { 'x-outcrop-warnings': warnings.join(', ') } : {};
}

/** Headers that tell what the gateway did to the request, what is left, and the cost where the call has ended. */
export function admittanceHeaders(course: Course | undefined): Record<string, string> {
  if (!course) return {};
  const { warnings, maxTokens, isLowered, left, charged } = course;
  return {
    ...warningHeaders(warnings),
    ...(isLowered && { 'x-outcrop-max-tokens': String(maxTokens) }),
    ...limitHeaders(charged?.left ?? left, charged?.cost),
  };
}

/** Answers with the turn as server-sent events. `track` is told of work that goes on after the reader has left. */
export async function streamEvents<Event extends object>(
  c: Context,
  events: EventsOf<Event>,
  dialect: (admittance: Admittance) => Dialect<Event>,
  options: { log: Log; requestId: string; pace: Pace; track: (work: Promise<unknown>) => void },
): Promise<Response> {
  const { value: opening } = await events.next();
  let { admitted } = opening as { admitted: Admittance };
  // A request that had to be changed is admitted anew before the first event.
  const hearFirst = async () => {
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done || !('admitted' in next.value)) return next;
      ({ admitted } = next.value);
    }
  };
  const first = hearFirst();
  await settledOrLate(first, options.pace.firstEventMs);
  const body = bodyOf(first, events, dialect(admitted), options);
  return c.body(body, 200, { ...SSE_HEADERS, ...admittanceHeaders(admitted) });
}

function bodyOf<Event extends object>(
  first: Promise<NextOf<Event>>,
  events: EventsOf<Event>,
  dialect: Dialect<Event>,
  { log, requestId, pace, track }: { log: Log; requestId: string; pace: Pace; track: (work: Promise<unknown>) => void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let resume: (() => void) | undefined;
  let hasLeft = false;
  let isFull = false;

  const source = {
    start(controller: ReadableStreamDefaultController<Uint8Array>) {
      let pending = '';
      let isScheduled = false;
      let flushedAt = 0;
      let refreshedAt = 0;
      // Frames of events that arrived together leave in one write: a write costs more than all the rest of a frame.
      const flush = () => {
        isScheduled = false;
        if (hasLeft || pending === '') return;
        controller.enqueue(encoder.encode(pending));
        isFull = (controller.desiredSize ?? 1) <= 0;
        pending = '';
        flushedAt = performance.now();
        if (flushedAt - refreshedAt < REFRESH_MS) return;
        refreshedAt = flushedAt;
        heartbeat.refresh();
      };
      const write = (text: string) => {
        if (hasLeft) return;
        pending += text;
        if (isScheduled || text === '') return;
        isScheduled = true;
        if (performance.now() - flushedAt < GATHER_MS)
          setTimeout(flush, GATHER_MS); // Gathers what follows at once.
        else setImmediate(flush);
      };
      const heartbeat = setInterval(() => write(HEARTBEAT), pace.heartbeatMs);

      const pump = async () => {
        let charged: Charged | undefined;
        try {
          for (let next = await first; !next.done; next = await events.next()) {
            if ('charged' in next.value) charged = next.value.charged;
            else if (!('admitted' in next.value)) write(dialect.frames(next.value));
            if (isFull && !hasLeft) await new Promise<void>((resolve) => (resume = resolve));
          }
          write(dialect.end(charged && formatUsd(charged.cost)));
        } catch (thrown) {
          const error = toGatewayError(thrown);
          logFailure(error, log, requestId);
          write(toOpenAiErrorFrame(error));
        } finally {
          clearInterval(heartbeat);
          flush();
          if (!hasLeft) controller.close();
        }
      };
      track(pump());
    },
    pull() {
      isFull = false;
      resume?.();
    },
    cancel() {
      hasLeft = true;
      resume?.();
    },
  };
  return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }));
}
