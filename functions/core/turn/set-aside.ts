// The hold of a turn: its upper bound, and where that does not fit, the longest answer the money left can buy.
import type { ConverseRequest } from '../bedrock/converse.ts';
import type { CountTokens } from '../bedrock/count-tokens.ts';
import type { Model } from '../catalog/model.ts';
import { affordableMaxTokens, amountOf, type Bound, dearestInputRate } from '../ledger/bound.ts';
import type { Admission, Hold, Ledger } from '../ledger/ledger.ts';
import { refusalError } from '../ledger/refusal.ts';
import { addUsage, costOf, NO_USAGE, type Rates, type Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { inputBoundOf } from './input-bound.ts';

export type SetAside = { hold: Hold; inputTokens: number; maxTokens: number };

/** An answer shorter than this is of no use; a budget that buys less is refused. A client that asks for less gets what it asks for. */
export const USEFUL_TOKENS = 16;
const ATTEMPTS = 4;

type Asked = Omit<Admission, 'amount' | 'smallestAmount' | 'model'> & { model: Model; rates: Rates | null };

/** Holds what the request can cost, or throws the refusal. `maxTokens` is lowered where only that makes it fit. */
export async function setAside(
  dependencies: { ledger: Ledger; countTokens: CountTokens; clock: Clock },
  { model, rates, request, ...asked }: Asked & { request: ConverseRequest },
): Promise<SetAside> {
  const { ledger, countTokens, clock } = dependencies;
  const wanted = request.inferenceConfig!.maxTokens!;
  const least = Math.min(wanted, USEFUL_TOKENS);
  const bound = boundOf(inputBoundOf(request), wanted, rates);
  const smallestAmount = amountOf({ ...bound, inputTokens: USEFUL_TOKENS, maxTokens: USEFUL_TOKENS });
  const admit = (amount: bigint | null) => ledger.admit({ ...asked, model: model.name, amount, smallestAmount });

  let tried = bound;
  let admitted = await admit(rates && amountOf(tried));
  for (let attempt = 0; admitted.refusal?.limit === 'money' && attempt < ATTEMPTS; attempt += 1) {
    if (attempt === 0 && model.abilities.countTokens) {
      tried = { ...tried, inputTokens: (await countTokens(model.foundationId, request)) ?? tried.inputTokens };
    }
    const affordable = affordableMaxTokens({ ...tried, maxTokens: wanted }, admitted.refusal.left);
    if (affordable < least) break;
    tried = { ...tried, maxTokens: affordable };
    admitted = await admit(amountOf(tried));
  }
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return { hold: admitted.hold, inputTokens: tried.inputTokens, maxTokens: tried.maxTokens };
}

/** Holds the sum of what the parts of a request can cost, or throws the refusal. There is nothing that could be lowered. */
export async function setAsideWhole(
  { ledger, clock }: { ledger: Ledger; clock: Clock },
  { model, rates, bounds, ...asked }: Asked & { bounds: Usage[] },
): Promise<Hold> {
  const amount = rates && costOf(bounds.reduce(addUsage, NO_USAGE), rates);
  const smallestAmount = rates ? costOf({ ...NO_USAGE, input: USEFUL_TOKENS }, rates) : 0n;
  const admitted = await ledger.admit({ ...asked, model: model.name, amount, smallestAmount });
  if (admitted.refusal) throw refusalError(admitted.refusal, clock());
  return admitted.hold;
}

function boundOf(inputTokens: number, maxTokens: number, rates: Rates | null): Bound {
  if (!rates) return { inputTokens, maxTokens, inputRate: 0n, outputRate: 0n };
  return { inputTokens, maxTokens, inputRate: dearestInputRate(rates, 'none'), outputRate: rates.output };
}
