// Time is injected, so that tests decide what time it is.

/** Milliseconds since the epoch, UTC. */
export type Clock = () => number;

/** The calendar month of a moment, UTC: `2026-11`. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** The first millisecond of the month after the given one (`2026-11`), UTC. */
export function endOfMonth(month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return Date.UTC(year, number, 1);
}
