// Lengths of time as people write them: `2d`, `48h`, `1h30m`. Pure.

const UNITS_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
const WHOLE = /^(?:\d{1,9}[wdhms])+$/;
const PART = /(\d+)([wdhms])/g;

/** Milliseconds; `undefined` when it is not a duration of more than nothing. Units go from long to short, each at most once. */
export function parseDuration(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  const parts = [...text.matchAll(PART)].map(([, count, unit]) => ({
    count: Number(count),
    unitMs: UNITS_MS[unit as keyof typeof UNITS_MS],
  }));
  const isDescending = parts.every(({ unitMs }, index) => index === 0 || unitMs < parts[index - 1]!.unitMs);
  const total = parts.reduce((sum, { count, unitMs }) => sum + count * unitMs, 0);
  return isDescending && total > 0 ? total : undefined;
}
