import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../functions/admin/native/duration.ts';
import { parseMoment, parseRange } from '../../../functions/admin/native/moment.ts';

const HOUR = 3_600_000;

describe('a duration', () => {
  test.each([
    ['2d', 48 * HOUR],
    ['48h', 48 * HOUR],
    ['1h30m', 1.5 * HOUR],
    ['90m', 1.5 * HOUR],
    ['1w', 7 * 24 * HOUR],
    ['30s', 30_000],
    ['1d12h', 36 * HOUR],
  ])('%s', (text, lengthMs) => {
    expect(parseDuration(text)).toBe(lengthMs);
  });

  test.each(['', '0s', '5', 'h', '-1h', '1.5h', '1h 30m', '30m1h', '1h1h', '1y', '1H', `${'9'.repeat(20)}d`])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('a moment', () => {
  test.each([
    ['2026-11-21T08:30:00Z', Date.UTC(2026, 10, 21, 8, 30)],
    ['2026-11-21T08:30:00.250Z', Date.UTC(2026, 10, 21, 8, 30, 0, 250)],
    ['2026-11-21T08:30:00+08:00', Date.UTC(2026, 10, 21, 0, 30)],
    ['2026-11-21', Date.UTC(2026, 10, 21)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
  ])('%s', (text, at) => {
    expect(parseMoment(text)).toBe(at);
  });

  test.each(['', 'tomorrow', '2026-11-21T08:30:00', '2026-02-30', '2026-13-01', '21.11.2026', '1795248000', '2026-11-21T25:00:00Z'])(
    '%j is none',
    (text) => {
      expect(parseMoment(text)).toBeUndefined();
    },
  );

  test('covers the whole day where it is a date, and nothing but itself where it is a date-time', () => {
    expect(parseRange('2026-11-30')).toEqual({ start: Date.UTC(2026, 10, 30), end: Date.UTC(2026, 11, 1) });
    expect(parseRange('2026-11-30T00:00:00Z')).toEqual({ start: Date.UTC(2026, 10, 30), end: Date.UTC(2026, 10, 30) });
  });
});
