// READ THIS FIRST. What happens to a request, whatever surface it came from. Law: no call without a hold, no hold without an end.
import type { Converse, ConverseEvent } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Retrieve } from '../bedrock/retrieve.ts';
import type { Catalog } from '../catalog/resolve.ts';
import { withMaxTokens } from '../dialects/content/max-tokens.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { askModel } from './ask-model.ts';
import type { Charged } from './charged.ts';
import { findTarget } from './find-target.ts';
import { healed } from './heal.ts';
import type { Lessons } from './lessons.ts';
import { createMeter, type Meter } from './meter.ts';
import { quoteOf } from './quote.ts';
import type { Recorder } from './recorder.ts';
import { holdWarnings, setAside } from './set-aside.ts';
import { settle } from './settle.ts';
import type { Turn, TurnEvent } from './turn.ts';
import { passagesBoundOf, withPassages } from './with-passages.ts';

export type TurnDependencies = {
  catalog: Catalog;
  ledger: Ledger;
  converse: Converse;
  countTokens: CountTokens;
  /** Asks knowledge bases, for the models that are made over one. */
  retrieve?: Retrieve;
  lessons: Lessons;
  clock: Clock;
  log: Log;
  /** Logs turns as threads, where they are logged. */
  record?: Recorder;
};

/** Runs one call: first says how it was admitted, then yields what the model says. Throws `GatewayError`s; what was thrown has been settled. */
export async function* runTurn(dependencies: TurnDependencies, turn: Turn): AsyncGenerator<TurnEvent, void> {
  const { catalog, converse, lessons, clock } = dependencies;
  const { requestId, key, isStream } = turn;

  const { model: listed, target, check, ...found } = await findTarget(catalog, turn, 'chat');
  const model = lessons.known(listed, target);
  const { request: translated, warnings: dropped } = lessons.strip(turn.toConverse(model), target);
  const wanted = translated.inferenceConfig!.maxTokens!;
  const { price, priceOf } = quoteOf(found.price, translated.serviceTier?.type);
  const added = passagesBoundOf(model);
  const asked = { accountId: key.id, requestId, model, target, price, request: translated, added, check };
  const { hold, left, ...admitted } = await setAside(dependencies, asked);
  const warnings = [...dropped, ...holdWarnings(hold)];
  let bound = admitted;
  let asking = { turn, request: withMaxTokens(translated, bound.maxTokens) };

  const recording = dependencies.record?.(turn);
  /** What the model was asked at last, for its thread. */
  let sent = { request: asking.request, warnings };
  const meter = createMeter(clock, isStream, recording?.hear);
  let upstream: AsyncIterableIterator<ConverseEvent, void> | undefined;
  let next: IteratorResult<ConverseEvent, void>;
  let charged: Charged;
  try {
    yield { admitted: { model, warnings, maxTokens: bound.maxTokens, isLowered: bound.maxTokens < wanted, left } };
    try {
      if (model.knowledgeBase) {
        asking = await withPassages(dependencies.retrieve, model, asking);
        sent = { request: asking.request, warnings };
      }
      upstream = askModel(converse, { model, target, request: asking.request, isStream });
      next = await upstream.next();
    } catch (thrown) {
      // Nothing was said and nothing is billed yet: the one moment for a second try, in another form.
      const second = await healed(dependencies, { ...asking, model, target, price, hold, warnings }, thrown);
      bound = second.bound;
      sent = second;
      const isLowered = bound.maxTokens < second.wanted;
      yield { admitted: { model, warnings: second.warnings, maxTokens: bound.maxTokens, isLowered, left } };
      upstream = askModel(converse, { model, target, request: second.request, isStream });
      next = await upstream.next();
      if (second.lesson) lessons.learn(target, second.lesson);
    }
    for (; !next.done; next = await upstream.next()) {
      meter.hear(next.value);
      yield next.value;
    }
    meter.done();
  } catch (thrown) {
    meter.failed(thrown);
    throw thrown;
  } finally {
    await drain(upstream, meter);
    const ended = { kind: 'chat', target, outcome: meter.outcome(bound, priceOf), ...sent };
    charged = await settle(dependencies, { hold, left, labels: turn.labels, recording }, ended);
  }
  yield { charged };
}

/** A reader who left does not stop the bill: the rest is heard, so that the charge is exact. After an end or a failure there is no rest. */
async function drain(upstream: AsyncIterableIterator<ConverseEvent, void> | undefined, meter: Meter): Promise<void> {
  try {
    for await (const event of upstream ?? []) meter.hear(event);
  } catch (thrown) {
    meter.failed(thrown);
  }
}
