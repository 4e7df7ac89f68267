// What is left, as the headers that OpenAI's clients read, and two of our own. Pure.
import { formatUsd, type Picodollars } from '../platform/money.ts';
import type { Left, WindowLeft } from './left.ts';

/** `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` of the windows there are. */
export function rateHeaders(left: { requests?: WindowLeft | null; tokens?: WindowLeft | null }): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const kind of ['requests', 'tokens'] as const) {
    const window = left[kind];
    if (!window) continue;
    headers[`x-ratelimit-limit-${kind}`] = String(window.limit);
    headers[`x-ratelimit-remaining-${kind}`] = String(window.remaining);
    headers[`x-ratelimit-reset-${kind}`] = durationOf(window.resetsInMs);
  }
  return headers;
}

/** What is left once the call is admitted; `cost` where it has ended already. Nothing is said of what is not limited. */
export function limitHeaders(left: Left, cost?: Picodollars): Record<string, string> {
  return {
    ...rateHeaders(left),
    ...(left.money !== null && { 'x-outcrop-budget-remaining': formatUsd(left.money) }),
    ...(cost !== undefined && { 'x-outcrop-cost': formatUsd(cost) }),
  };
}

/** As OpenAI writes it: `120ms`, `59s`, `6m0s`, `23h59m59s`. */
function durationOf(lengthMs: number): string {
  if (lengthMs < 1_000) return `${Math.max(0, lengthMs)}ms`;
  const seconds = Math.ceil(lengthMs / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours}h${minutes}m${seconds % 60}s`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
