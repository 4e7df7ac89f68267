// The one second try of a turn: what to send after the model refused the request for something it does not take. Law: it costs no more
// than what is held.
import { isDeepStrictEqual } from 'node:util';
import type { ConverseRequest } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Model } from '../catalog/model.ts';
import type { Price } from '../catalog/prices.ts';
import { healingOf, type Lesson } from '../dialects/content/healing.ts';
import { withMaxTokens } from '../dialects/content/max-tokens.ts';
import type { Hold } from '../ledger/hold.ts';
import { GatewayError } from '../platform/errors.ts';
import { knownAs, type Lessons } from './lessons.ts';
import { holdWarnings, refit } from './set-aside.ts';
import type { Turn } from './turn.ts';

/** What was refused: `request` as it was sent. */
export type Refused = {
  turn: Turn;
  /** As it was thought to be. */
  model: Model;
  target: string;
  price: Price | null;
  hold: Hold;
  request: ConverseRequest;
  warnings: string[];
};

export type Healed = {
  request: ConverseRequest;
  warnings: string[];
  bound: { inputTokens: number; maxTokens: number };
  /** What the model was asked to say at most before the money was looked at. */
  wanted: number;
  lesson: Lesson | null;
};

/** What to send once more; throws what was thrown where nothing is known to help, or the hold would not pay for it. */
export async function healed(
  dependencies: { lessons: Lessons; countTokens: CountTokens },
  { turn, model, target, request, warnings, ...money }: Refused,
  thrown: unknown,
): Promise<Healed> {
  const objection = thrown instanceof GatewayError ? thrown.details.objection : undefined;
  const healing = objection === undefined ? null : healingOf(objection, request);
  if (!healing || (healing.request && turn.isStrict)) throw thrown;

  const maxTokens = request.inferenceConfig!.maxTokens!;
  const again = healing.request
    ? { request: healing.request, warnings }
    : dependencies.lessons.strip(turn.toConverse(knownAs(model, healing.abilities)), target);
  const wanted = again.request.inferenceConfig!.maxTokens!;
  const atMost = withMaxTokens(again.request, Math.min(wanted, maxTokens));
  if (isDeepStrictEqual(atMost, request)) throw thrown;
  const bound = await refit(dependencies, { ...money, model, request: atMost });
  if (!bound) throw thrown;
  return {
    request: withMaxTokens(atMost, bound.maxTokens),
    warnings: [...new Set([...again.warnings, ...holdWarnings(money.hold), healing.warning])],
    bound,
    wanted: healing.request ? maxTokens : wanted,
    lesson: healing.lesson,
  };
}
