// The hold of a turn: its upper bound, and where that does not fit, the longest answer the money left can buy.
import type { ConverseRequest } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Model } from '../catalog/model.ts';
import { type Price, ratesAt } from '../catalog/prices.ts';
import { affordableMaxTokens, amountOf, type Bound, dearestInputRate } from '../ledger/bound.ts';
import type { Admission, Hold, Ledger } from '../ledger/ledger.ts';
import { refusalError } from '../ledger/refusal.ts';
import { NO_USAGE, type Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { costOfCall } from './cost-of-call.ts';
import { cacheWriteOf, inputBoundOf, outputConfigBoundOf } from './input-bound.ts';

export type SetAside = { hold: Hold; inputTokens: number; maxTokens: number };

/** An answer shorter than this is of no use; a budget that buys less is refused. A client that asks for less gets what it asks for. */
const USEFUL_TOKENS = 16;
const ATTEMPTS = 4;

type Asked = Omit<Admission, 'amount' | 'smallestAmount' | 'model' | 'priceVersion'> & { model: Model; price: Price | null };

/** Holds what the request can cost, or throws the refusal. `maxTokens` is lowered where only that makes it fit. */
export async function setAside(
  dependencies: { ledger: Ledger; countTokens: CountTokens; clock: Clock },
  { model, price, request, ...asked }: Asked & { request: ConverseRequest },
): Promise<SetAside> {
  const { countTokens } = dependencies;
  const wanted = request.inferenceConfig!.maxTokens!;
  const cacheWrite = cacheWriteOf(request);
  const bound = boundOf(inputBoundOf(request), wanted, price, cacheWrite);
  const count = async () => {
    const counted = model.abilities.countTokens ? await countedBoundOf(countTokens, model, request) : undefined;
    return counted === undefined ? undefined : boundOf(counted, wanted, price, cacheWrite);
  };
  return setAsideBound(dependencies, { ...asked, model, price, bound, count });
}

type BoundAsked = Asked & {
  bound: Bound;
  /** Asked once when the bound does not fit: a tighter one, where there is. */
  count?: () => Promise<Bound | undefined>;
  /** False: an answer of this length or none. */
  isLowerable?: boolean;
};

/** Holds the bound, or what of it the money left can buy, or throws the refusal. */
export async function setAsideBound(
  { ledger, clock }: { ledger: Ledger; clock: Clock },
  { model, price, bound, count, isLowerable = true, ...asked }: BoundAsked,
): Promise<SetAside> {
  const wanted = bound.maxTokens;
  const least = Math.min(wanted, USEFUL_TOKENS);
  const smallestAmount = amountOf({ ...bound, inputTokens: USEFUL_TOKENS, maxTokens: wanted === 0 ? 0 : USEFUL_TOKENS });
  const priceVersion = price?.version ?? null;
  const admit = (amount: bigint | null) => ledger.admit({ ...asked, model: model.name, priceVersion, amount, smallestAmount });

  let tried = bound;
  let admitted = await admit(price && amountOf(tried));
  for (let attempt = 0; isLowerable && admitted.refusal?.limit === 'money' && attempt < ATTEMPTS; attempt += 1) {
    if (attempt === 0) {
      const counted = await count?.();
      if (counted && counted.inputTokens < tried.inputTokens) tried = counted;
    }
    const affordable = affordableMaxTokens({ ...tried, maxTokens: wanted }, admitted.refusal.left);
    if (affordable < least) break;
    tried = { ...tried, maxTokens: affordable };
    admitted = await admit(amountOf(tried));
  }
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return { hold: admitted.hold, inputTokens: tried.inputTokens, maxTokens: tried.maxTokens };
}

/** The longest answer that an open hold pays for when this request is sent in place of the one it was made for; `null`: of no use. */
export async function refit(
  { countTokens }: { countTokens: CountTokens },
  { model, price, request, hold }: { model: Model; price: Price | null; request: ConverseRequest; hold: Hold },
): Promise<{ inputTokens: number; maxTokens: number } | null> {
  const wanted = request.inferenceConfig!.maxTokens!;
  const fitWithin = (inputTokens: number) => {
    const bound = boundOf(inputTokens, wanted, price, cacheWriteOf(request));
    return { inputTokens, maxTokens: affordableMaxTokens(bound, hold.amount) };
  };
  let fitted = fitWithin(inputBoundOf(request));
  if (fitted.maxTokens < wanted && model.abilities.countTokens) {
    const counted = await countedBoundOf(countTokens, model, request);
    if (counted !== undefined && counted < fitted.inputTokens) fitted = fitWithin(counted);
  }
  return fitted.maxTokens < Math.min(wanted, USEFUL_TOKENS) ? null : fitted;
}

/** The model's own count, and the bound of what it cannot be asked about. */
async function countedBoundOf(countTokens: CountTokens, model: Model, request: ConverseRequest): Promise<number | undefined> {
  const counted = await countTokens(model.foundationId, request);
  return counted === undefined ? undefined : counted + outputConfigBoundOf(request);
}

/** Holds the sum of what the calls of a request can cost, or throws the refusal. There is nothing that could be lowered. */
export async function setAsideWhole(
  { ledger, clock }: { ledger: Ledger; clock: Clock },
  { model, price, bounds, ...asked }: Asked & { bounds: Usage[] },
): Promise<Hold> {
  const amount = price && bounds.reduce((sum, bound) => sum + costOfCall(bound, price), 0n);
  const smallestAmount = costOfCall({ ...NO_USAGE, input: USEFUL_TOKENS }, price);
  const admitted = await ledger.admit({ ...asked, model: model.name, priceVersion: price?.version ?? null, amount, smallestAmount });
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return admitted.hold;
}

/** The bound never takes a lower tier than the call will: more tokens are never cheaper, and there are at most as many as it says. */
export function boundOf(inputTokens: number, maxTokens: number, price: Price | null, cacheWrite: ReturnType<typeof cacheWriteOf>): Bound {
  if (!price) return { inputTokens, maxTokens, inputRate: 0n, outputRate: 0n };
  const rates = ratesAt(price, inputTokens);
  return { inputTokens, maxTokens, inputRate: dearestInputRate(rates, cacheWrite), outputRate: rates.output };
}
