// Listens to the events of a call and says in the end what it cost. Exact when the upstream told its usage; else an upper bound of what it
// may bill: all of the input, and the bytes of the answer that were heard.
import type { TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import type { ConverseEvent } from '../bedrock/converse.ts';
import { type Price, ratesAt } from '../catalog/prices.ts';
import type { Outcome } from '../ledger/ledger.ts';
import { costOf, NO_USAGE, type Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { toGatewayError } from '../platform/errors.ts';

export type Meter = ReturnType<typeof createMeter>;

export function createMeter(clock: Clock, isStream: boolean) {
  const startedAt = clock();
  let firstTokenMs: number | null = null;
  let told: TokenUsage | undefined;
  let heardBytes = 0;
  let hasBegun = false;
  let isDone = false;
  let failure: ReturnType<typeof toGatewayError> | undefined;

  /** Whether the upstream may bill a call that told no usage. */
  const mayBeBilled = () => hasBegun || failure?.details.mayBeBilled === true;

  function usageOf(bound: { inputTokens: number; maxTokens: number }): Usage {
    if (told) return fromBedrock(told);
    if (!mayBeBilled()) return NO_USAGE;
    return { ...NO_USAGE, input: bound.inputTokens, output: Math.min(heardBytes, bound.maxTokens) };
  }

  return {
    hear(event: ConverseEvent): void {
      hasBegun = true;
      if (event.contentBlockDelta) {
        firstTokenMs ??= clock() - startedAt;
        const { text, toolUse, reasoningContent } = event.contentBlockDelta.delta ?? {};
        heardBytes += Buffer.byteLength(text ?? toolUse?.input ?? reasoningContent?.text ?? '');
      }
      if (event.metadata?.usage) told = event.metadata.usage;
    },

    failed(thrown: unknown): void {
      failure ??= toGatewayError(thrown);
    },

    done(): void {
      isDone = true;
    },

    outcome(bound: { inputTokens: number; maxTokens: number }, price: Price | null): Outcome {
      const usage = usageOf(bound);
      return {
        usage,
        cost: price ? costOf(usage, ratesAt(price, inputOf(usage))) : 0n,
        status: failure ? 'failed' : isDone ? 'succeeded' : 'cancelled',
        error: failure?.code ?? null,
        isEstimated: told === undefined && mayBeBilled(),
        isStream,
        priceVersion: price?.version ?? null,
        latencyMs: clock() - startedAt,
        firstTokenMs,
        at: startedAt,
      };
    },
  };
}

function fromBedrock({ inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens, cacheDetails }: TokenUsage): Usage {
  const written = cacheWriteInputTokens ?? 0;
  const writtenFor1h = (cacheDetails ?? []).reduce((sum, { ttl, inputTokens: tokens }) => sum + (ttl === '1h' ? (tokens ?? 0) : 0), 0);
  return {
    input: inputTokens ?? 0,
    output: outputTokens ?? 0,
    cacheRead: cacheReadInputTokens ?? 0,
    cacheWrite5m: Math.max(0, written - writtenFor1h),
    cacheWrite1h: writtenFor1h,
  };
}

/** What decides the tier: everything that went in, cached or not. */
function inputOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
