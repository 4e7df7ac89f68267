// Moments as clients write them: ISO 8601. Pure.
import { z } from '@hono/zod-openapi';

const dateTime = z.iso.datetime({ offset: true });
const date = z.iso.date();

const DAY_MS = 86_400_000;

/** Milliseconds of a date-time with its zone, or of the first moment of a date (UTC); `undefined` when it is neither. */
export function parseMoment(text: string): number | undefined {
  if (!dateTime.safeParse(text).success && !date.safeParse(text).success) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** What a text covers, its end excluded: a date the whole day (UTC), a date-time nothing but its moment. */
export function parseRange(text: string): { start: number; end: number } | undefined {
  const start = parseMoment(text);
  if (start === undefined) return undefined;
  return { start, end: date.safeParse(text).success ? start + DAY_MS : start };
}
