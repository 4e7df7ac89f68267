// The hold of a turn: its upper bound, and where that does not fit, the longest answer the money left can buy.
import type { ConverseRequest } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Model } from '../catalog/model.ts';
import { type Price, ratesAt } from '../catalog/prices.ts';
import { affordableMaxTokens, amountOf, type Bound, dearestInputRate } from '../ledger/bound.ts';
import type { Admission, Hold } from '../ledger/hold.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Left } from '../ledger/left.ts';
import { isTooBig, type Refusal, refusalError } from '../ledger/refusal.ts';
import { NO_USAGE, tokensOf, type Usage } from '../ledger/usage.ts';
import { countsTokens } from '../ledger/windows.ts';
import type { Clock } from '../platform/clock.ts';
import { costOfCall } from './cost-of-call.ts';
import { cacheWriteOf, inputBoundOf, outputConfigBoundOf } from './input-bound.ts';

export type SetAside = { hold: Hold; left: Left; inputTokens: number; maxTokens: number };

/** An answer shorter than this is of no use; a budget that buys less is refused. A client that asks for less gets what it asks for. */
const USEFUL_TOKENS = 16;
const ATTEMPTS = 4;

type Asked = Omit<Admission, 'amount' | 'tokens' | 'smallestAmount' | 'model' | 'priceVersion'> & { model: Model; price: Price | null };

/** What the answer says of how the call was admitted. */
export function holdWarnings({ deferred }: Hold): string[] {
  return deferred ? ['ledger;deferred'] : [];
}

/** Holds what the request can cost, or throws the refusal. `maxTokens` is lowered where only that makes it fit. `added`: tokens that may still come to its input. */
export async function setAside(
  dependencies: { ledger: Ledger; countTokens: CountTokens; clock: Clock },
  { model, price, request, added = 0, ...asked }: Asked & { request: ConverseRequest; added?: number },
): Promise<SetAside> {
  const { countTokens } = dependencies;
  const wanted = request.inferenceConfig!.maxTokens!;
  const cacheWrite = cacheWriteOf(request);
  const bound = boundOf(inputBoundOf(request) + added, wanted, price, cacheWrite);
  const count = async () => {
    const counted = model.abilities.countTokens ? await countedBoundOf(countTokens, model, request) : undefined;
    return counted === undefined ? undefined : boundOf(counted + added, wanted, price, cacheWrite);
  };
  return setAsideBound(dependencies, { ...asked, model, price, bound, count });
}

type BoundAsked = Asked & {
  /** Of one answer. */
  bound: Bound;
  /** How many answers of that length the call may bring. */
  choices?: number;
  /** Asked once when the bound does not fit: a tighter one, where there is. */
  count?: () => Promise<Bound | undefined>;
  /** False: an answer of this length or none. */
  isLowerable?: boolean;
};

/** Holds the bound, or what of it the money left can buy and a window can ever take, or throws the refusal. */
export async function setAsideBound(
  { ledger, clock }: { ledger: Ledger; clock: Clock },
  { model, price, bound, choices = 1, count, isLowerable = true, ...asked }: BoundAsked,
): Promise<SetAside> {
  const wanted = bound.maxTokens;
  const least = Math.min(wanted, USEFUL_TOKENS);
  const ofAll = (of: Bound) => ({ ...of, outputRate: of.outputRate * BigInt(choices) });
  const smallestAmount = amountOf({ ...ofAll(bound), inputTokens: USEFUL_TOKENS, maxTokens: wanted === 0 ? 0 : USEFUL_TOKENS });
  const priceVersion = price?.version ?? null;
  const sizeOf = (of: Bound) => ({ amount: price && amountOf(ofAll(of)), tokens: of.inputTokens + of.maxTokens * choices });
  const admit = (of: Bound) => ledger.admit({ ...asked, model: model.name, priceVersion, ...sizeOf(of), smallestAmount });

  let tried = bound;
  let admitted = await admit(tried);
  for (let attempt = 0; isLowerable && isAboutSize(admitted.refusal) && attempt < ATTEMPTS; attempt += 1) {
    const { refusal } = admitted;
    if (attempt === 0) {
      const counted = await count?.();
      if (counted && counted.inputTokens < tried.inputTokens) tried = counted;
    }
    const affordable = affordableWith(refusal, ofAll(tried), choices);
    if (refusal.limit === 'window' && affordable < tried.maxTokens) {
      const { amount, tokens } = sizeOf(tried);
      const exact = { ...refusal, needed: refusal.window.kind === 'tokens' ? BigInt(tokens) : (amount ?? 0n) };
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

/** The longest answers that what is left pays for; at most `bound.maxTokens`. */
function affordableWith(refusal: AboutSize, bound: Bound, choices: number): number {
  const isOfTokens = refusal.limit === 'window' && refusal.window.kind === 'tokens';
  if (!isOfTokens) return affordableMaxTokens(bound, refusal.left);
  return Math.max(0, Math.min(bound.maxTokens, Math.floor((Number(refusal.left) - bound.inputTokens) / choices)));
}

/** The longest answer that an open hold pays for when this request is sent in place of the one it was made for; `null`: of no use. */
export async function refit(
  { countTokens }: { countTokens: CountTokens },
  { model, price, request, hold }: { model: Model; price: Price | null; request: ConverseRequest; hold: Hold },
): Promise<{ inputTokens: number; maxTokens: number } | null> {
  const wanted = request.inferenceConfig!.maxTokens!;
  const mostTokens = [hold, ...hold.others].some(({ windows }) => countsTokens(windows)) ? hold.tokens : Number.POSITIVE_INFINITY;
  const fitWithin = (inputTokens: number) => {
    const bound = boundOf(inputTokens, wanted, price, cacheWriteOf(request));
    return { inputTokens, maxTokens: Math.min(affordableMaxTokens(bound, hold.amount), mostTokens - inputTokens) };
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
): Promise<{ hold: Hold; left: Left }> {
  const amount = price && bounds.reduce((sum, bound) => sum + costOfCall(bound, price), 0n);
  const tokens = bounds.reduce((sum, bound) => sum + tokensOf(bound), 0);
  const smallestAmount = costOfCall({ ...NO_USAGE, input: USEFUL_TOKENS }, price);
  const named = { model: model.name, priceVersion: price?.version ?? null };
  const admitted = await ledger.admit({ ...asked, ...named, amount, tokens, smallestAmount });
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return admitted;
}

/** The bound never takes a lower tier than the call will: more tokens are never cheaper, and there are at most as many as it says. */
export function boundOf(inputTokens: number, maxTokens: number, price: Price | null, cacheWrite: ReturnType<typeof cacheWriteOf>): Bound {
  if (!price) return { inputTokens, maxTokens, inputRate: 0n, outputRate: 0n };
  const rates = ratesAt(price, inputTokens);
  return { inputTokens, maxTokens, inputRate: dearestInputRate(rates, cacheWrite), outputRate: rates.output };
}
