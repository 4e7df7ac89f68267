// The hold of a turn: its upper bound, and where that does not fit, the longest answer the money left can buy.
import type { ConverseRequest } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Model } from '../catalog/model.ts';
import { type Price, ratesAt } from '../catalog/prices.ts';
import { affordableMaxTokens, amountOf, type Bound, dearestInputRate } from '../ledger/bound.ts';
import type { Admission, Hold, Ledger } from '../ledger/ledger.ts';
import type { Left } from '../ledger/left.ts';
import { isTooBig, type Refusal, refusalError } from '../ledger/refusal.ts';
import { NO_USAGE, tokensOf, type Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { costOfCall } from './cost-of-call.ts';
import { cacheWriteOf, inputBoundOf } from './input-bound.ts';

export type SetAside = { hold: Hold; left: Left; inputTokens: number; maxTokens: number };

/** An answer shorter than this is of no use; a budget that buys less is refused. A client that asks for less gets what it asks for. */
const USEFUL_TOKENS = 16;
const ATTEMPTS = 4;

type Asked = Omit<Admission, 'amount' | 'tokens' | 'smallestAmount' | 'model'> & { model: Model; price: Price | null };

/** Holds what the request can cost, or throws the refusal. `maxTokens` is lowered where only that makes it fit. */
export async function setAside(
  dependencies: { ledger: Ledger; countTokens: CountTokens; clock: Clock },
  { model, price, request, ...asked }: Asked & { request: ConverseRequest },
): Promise<SetAside> {
  const { ledger, countTokens, clock } = dependencies;
  const wanted = request.inferenceConfig!.maxTokens!;
  const least = Math.min(wanted, USEFUL_TOKENS);
  const cacheWrite = cacheWriteOf(request);
  const bound = boundOf(inputBoundOf(request), wanted, price, cacheWrite);
  const smallestAmount = amountOf({ ...bound, inputTokens: USEFUL_TOKENS, maxTokens: USEFUL_TOKENS });
  const admit = (of: Bound) => {
    const tokens = of.inputTokens + of.maxTokens;
    return ledger.admit({ ...asked, model: model.name, amount: price && amountOf(of), tokens, smallestAmount });
  };

  let tried = bound;
  let admitted = await admit(tried);
  for (let attempt = 0; isAboutSize(admitted.refusal) && attempt < ATTEMPTS; attempt += 1) {
    const { refusal } = admitted;
    if (attempt === 0 && model.abilities.countTokens) {
      const counted = await countTokens(model.foundationId, request);
      if (counted !== undefined && counted < tried.inputTokens) tried = boundOf(counted, wanted, price, cacheWrite);
    }
    const affordable = affordableWith(refusal, tried);
    const isWhole = affordable === tried.maxTokens;
    if (refusal.limit === 'window' && !isWhole) {
      const exact = { ...refusal, needed: sizeOf(refusal, tried) };
      admitted = { refusal: exact };
      // A window has room again soon: only what would never fit is made smaller.
      if (!isTooBig(exact)) break;
    }
    if (affordable < least) break;
    tried = { ...tried, maxTokens: affordable };
    admitted = await admit(tried);
  }
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return { hold: admitted.hold, left: admitted.left, inputTokens: tried.inputTokens, maxTokens: tried.maxTokens };
}

type AboutSize = Extract<Refusal, { limit: 'money' | 'window' }>;

/** A refusal that a smaller call might not meet. */
function isAboutSize(refusal: Refusal | undefined): refusal is AboutSize {
  return refusal?.limit === 'money' || (refusal?.limit === 'window' && refusal.window.kind !== 'requests');
}

function isOfTokens(refusal: AboutSize): boolean {
  return refusal.limit === 'window' && refusal.window.kind === 'tokens';
}

/** The longest answer that what is left pays for; at most `bound.maxTokens`. */
function affordableWith(refusal: AboutSize, bound: Bound): number {
  if (!isOfTokens(refusal)) return affordableMaxTokens(bound, refusal.left);
  return Math.max(0, Math.min(bound.maxTokens, Number(refusal.left) - bound.inputTokens));
}

function sizeOf(refusal: AboutSize, bound: Bound): bigint {
  return isOfTokens(refusal) ? BigInt(bound.inputTokens + bound.maxTokens) : amountOf(bound);
}

/** Holds the sum of what the calls of a request can cost, or throws the refusal. There is nothing that could be lowered. */
export async function setAsideWhole(
  { ledger, clock }: { ledger: Ledger; clock: Clock },
  { model, price, bounds, ...asked }: Asked & { bounds: Usage[] },
): Promise<{ hold: Hold; left: Left }> {
  const amount = price && bounds.reduce((sum, bound) => sum + costOfCall(bound, price), 0n);
  const tokens = bounds.reduce((sum, bound) => sum + tokensOf(bound), 0);
  const smallestAmount = costOfCall({ ...NO_USAGE, input: USEFUL_TOKENS }, price);
  const admitted = await ledger.admit({ ...asked, model: model.name, amount, tokens, smallestAmount });
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return admitted;
}

/** The bound never takes a lower tier than the call will: more tokens are never cheaper, and there are at most as many as it says. */
function boundOf(inputTokens: number, maxTokens: number, price: Price | null, cacheWrite: ReturnType<typeof cacheWriteOf>): Bound {
  if (!price) return { inputTokens, maxTokens, inputRate: 0n, outputRate: 0n };
  const rates = ratesAt(price, inputTokens);
  return { inputTokens, maxTokens, inputRate: dearestInputRate(rates, cacheWrite), outputRate: rates.output };
}
