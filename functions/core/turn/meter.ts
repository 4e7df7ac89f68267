// Listens to the events of a call and says in the end what it cost. Exact when the upstream told its usage; else an upper bound of what it
// may bill: all of the input, and the bytes of the answer that were heard.
import type { TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import type { ConverseEvent } from '../bedrock/converse.ts';
import type { Price } from '../catalog/prices.ts';
import type { Outcome } from '../ledger/hold.ts';
import { NO_USAGE, type Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { billOf } from './cost-of-call.ts';
import { createCourse } from './course.ts';

export type Meter = ReturnType<typeof createMeter>;

/** `also`: hears the same events. */
export function createMeter(clock: Clock, isStream: boolean, also?: (event: ConverseEvent) => void) {
  const course = createCourse(clock, isStream);
  let firstTokenMs: number | null = null;
  let told: TokenUsage | undefined;
  let toldTier: string | undefined;
  let heardBytes = 0;
  let hasBegun = false;

  /** Whether the upstream may bill a call that told no usage. */
  const mayBeBilled = () => hasBegun || course.failure()?.details.mayBeBilled === true;

  function usageOf(bound: { inputTokens: number; maxTokens: number }): Usage {
    if (told) return fromBedrock(told);
    if (!mayBeBilled()) return NO_USAGE;
    return { ...NO_USAGE, input: bound.inputTokens, output: Math.min(heardBytes, bound.maxTokens) };
  }

  return {
    hear(event: ConverseEvent): void {
      hasBegun = true;
      if (event.contentBlockDelta) {
        firstTokenMs ??= course.elapsedMs();
        const { text, toolUse, reasoningContent } = event.contentBlockDelta.delta ?? {};
        heardBytes += Buffer.byteLength(text ?? toolUse?.input ?? reasoningContent?.text ?? '');
      }
      if (event.metadata?.usage) told = event.metadata.usage;
      if (event.metadata?.serviceTier) toldTier = event.metadata.serviceTier.type;
      also?.(event);
    },

    failed: course.failed,
    done: course.done,

    /** `priceOf` knows the prices of the tiers the call was admitted for; the tier that served it decides. */
    outcome(bound: { inputTokens: number; maxTokens: number }, priceOf: (servedTier: string | undefined) => Price | null): Outcome {
      const usage = usageOf(bound);
      const isEstimated = told === undefined && mayBeBilled();
      return course.outcome(billOf(usage, priceOf(toldTier), isEstimated), firstTokenMs);
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
