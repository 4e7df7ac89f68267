// How many requests a key of the convertor may make where it says nothing else, and in how long. Pure.
import type { WindowLimit, WindowUnit } from '../../core/ledger/windows.ts';
import { readRate } from '../../core/platform/environment.ts';

/** `requests: null`: keys that ask for none have none. */
export type RateLimit = { requests: number | null; count: number; unit: WindowUnit };

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const;

/** What the environment says, or the convertor's own defaults. */
export function readRateLimit(environment: Record<string, string | undefined>): RateLimit {
  const { requests, seconds } = readRate(environment);
  const [length, unit] = UNITS.find(([one]) => seconds % one === 0)!;
  return { requests, count: seconds / length, unit };
}

export const DEFAULT_RATE_LIMIT: RateLimit = { requests: 100, count: 1, unit: 'm' };

/** The window that is shown as a key's rate limit. */
export function rateWindowOf<One extends WindowLimit>(windows: readonly One[], { count, unit }: RateLimit): One | undefined {
  const requests = windows.filter(({ kind }) => kind === 'requests');
  return requests.find((window) => window.count === count && window.unit === unit) ?? requests[0];
}

/** The windows once the rate limit is what was asked for; 0 asks for the default. */
export function withRateLimit(windows: readonly WindowLimit[], asked: number, limit: RateLimit): WindowLimit[] {
  const shown = rateWindowOf(windows, limit);
  const kept = windows.filter((window) => window !== shown);
  const requests = asked || limit.requests;
  const { count, unit } = limit;
  return requests === null ? kept : [{ kind: 'requests', limit: BigInt(requests), count, unit }, ...kept];
}
