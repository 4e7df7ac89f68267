// What happens to a request whose target speaks the client's own dialect: the same steps as a turn, without a translation.
// Law: no call without a hold, no hold without an end, and what is sent can cost no more than what was held.

import type { Key } from '../access/principal.ts';
import type { ModelKind } from '../catalog/model.ts';
import type { Catalog } from '../catalog/resolve.ts';
import type { Labels } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { NO_USAGE } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { settledOrLate } from '../platform/settled-or-late.ts';
import type { Forward } from '../relay/forward.ts';
import { type Body, planRequest } from '../relay/plan-request.ts';
import { refuseSwitchedOffFields } from '../relay/switched-off.ts';
import type { Charged } from './charged.ts';
import { expectKind, type Found, findModel } from './find-target.ts';
import type { Recorder } from './recorder.ts';
import { createRelayMeter, type RelayMeter } from './relay-meter.ts';
import { conversationOf, hearRelayed } from './relay-texts.ts';
import { boundOf, holdWarnings, setAsideBound } from './set-aside.ts';
import { settle } from './settle.ts';
import type { Admittance } from './turn.ts';

export type RelayDependencies = { catalog: Catalog; ledger: Ledger; forward: Forward; clock: Clock; log: Log; record?: Recorder };

export type RelayedCall = {
  requestId: string;
  /** Who calls and pays. */
  key: Key;
  modelName: string;
  /** The id of the client's session, where it sends one. */
  sessionKey?: string;
  /** What the client wrote on it. */
  labels?: Labels | undefined;
  /** Below /v1, without a slash in front. */
  path: string;
  body: Body;
};

/** `last` is what ends the answer: to be said when the call has been settled, which is when `charged` comes. */
export type RelayEvent = { admitted: Admittance } | { frame: string } | { last: string } | { charged: Charged };

type Upstream = ReturnType<Forward>;

const CLOSING_MS = 500;

/** What a path is for; others are only for models that list them. */
export const RELAY_PATHS: Readonly<Record<string, ModelKind>> = {
  'chat/completions': 'chat',
  completions: 'chat',
  embeddings: 'embedding',
};

/** First says how the call was admitted, then what the upstream says. Throws `GatewayError`s; what was thrown has been settled. */
export async function* runRelay(dependencies: RelayDependencies, call: RelayedCall): AsyncGenerator<RelayEvent, void> {
  const { catalog, clock, forward } = dependencies;
  const { requestId, key, path, body } = call;

  const found = await findModel(catalog, call);
  expectPath(found, call);
  const { model, target, price, check } = found;
  const { name: relay, ...to } = model.relay!;
  refuseSwitchedOffFields(body.fields, model.switchedOff);
  const plan = planRequest(path, body, { ...to, limits: model.limits });
  const { choices, isLowerable } = plan;
  const bound = boundOf(plan.inputTokens, plan.maxTokens, price, '1h');
  const asked = { accountId: key.id, requestId, model, target, price, bound, choices, isLowerable, check };
  const { hold, left, inputTokens, maxTokens } = await setAsideBound(dependencies, asked);
  const usageBound = { ...NO_USAGE, input: inputTokens, output: maxTokens * choices };

  const recording = dependencies.record?.(call);
  const meter = createRelayMeter(clock, plan, recording?.hear && hearRelayed(recording.hear, plan.isStream));
  let upstream: Upstream | undefined;
  let charged: Charged;
  try {
    const warnings = [...plan.warnings, ...holdWarnings(hold)];
    yield { admitted: { model, warnings, maxTokens, isLowered: maxTokens < plan.maxTokens, left } };
    upstream = forward({ relay, path, model: to.model, body: plan.toBody(maxTokens), isStream: plan.isStream });
    for (let next = await upstream.next(); !next.done; next = await upstream.next()) {
      const { frame, isEnd } = meter.hear(next.value);
      if (frame !== undefined) yield isEnd ? { last: frame } : { frame };
      if (!isEnd) continue;
      await closed(upstream);
      break;
    }
    upstream = undefined;
    meter.done();
  } catch (thrown) {
    meter.failed(thrown);
    throw thrown;
  } finally {
    await drain(upstream, meter);
    const request = recording?.hear && conversationOf(body.fields);
    const ended = { kind: model.kind, target, outcome: meter.outcome(usageBound, price), warnings: plan.warnings, request };
    charged = await settle(dependencies, { hold, left, labels: call.labels, recording }, ended);
  }
  yield { charged };
}

/** After the last word comes the end, and then the connection can be used again; one that stays open is not waited for. */
function closed(upstream: Upstream): Promise<void> {
  const end = upstream.next().catch(() => undefined);
  return settledOrLate(end, CLOSING_MS);
}

/** A reader who left does not stop the bill, and what comes after an error the upstream told may still tell the usage. */
async function drain(upstream: Upstream | undefined, meter: RelayMeter): Promise<void> {
  for (;;) {
    try {
      const next = await upstream?.next();
      if (!next || next.done || meter.hear(next.value).isEnd) return;
    } catch (thrown) {
      meter.failed(thrown);
    }
  }
}

/** A path the gateway does not know is taken only where somebody said that its answers tell their usage, and their price is known. */
function expectPath({ model, price }: Pick<Found, 'model' | 'price'>, { path, modelName }: RelayedCall): void {
  const kind = RELAY_PATHS[path];
  if (kind) {
    expectKind(model, modelName, kind);
    return;
  }
  if (!model.relay!.paths.includes(path)) {
    throw new GatewayError('not_found', `${modelName} is not relayed at /v1/${path}: its answers there have no price.`, { param: 'model' });
  }
  if (!price)
    throw new GatewayError('model_not_priced', `${modelName} has no price, so /v1/${path} is not relayed for it.`, { param: 'model' });
}
