import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds, firstIdAt, timeOfId } from '../../../functions/core/platform/ids.ts';

const LATEST = 2 ** 48 - 1;
const moment = fc.integer({ min: 0, max: LATEST });
const chance = fc.uint8Array({ minLength: 10, maxLength: 10 });
const idAt = (at: number, bytes: Uint8Array) =>
  createIds(
    () => at,
    () => bytes,
  )('req');

describe('an id', () => {
  it('is its prefix and 22 letters and digits', () => {
    expect(createIds(Date.now)('key')).toMatch(/^key_[0-9A-Za-z]{22}$/);
  });

  it('tells when it was made', () => {
    fc.assert(
      fc.property(moment, chance, (at, bytes) => {
        expect(timeOfId(idAt(at, bytes))).toBe(at);
      }),
    );
  });

  it('sorts by the time it was made, in the order of bytes, whatever chance gave', () => {
    fc.assert(
      fc.property(moment, moment, chance, chance, (a, b, bytesA, bytesB) => {
        if (a === b) return;
        const [earlier, later] = a < b ? [idAt(a, bytesA), idAt(b, bytesB)] : [idAt(b, bytesB), idAt(a, bytesA)];
        expect(Buffer.compare(Buffer.from(earlier), Buffer.from(later))).toBe(-1);
      }),
    );
  });

  it('is not before the first of its moment, nor after the first of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LATEST - 1 }), chance, (at, bytes) => {
        expect(idAt(at, bytes) >= firstIdAt('req', at)).toBe(true);
        expect(idAt(at, bytes) < firstIdAt('req', at + 1)).toBe(true);
      }),
    );
  });

  it('is another every time', () => {
    const ids = createIds(() => 0);
    expect(new Set(Array.from({ length: 1_000 }, () => ids('req'))).size).toBe(1_000);
  });

  it('of a range before all time begins at the first', () => {
    expect(firstIdAt('req', -5)).toBe(firstIdAt('req', 0));
    expect(firstIdAt('req', 7.9)).toBe(firstIdAt('req', 7));
  });
});
