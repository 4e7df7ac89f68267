// A ConverseStream as events, read from the raw answer. The SDK's client resolves, signs, sends and retries; only its reading of the event
// stream, two thirds of what a token costs, is left out. Law: what the SDK would have made of a message is what comes out here.
import { Readable } from 'node:stream';
import {
  type BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { createFrameReader, type StreamMessage } from './event-frames.ts';
import type { ShortWay } from './short-way.ts';

export type OpenConverseStream = (
  input: ConverseStreamCommandInput,
  options: { abortSignal: AbortSignal },
) => Promise<AsyncIterator<ConverseStreamOutput>>;

type Answer = { statusCode: number; body: Readable };
type Events = AsyncIterator<ConverseStreamOutput, undefined>;

export function createOpenConverseStream(client: BedrockRuntimeClient, way: ShortWay): OpenConverseStream {
  const byAnswer = new WeakMap<object, Events>();
  const byOutput = new WeakMap<object, Events>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const answer = result.response as Answer;
      if (context.commandName === 'ConverseStreamCommand' && answer.statusCode === 200) {
        byAnswer.set(answer, await begun(eventsOf(answer.body)));
        answer.body = Readable.from([]);
      }
      return result;
    },
    // The innermost step: within the retries, and before the SDK reads the body.
    { step: 'deserialize', priority: 'low', name: 'takeConverseStream', override: true },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const events = byAnswer.get(result.response as object);
      if (events) byOutput.set(result.output as object, events);
      return result;
    },
    { step: 'build', name: 'keepConverseStream', override: true },
  );
  return async (input, options) => {
    const tried = await way.attempt('converse-stream', input, options);
    if (tried?.answer?.statusCode === 200) {
      try {
        return await begun(eventsOf(tried.answer.body));
      } catch (failure) {
        way.replay(input, { failure });
      }
    } else if (tried) way.replay(input, tried);
    return byOutput.get(await client.send(new ConverseStreamCommand(input), options))!;
  };
}

/** Waits for the first event, so that a stream which begins with an exception is a call that failed and is tried again like one. */
async function begun(events: Events): Promise<Events> {
  let first: IteratorResult<ConverseStreamOutput, undefined> | undefined = await events.next();
  return {
    next() {
      if (first === undefined) return events.next();
      const step = first;
      first = undefined;
      return Promise.resolve(step);
    },
  };
}

/** The events of a body. Not a generator, nor the body's own iterator: each of them costs as much a token as all the rest here. */
export function eventsOf(body: Readable): Events {
  const frames = createFrameReader();
  let wake: (() => void) | undefined;
  let failure: Error | undefined;
  let isEnded = false;
  const stir = () => wake?.();
  body.on('readable', stir);
  body.on('end', () => {
    isEnded = true;
    stir();
  });
  body.on('error', (error) => {
    failure = error;
    stir();
  });
  body.on('close', () => {
    if (!isEnded) failure ??= new Error('aborted');
    stir();
  });

  /** The next event that is here already. */
  function ready(): ConverseStreamOutput | undefined {
    for (;;) {
      const message = frames.next();
      if (message) {
        const event = toEvent(message);
        if (event) return event;
        continue;
      }
      const bytes: Buffer | null = body.read();
      if (bytes === null) return undefined;
      frames.push(bytes);
    }
  }

  return {
    async next() {
      for (;;) {
        const value = ready();
        if (value) return { done: false, value };
        if (failure) throw failure;
        if (isEnded) {
          if (!frames.isEmpty()) throw new Error('Truncated event message received.');
          return { done: true, value: undefined };
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** `undefined` for an event this gateway does not know. Throws what the stream says went wrong. */
function toEvent({ kind, type, payload, message }: StreamMessage): ConverseStreamOutput | undefined {
  if (kind === 'event') return EVENTS[type]?.(payload);
  if (kind === 'exception') throw Object.assign(new Error(), parsed(payload), { name: type.charAt(0).toUpperCase() + type.slice(1) });
  if (kind === 'error') throw Object.assign(new Error(message ?? 'UnknownError'), { name: type });
  throw new Error(`Protocol error: an event message is of the unknown kind "${kind}".`);
}

const EVENTS: Record<string, (payload: string) => ConverseStreamOutput> = {
  messageStart: (payload) => ({ messageStart: parsed(payload) }),
  contentBlockStart: (payload) => ({ contentBlockStart: parsed(payload) }),
  contentBlockDelta: (payload) => ({ contentBlockDelta: withBytes(parsed(payload)) }),
  contentBlockStop: (payload) => ({ contentBlockStop: parsed(payload) }),
  messageStop: (payload) => ({ messageStop: JSON.parse(payload) }),
  metadata: (payload) => ({ metadata: parsed(payload) }),
};

/** Without the members that are null: to the SDK they are not there. The wire's JSON is the SDK's type but for bytes: see withBytes. */
function parsed<Event extends object>(payload: string): Event {
  return payload.includes(':null') ? JSON.parse(payload, (_, value) => value ?? undefined) : JSON.parse(payload);
}

type DeltaEvent = NonNullable<ConverseStreamOutput['contentBlockDelta']>;
type Encoded = { reasoningContent?: { redactedContent?: unknown }; image?: { source?: { bytes?: unknown } } };

/** Bytes come as base64. */
function withBytes(event: DeltaEvent): DeltaEvent {
  const { reasoningContent, image } = (event.delta ?? {}) as Encoded;
  if (reasoningContent?.redactedContent !== undefined) reasoningContent.redactedContent = toBytes(reasoningContent.redactedContent);
  if (image?.source?.bytes !== undefined) image.source.bytes = toBytes(image.source.bytes);
  return event;
}

function toBytes(text: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(String(text), 'base64'));
}
