// READ THIS FIRST. What happens to a request, whatever surface it came from. Law: no call without a hold, no hold without an end.
import type { Converse, ConverseEvent } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Catalog } from '../catalog/resolve.ts';
import { withMaxTokens } from '../dialects/content/max-tokens.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { findTarget } from './find-target.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Recorder } from './recorder.ts';
import { setAside } from './set-aside.ts';
import { settle } from './settle.ts';
import type { Turn, TurnEvent } from './turn.ts';

export type TurnDependencies = {
  catalog: Catalog;
  ledger: Ledger;
  converse: Converse;
  countTokens: CountTokens;
  clock: Clock;
  log: Log;
  /** Logs turns as threads, where they are logged. */
  record?: Recorder;
};

/** Runs one call: first says how it was admitted, then yields what the model says. Throws `GatewayError`s; what was thrown has been settled. */
export async function* runTurn(dependencies: TurnDependencies, turn: Turn): AsyncGenerator<TurnEvent, void> {
  const { catalog, converse, clock } = dependencies;
  const { requestId, key, isStream } = turn;

  const { model, target, price, check } = findTarget(catalog, turn, 'chat');
  const { request: translated, warnings } = turn.toConverse(model);
  const wanted = translated.inferenceConfig!.maxTokens!;
  const asked = { accountId: key.id, requestId, model, target, price, request: translated, check };
  const { hold, ...bound } = await setAside(dependencies, asked);
  const request = withMaxTokens(translated, bound.maxTokens);

  const recording = dependencies.record?.(turn);
  const meter = createMeter(clock, isStream, recording?.hear);
  let upstream: AsyncIterableIterator<ConverseEvent, void> | undefined;
  try {
    yield { admitted: { model, warnings, maxTokens: bound.maxTokens, isLowered: bound.maxTokens < wanted } };
    // A model that cannot stream answers whole; the reader gets the events of a stream all the same.
    upstream = isStream && model.abilities.streaming ? converse.stream(target, request) : converse.whole(target, request);
    for (let next = await upstream.next(); !next.done; next = await upstream.next()) {
      meter.hear(next.value);
      yield next.value;
    }
    meter.done();
  } catch (thrown) {
    meter.failed(thrown);
    throw thrown;
  } finally {
    await drain(upstream, meter);
    const outcome = meter.outcome(bound, price);
    await settle(dependencies, hold, outcome);
    recording?.end({ kind: 'chat', target, outcome, price, warnings, request: translated });
  }
}

/** A reader who left does not stop the bill: the rest is heard, so that the charge is exact. After an end or a failure there is no rest. */
async function drain(upstream: AsyncIterableIterator<ConverseEvent, void> | undefined, meter: Meter): Promise<void> {
  try {
    for await (const event of upstream ?? []) meter.hear(event);
  } catch (thrown) {
    meter.failed(thrown);
  }
}
