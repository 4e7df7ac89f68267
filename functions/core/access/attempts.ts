// Bad credentials, counted by the address they come from, in the memory of one process. Law: a good credential is never held up. What this
// buys is that clients which loop are told to stop; guessing is hopeless by the length of a secret, not by this.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';

export type Attempts = {
  /** Counts a refusal; the error the caller is to hear: that one, or a 429 once there were too many. */
  count(refusal: GatewayError, from: string): GatewayError;
};

const WINDOW_MS = 60_000;
/** So many bad credentials a minute are answered with what is wrong with them. */
export const MOST_A_MINUTE = 20;

/** At most `capacity` addresses; the one that was counted first goes first, and is then forgiven. */
export function createAttempts(clock: Clock, { most = MOST_A_MINUTE, capacity = 10_000 } = {}): Attempts {
  const windows = new Map<string, { count: number; until: number }>();

  return {
    count(refusal, from) {
      const now = clock();
      let window = windows.get(from);
      if (!window || window.until <= now) {
        window = { count: 0, until: now + WINDOW_MS };
        windows.delete(from);
        windows.set(from, window);
        if (windows.size > capacity) windows.delete(windows.keys().next().value!);
      }
      window.count += 1;
      return window.count > most ? tooMany(window.until - now) : refusal;
    },
  };
}

function tooMany(waitMs: number): GatewayError {
  return new GatewayError('rate_limit_exceeded', 'Too many wrong keys came from this address. A right one is still taken.', {
    retryAfterSeconds: Math.ceil(waitMs / 1000),
    shouldRetry: false,
  });
}
