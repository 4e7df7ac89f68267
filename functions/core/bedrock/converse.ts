// Converse, streamed or whole, as one stream of events. Law: a stream that ends without messageStop is a failure, never an end.
import type { BedrockRuntimeClient, ContentBlock, ConverseCommandInput, ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../platform/errors.ts';
import { PATIENCE, type Patience, type Watch, watchSilence } from '../platform/watch-silence.ts';
import { createOpenConverseStream } from './converse-stream.ts';
import { createAskConverse, type WholeAnswer } from './converse-whole.ts';
import { toFailure } from './failures.ts';
import { createShortWay } from './short-way.ts';

export type ConverseEvent = ConverseStreamOutput;

/** The middle type of the gateway: what a dialect makes of a request, and what a model is asked. */
export type ConverseRequest = Omit<ConverseCommandInput, 'modelId'>;

export type Converse = {
  /** The answer event by event, as it is made. */
  stream(modelId: string, request: ConverseRequest): AsyncIterableIterator<ConverseEvent, void>;
  /** The same events, made of one whole answer. */
  whole(modelId: string, request: ConverseRequest): AsyncIterableIterator<ConverseEvent, void>;
};

/** In a whole answer nothing is heard before its end: it may take as long as its first token and then the slowest of models. */
const SLOWEST_MS_PER_TOKEN = 100;

/** `stop`: aborts every call under way, when the process must end. */
export function createConverse(client: BedrockRuntimeClient, patience: Patience = PATIENCE, stop?: AbortSignal): Converse {
  const way = createShortWay(client);
  const openStream = createOpenConverseStream(client, way);
  const askConverse = createAskConverse(client, way);
  return {
    stream(modelId, request) {
      const watch = watchSilence(patience, stop);
      return watched(() => openStream({ ...request, modelId }, { abortSignal: watch.signal }), watch);
    },

    async *whole(modelId, request) {
      const writingMs = SLOWEST_MS_PER_TOKEN * (request.inferenceConfig?.maxTokens ?? 0);
      const wholeMs = Math.min(patience.totalMs, patience.firstMs + writingMs);
      const watch = watchSilence({ ...patience, firstMs: wholeMs }, stop);
      let response: WholeAnswer;
      try {
        response = await askConverse({ ...request, modelId }, { abortSignal: watch.signal });
      } catch (thrown) {
        throw watch.isOver() ? tooLong() : toFailure(thrown);
      } finally {
        watch.end();
      }
      yield* eventsOf(response);
    },
  };
}

/** The events a stream would have had for this answer. */
function* eventsOf({
  output,
  stopReason,
  usage,
  metrics,
  serviceTier,
  additionalModelResponseFields,
}: WholeAnswer): Generator<ConverseEvent> {
  yield { messageStart: { role: output?.message?.role ?? 'assistant' } };
  for (const [contentBlockIndex, block] of (output?.message?.content ?? []).entries()) {
    if (block.toolUse) {
      const { input, ...start } = block.toolUse;
      yield { contentBlockStart: { contentBlockIndex, start: { toolUse: start as { toolUseId: string; name: string } } } };
      yield { contentBlockDelta: { contentBlockIndex, delta: { toolUse: { input: JSON.stringify(input ?? {}) } } } };
    } else {
      if (block.image) yield { contentBlockStart: { contentBlockIndex, start: { image: { format: block.image.format } } } };
      for (const delta of deltasOf(block)) yield { contentBlockDelta: { contentBlockIndex, delta } };
    }
    yield { contentBlockStop: { contentBlockIndex } };
  }
  yield { messageStop: { stopReason, additionalModelResponseFields } };
  yield { metadata: { usage, metrics: { latencyMs: metrics?.latencyMs }, ...(serviceTier && { serviceTier }) } };
}

type Delta = NonNullable<NonNullable<ConverseEvent['contentBlockDelta']>['delta']>;

function deltasOf(block: ContentBlock): Delta[] {
  if (block.text !== undefined) return [{ text: block.text }];
  if (block.image?.source) return [{ image: { source: block.image.source } }];
  const { reasoningContent: reasoning, citationsContent: cited } = block;
  if (cited) {
    const texts = (cited.content ?? []).map(({ text }): Delta => ({ text: text ?? '' }));
    return [...texts, ...(cited.citations ?? []).map((citation): Delta => ({ citation }))];
  }
  if (reasoning?.redactedContent) return [{ reasoningContent: { redactedContent: reasoning.redactedContent } }];
  if (!reasoning?.reasoningText) return [];
  const { text, signature } = reasoning.reasoningText;
  const deltas: Delta[] = [{ reasoningContent: { text: text ?? '' } }];
  if (signature !== undefined) deltas.push({ reasoningContent: { signature } });
  return deltas;
}

/**
 * The events of an opened stream, watched. Written as an iterator and not as a generator: it runs for every token, and a generator's own
 * queue costs as much as all the rest here. There is nothing to clean up when its reader leaves: run-turn hears every stream to its end.
 */
function watched(open: () => Promise<AsyncIterator<ConverseEvent>>, watch: Watch): AsyncIterableIterator<ConverseEvent, void> {
  let events: AsyncIterator<ConverseEvent> | undefined;
  let isStopped = false;
  let isOver = false;
  const fail = (thrown: unknown): never => {
    isOver = true;
    watch.end();
    throw watch.isOver() ? tooLong() : toFailure(thrown);
  };
  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        events ??= await open();
        const step = await events.next();
        if (step.done) {
          if (!isStopped) return fail(brokenOff());
          isOver = true;
          watch.end();
          return { done: true, value: undefined };
        }
        watch.heard();
        if (step.value.messageStop) isStopped = true;
        return step;
      } catch (thrown) {
        return fail(thrown);
      }
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function tooLong(): GatewayError {
  return new GatewayError('upstream_timeout', 'Amazon Bedrock took too long, and the call was ended.', { mayBeBilled: true });
}

function brokenOff(): GatewayError {
  return new GatewayError('model_stream_error', 'The answer broke off: the upstream ended it without saying why.', { mayBeBilled: true });
}
