// How a call went: when it began, whether it ended well, and the outcome that is written of it. Every kind of call keeps one.
import type { Outcome } from '../ledger/hold.ts';
import type { Rates, Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { type GatewayError, toGatewayError } from '../platform/errors.ts';
import type { Picodollars } from '../platform/money.ts';

/** What is charged: the real usage, or an upper bound of it where the upstream did not tell, and the rates it is charged by. */
export type Bill = { usage: Usage; rates: Rates | null; priceVersion: string | null; cost: Picodollars; isEstimated: boolean };

export function createCourse(clock: Clock, isStream: boolean) {
  const startedAt = clock();
  let isDone = false;
  let failure: GatewayError | undefined;

  return {
    elapsedMs: () => clock() - startedAt,
    failure: () => failure,

    failed(thrown: unknown): void {
      failure ??= toGatewayError(thrown);
    },

    done(): void {
      isDone = true;
    },

    outcome(bill: Bill, firstTokenMs: number | null): Outcome {
      return {
        ...bill,
        status: failure ? 'failed' : isDone ? 'succeeded' : 'cancelled',
        error: failure?.code ?? null,
        isStream,
        latencyMs: clock() - startedAt,
        firstTokenMs,
        at: startedAt,
      };
    },
  };
}
