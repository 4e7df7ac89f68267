// Listens to a relayed answer and says in the end what it cost: what the upstream told, else the whole bound, for there is no telling how
// much was thought unheard.
import type { Price } from '../catalog/prices.ts';
import type { Outcome } from '../ledger/hold.ts';
import { NO_USAGE, type Usage } from '../ledger/usage.ts';
import type { Clock } from '../platform/clock.ts';
import { brokenOff } from '../relay/failures.ts';
import { type Heard, readEvent, readWhole } from '../relay/read-answer.ts';
import { billOf } from './cost-of-call.ts';
import { createCourse } from './course.ts';

/** `log` is told what was heard, where that is kept. */
export function createRelayMeter(
  clock: Clock,
  { isStream, hidesUsage }: { isStream: boolean; hidesUsage: boolean },
  log: (text: string) => void = () => undefined,
) {
  const course = createCourse(clock, isStream);
  let firstTokenMs: number | null = null;
  let told: Usage | undefined;
  let hasBegun = false;
  let isComplete = false;

  return {
    /** Throws where the upstream says that it failed. */
    hear(text: string): Heard {
      hasBegun = true;
      const heard = isStream ? readEvent(text, hidesUsage) : readWhole(text);
      told = heard.usage ?? told;
      isComplete ||= heard.isComplete === true;
      if (isStream) firstTokenMs ??= course.elapsedMs();
      log(text);
      return heard;
    },

    failed: course.failed,

    /** The upstream has nothing more to say. Throws where it should have. */
    done(): void {
      if (!isComplete) throw brokenOff();
      course.done();
    },

    outcome(bound: Usage, price: Price | null): Outcome {
      const mayBeBilled = hasBegun || course.failure()?.details.mayBeBilled === true;
      const usage = told ?? (mayBeBilled ? bound : NO_USAGE);
      const isEstimated = told === undefined && mayBeBilled;
      return course.outcome(billOf(usage, price, isEstimated), firstTokenMs);
    },
  };
}

export type RelayMeter = ReturnType<typeof createRelayMeter>;
