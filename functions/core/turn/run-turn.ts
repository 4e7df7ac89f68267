// READ THIS FIRST. What happens to a request, whatever surface it came from. Law: no call without a hold, no hold without an end.

import { keyOf } from '../access/key-store.ts';
import { mayCall } from '../access/principal.ts';
import type { Converse, ConverseEvent } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Catalog } from '../catalog/resolve.ts';
import { withMaxTokens } from '../dialects/content/max-tokens.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { createMeter, type Meter } from './meter.ts';
import { setAside } from './set-aside.ts';
import type { Turn, TurnEvent } from './turn.ts';

export type TurnDependencies = { catalog: Catalog; ledger: Ledger; converse: Converse; countTokens: CountTokens; clock: Clock; log: Log };

/** Runs one call: first says how it was admitted, then yields what the model says. Throws `GatewayError`s; what was thrown has been settled. */
export async function* runTurn(dependencies: TurnDependencies, turn: Turn): AsyncGenerator<TurnEvent, void> {
  const { catalog, ledger, converse, clock, log } = dependencies;
  const { requestId, key, modelName, isStream } = turn;

  const resolved = catalog.resolve(modelName);
  if (!resolved) throw new GatewayError('model_not_found', `There is no model named ${JSON.stringify(modelName)}.`, { param: 'model' });
  const { model, target, price } = resolved;
  const checkGrant = (asked = key) => {
    const names = [modelName, target, model.name, model.foundationId, ...model.aliases];
    if (!mayCall(asked, names)) throw new GatewayError('model_not_allowed', `This key may not call ${modelName}.`, { param: 'model' });
  };
  checkGrant();

  const { request: translated, warnings } = turn.toConverse(model);
  const wanted = translated.inferenceConfig!.maxTokens!;
  const asked = { accountId: key.id, requestId, model, target, price, request: translated };
  const { hold, ...bound } = await setAside(dependencies, { ...asked, check: (item) => checkGrant(keyOf(item)) });
  const request = withMaxTokens(translated, bound.maxTokens);

  const meter = createMeter(clock, isStream);
  let upstream: AsyncGenerator<ConverseEvent, void> | undefined;
  try {
    yield { admitted: { model, warnings, maxTokens: bound.maxTokens, isLowered: bound.maxTokens < wanted } };
    // A model that cannot stream answers whole; the reader gets the events of a stream all the same.
    upstream = isStream && model.abilities.streaming ? converse.stream(target, request) : converse.whole(target, request);
    for (let next = await upstream.next(); !next.done; next = await upstream.next()) {
      meter.hear(next.value);
      yield { event: next.value };
    }
    meter.done();
  } catch (thrown) {
    meter.failed(thrown);
    throw thrown;
  } finally {
    await drain(upstream, meter);
    const outcome = meter.outcome(bound, price);
    await ledger.settle(hold, outcome).catch((cause) => log.error('A turn could not be settled; its hold will be.', { requestId, cause }));
  }
}

/** A reader who left does not stop the bill: the rest is heard, so that the charge is exact. After an end or a failure there is no rest. */
async function drain(upstream: AsyncGenerator<ConverseEvent, void> | undefined, meter: Meter): Promise<void> {
  try {
    for await (const event of upstream ?? []) meter.hear(event);
  } catch (thrown) {
    meter.failed(thrown);
  }
}
