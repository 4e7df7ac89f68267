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

/** The end of a range: a date-time itself, or the end of the day of a date (UTC). */
export function parseEnd(text: string): number | undefined {
  const at = parseMoment(text);
  return at !== undefined && date.safeParse(text).success ? at + DAY_MS : at;
}
