// What happens to a request that is not a chat: the same first and last step as a turn, around calls that answer once each.
// Law: one hold and one entry for the whole request, however many calls it becomes.

import type { Key } from '../access/principal.ts';
import { INVOKE_PATIENCE_MS } from '../bedrock/invoke.ts';
import type { Model, ModelKind } from '../catalog/model.ts';
import { flatPrice } from '../catalog/prices.ts';
import type { Catalog } from '../catalog/resolve.ts';
import type { Labels } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Left } from '../ledger/left.ts';
import type { Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { inPool } from '../platform/pool.ts';
import { createBill } from './bill.ts';
import type { Charged } from './charged.ts';
import { createCourse } from './course.ts';
import { findTarget } from './find-target.ts';
import type { Recorder } from './recorder.ts';
import { holdWarnings, setAsideWhole } from './set-aside.ts';
import { settle } from './settle.ts';

export type CallDependencies = { catalog: Catalog; ledger: Ledger; clock: Clock; log: Log; record?: Recorder };

/** One of the calls a request becomes. `usage` is `undefined` where the upstream did not tell it: then the bound is charged. */
export type Part<Answer> = { bound: Usage; run(target: string): Promise<{ answer: Answer; usage: Usage | undefined }> };

export type Call<Answer> = {
  requestId: string;
  /** Who calls and pays. */
  key: Key;
  modelName: string;
  /** The id of the client's session, where it sends one. */
  sessionKey?: string;
  /** What the client wrote on it. */
  labels?: Labels | undefined;
  kind: ModelKind;
  /** The calls the request becomes for the model the name stands for. Throws what the model cannot do. */
  toParts(model: Model): { parts: Part<Answer>[]; warnings: string[] };
};

/** `answers` are in the order of the parts, `usage` is their sum. */
export type CallResult<Answer> = { model: Model; warnings: string[]; answers: Answer[]; usage: Usage; left: Left; charged: Charged };

const PARALLEL = 8;
/** A part that begins by then has ended, its patience worn out at worst, before PATIENCE.totalMs of a chat. */
const BEGIN_WITHIN_MS = 700_000 - INVOKE_PATIENCE_MS;

/** Runs all parts, or fails with the first failure; either way what was done is charged before this returns. Throws `GatewayError`s. */
export async function runCall<Answer>(dependencies: CallDependencies, call: Call<Answer>): Promise<CallResult<Answer>> {
  const { catalog, clock } = dependencies;
  const { requestId, key } = call;

  const { model, target, check, ...found } = await findTarget(catalog, call, call.kind);
  const price = flatPrice(found.price);
  const { parts, warnings } = call.toParts(model);
  const bounds = parts.map(({ bound }) => bound);
  const { hold, left } = await setAsideWhole(dependencies, { accountId: key.id, requestId, model, target, price, bounds, check });

  const recording = dependencies.record?.(call);
  const course = createCourse(clock, false);
  const bill = createBill(price);
  let answers: Answer[];
  let charged: Charged;
  try {
    answers = await inPool(parts, { width: PARALLEL }, async ({ bound, run }) => {
      if (course.elapsedMs() > BEGIN_WITHIN_MS) throw tooLong();
      const { answer, usage } = await run(target).catch((thrown) => {
        bill.failed(thrown, bound);
        throw thrown;
      });
      bill.answered(usage, bound);
      return answer;
    });
    course.done();
  } catch (thrown) {
    course.failed(thrown);
    throw thrown;
  } finally {
    const ended = { kind: call.kind, target, outcome: course.outcome(bill.sum(), null), warnings };
    charged = await settle(dependencies, { hold, left, labels: call.labels, recording }, ended);
  }
  return { model, warnings: [...warnings, ...holdWarnings(hold)], answers, usage: bill.sum().usage, left, charged };
}

function tooLong(): GatewayError {
  return new GatewayError('upstream_timeout', 'The request takes too long; please send less at a time.');
}
