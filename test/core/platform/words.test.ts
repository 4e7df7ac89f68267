// Months, the environment, errors and the log.
import { describe, expect, it } from 'vitest';
import { endOfMonth, monthOf } from '../../../functions/core/platform/clock.ts';
import { readChoice, readEnvironment, readNumber } from '../../../functions/core/platform/environment.ts';
import { GatewayError, toGatewayError } from '../../../functions/core/platform/errors.ts';
import { createLog } from '../../../functions/core/platform/log.ts';

describe('a month', () => {
  it.each([
    ['2026-10-31T23:59:59.999Z', '2026-10', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T00:00:00.000Z', '2026-11', '2026-12-01T00:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', '2026-12', '2027-01-01T00:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', '2028-02', '2028-03-01T00:00:00.000Z'],
  ])('%s is in %s, which ends at %s', (moment, month, end) => {
    expect(monthOf(Date.parse(moment))).toBe(month);
    expect(new Date(endOfMonth(month)).toISOString()).toBe(end);
  });
});

describe('the environment', () => {
  it('lists every variable that is missing or empty at once', () => {
    expect(() => readEnvironment({ A: 'a', B: '' }, ['A', 'B', 'C'])).toThrow('Environment variables are missing: B, C.');
    expect(readEnvironment({ A: 'a', Z: 'z' }, ['A'])).toEqual({ A: 'a' });
  });

  it('says which number was given and which are allowed', () => {
    expect([
      readNumber({}, 'PORT', 1, 0, 9),
      readNumber({ PORT: '' }, 'PORT', 1, 0, 9),
      readNumber({ PORT: '9' }, 'PORT', 1, 0, 9),
    ]).toEqual([1, 1, 9]);
    for (const text of ['10', '-1', '1.5', 'x', 'NaN'])
      expect(() => readNumber({ PORT: text }, 'PORT', 1, 0, 9)).toThrow(`PORT is "${text}"; it must be a whole number from 0 to 9.`);
  });

  it('says which word was given and which are allowed', () => {
    expect([readChoice({}, 'X', ['a', 'b'], 'b'), readChoice({ X: 'a' }, 'X', ['a', 'b'], 'b')]).toEqual(['b', 'a']);
    expect(() => readChoice({ X: 'c' }, 'X', ['a', 'b'], 'b')).toThrow('X is "c"; it must be one of a, b.');
  });
});

describe('an error', () => {
  it('that we wrote is shown as it is', () => {
    const error = new GatewayError('insufficient_quota', 'Please recharge.', { shouldRetry: false });
    expect(toGatewayError(error)).toBe(error);
    expect([error.status, error.row.openai]).toEqual([429, 'insufficient_quota']);
  });

  it('that we did not write shows nothing of itself, and keeps its cause for the log', () => {
    const bug = new TypeError('secret path /etc/keys');
    const shown = toGatewayError(bug);
    expect([shown.status, shown.code, shown.cause]).toEqual([500, 'internal_error', bug]);
    expect(shown.message).not.toContain('secret');
  });
});

describe('the log', () => {
  it('writes one JSON object a line, cuts what looks like a key, and can say errors and bigints', () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), { service: 'proxy' });
    log.error(`bad key sk-oc-${'A'.repeat(38)}`, { cause: new Error('why'), cost: 5n });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('AAAAAAAA');
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', service: 'proxy', cost: '5', cause: { name: 'Error', message: 'why' } });
  });
});
