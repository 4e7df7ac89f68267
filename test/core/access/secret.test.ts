import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecret, hashSecret, hintOf, isPlausibleSecret } from '../../../functions/core/access/secret.ts';

const PREFIX = 'sk-oc-';
const ALPHABET = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
const secrets = fc.uint8Array({ minLength: 24, maxLength: 24 }).map((bytes) => createSecret(() => bytes));

describe('a secret', () => {
  it('is sk-oc- and 38 letters and digits, another every time, and plausible', () => {
    const made = Array.from({ length: 200 }, () => createSecret());
    expect(new Set(made).size).toBe(200);
    for (const secret of made) {
      expect(secret).toMatch(/^sk-oc-[0-9A-Za-z]{38}$/);
      expect(isPlausibleSecret(secret)).toBe(true);
    }
  });

  it('with any one character mistyped is not plausible', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        for (let position = PREFIX.length; position < secret.length; position += 1) {
          for (const typed of ALPHABET) {
            if (typed === secret[position]) continue;
            const mistyped = secret.slice(0, position) + typed + secret.slice(position + 1);
            if (isPlausibleSecret(mistyped)) throw new Error(`${mistyped} passes for ${secret}`);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('with two different neighbours exchanged, or any two characters of its body, is not plausible', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        for (let first = PREFIX.length; first < secret.length - 1; first += 1) {
          for (let second = first + 1; second < secret.length; second += 1) {
            const isInBody = second < PREFIX.length + 32;
            if (secret[first] === secret[second] || !(isInBody || second === first + 1)) continue;
            const characters = [...secret];
            [characters[first], characters[second]] = [characters[second]!, characters[first]!];
            if (isPlausibleSecret(characters.join(''))) throw new Error(`${characters.join('')} passes for ${secret}`);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('with a character too few or too many is not plausible', () => {
    const secret = createSecret();
    expect([secret.slice(0, -1), `${secret}0`, secret.slice(0, 20) + secret.slice(21), PREFIX].map(isPlausibleSecret)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['', false],
    ['sk-chosen-by-a-caller', true],
    ['with space', false],
    ['ünïcode', false],
    ['line\nbreak', false],
    ['x'.repeat(256), true],
    ['x'.repeat(257), false],
  ])('chosen by a caller, %j', (secret, isPlausible) => {
    expect(isPlausibleSecret(secret)).toBe(isPlausible);
  });

  it('is stored as its SHA-256 and shown by its ends only', () => {
    const secret = createSecret();
    expect(hashSecret(secret)).toBe(createHash('sha256').update(secret).digest('hex'));
    expect(hintOf(secret)).toBe(`${secret.slice(0, 10)}…${secret.slice(-4)}`);
  });
});
