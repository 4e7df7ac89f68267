// What the parts of a request used, added up: exact where the upstream told it, else the upper bound of what it may bill.
import type { Price } from '../catalog/prices.ts';
import { addUsage, NO_USAGE, type Usage } from '../ledger/usage.ts';
import { toGatewayError } from '../platform/errors.ts';
import { costOfCall, ratesOfCall } from './cost-of-call.ts';
import type { Bill } from './course.ts';

/** `price` has no long context: every part of the request is charged by the same rates. */
export function createBill(price: Price | null) {
  let usage = NO_USAGE;
  let cost = 0n;
  let isEstimated = false;

  const add = (told: Usage | undefined, bound: Usage) => {
    usage = addUsage(usage, told ?? bound);
    cost += costOfCall(told ?? bound, price);
    isEstimated ||= told === undefined;
  };

  return {
    answered: add,

    /** A part that was refused costs nothing; one that was lost on the way may have been done. */
    failed(thrown: unknown, bound: Usage): void {
      if (toGatewayError(thrown).details.mayBeBilled) add(undefined, bound);
    },

    sum: (): Bill => ({ usage, rates: ratesOfCall(usage, price), priceVersion: price?.version ?? null, cost, isEstimated }),
  };
}
