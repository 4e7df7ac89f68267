// Where windows begin and end, as a table, and what becomes of their counters when an administrator changes them.
import { describe, expect, it } from 'vitest';
import { accountOf, newAccount } from '../../../functions/core/ledger/account.ts';
import {
  endOf,
  endOfId,
  shapeOf,
  startOf,
  type WindowLimit,
  type WindowUnit,
  windowAt,
  windowAttributes,
} from '../../../functions/core/ledger/windows.ts';
import { NO_LIMITS } from '../../support/gateway-parts.ts';

const at = (text: string) => Date.parse(text);
const iso = (moment: number) => new Date(moment).toISOString();

describe('a window is aligned to UTC', () => {
  it.each<[number, WindowUnit, string, string, string]>([
    [1, 's', '2026-11-21T08:30:12.345Z', '2026-11-21T08:30:12.000Z', '2026-11-21T08:30:13.000Z'],
    [1, 'm', '2026-11-21T08:30:12Z', '2026-11-21T08:30:00.000Z', '2026-11-21T08:31:00.000Z'],
    [5, 'm', '2026-11-21T08:34:59.999Z', '2026-11-21T08:30:00.000Z', '2026-11-21T08:35:00.000Z'],
    [1, 'h', '2026-11-21T08:30:12Z', '2026-11-21T08:00:00.000Z', '2026-11-21T09:00:00.000Z'],
    [1, 'd', '2026-11-21T23:59:59.999Z', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    [7, 'd', '2026-11-21T08:30:12Z', '2026-11-19T00:00:00.000Z', '2026-11-26T00:00:00.000Z'],
    [1, 'mo', '2026-02-28T23:59:59.999Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    [3, 'mo', '2026-12-31T08:00:00Z', '2026-10-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ])('%i %s', (count, unit, moment, start, end) => {
    const window = { count, unit };
    expect([iso(startOf(window, at(moment))), iso(endOf(window, at(start)))]).toEqual([start, end]);
    expect(startOf(window, at(end))).toBe(at(end));
    expect(iso(endOfId(`${shapeOf({ ...window, kind: 'tokens', limit: 1n })}.12`, at(start)))).toBe(end);
  });
});

describe('windows that are changed', () => {
  const minute: WindowLimit = { kind: 'requests', limit: 5n, count: 1, unit: 'm' };
  const day: WindowLimit = { kind: 'cost', limit: 9n, count: 1, unit: 'd' };
  const before = accountOf({
    ...newAccount(NO_LIMITS, '2026-11', [minute, day]),
    ...{ id: 'key_1', version: 4n, expiresAt: null, revokedAt: null, 'wu:r1m.0': 3n, 'ws:r1m.0': 60_000n },
  });

  it('keep their count where only the limit is another', () => {
    const attributes = windowAttributes(before.windows, [{ ...minute, limit: 50n }, day], 4n);
    expect(Object.keys(attributes)).toEqual(['windows']);
    expect(attributes.windows.map(({ id, limit }) => [id, limit])).toEqual([
      ['r1m.0', 50n],
      ['c1d.0', 9n],
    ]);
  });

  it('lose their counters when they are taken away, and never find them, or the holds they counted, again', () => {
    expect(windowAttributes(before.windows, [day], 4n)).toMatchObject({ 'ws:r1m.0': undefined, 'wu:r1m.0': undefined });
    expect(Object.keys(windowAttributes(before.windows, [day], 4n))).toContain('wu:r1m.0');
    expect(windowAttributes([], [minute], 5n)).toMatchObject({ 'ws:r1m.5': 0n, 'wu:r1m.5': 0n, windows: [{ id: 'r1m.5' }] });
  });

  it('count nothing any more when their stretch is over, and stay in it while a clock is behind', () => {
    const [window] = before.windows;
    expect(windowAt(window!, 119_999)).toMatchObject({ start: 60_000, used: 3n });
    expect(windowAt(window!, 120_000)).toMatchObject({ start: 120_000, used: 0n });
    expect(windowAt(window!, 5_000)).toMatchObject({ start: 60_000, used: 3n });
  });
});
