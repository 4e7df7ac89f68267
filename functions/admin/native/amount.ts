// Amounts of money as clients write them: decimal strings, or JSON numbers where those are exact. Pure.
import { type Picodollars, parseUsd } from '../../core/platform/money.ts';
import { quote } from '../faults.ts';

/** The largest amount taken: sums of many such amounts in picodollars stay inside the 38 digits of the database's numbers. */
const LARGEST_USD = 1_000_000_000_000n;
const LARGEST = LARGEST_USD * 1_000_000_000_000n;
const LARGEST_TEXT = '1000000000000';
const MOST_DECIMALS = 12;
/** Every decimal number of so many digits is the shortest text of its double; longer ones may have been rounded before they came here. */
const EXACT_DIGITS = 15;

/** The amount, or what is wrong with it as a sentence without its subject. */
export function parseAmount(given: string | number): Picodollars | { fault: string } {
  const text = typeof given === 'number' ? decimalOf(given) : given.trim();
  if (typeof given === 'number' && significantDigitsOf(text) > EXACT_DIGITS) {
    return { fault: `is a number of more than ${EXACT_DIGITS} digits, which JSON does not keep exactly; write it as a string` };
  }
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) {
    return { fault: `must be an amount of USD such as "12.50", or null; ${quote(given)} was given` };
  }
  if (text.startsWith('-') && /[1-9]/.test(text)) return { fault: `must not be negative; ${quote(given)} was given` };
  const plain = text.replace(/^[+-]/, '').replace(/^0+(?=\d)/, '');
  // Looked at as text first, so that a million digits cost nothing.
  const whole = plain.split('.')[0]!;
  if (whole.length > LARGEST_TEXT.length) return tooLarge(given);
  const amount = parseUsd(plain);
  if (amount === undefined) {
    return { fault: `has more than ${MOST_DECIMALS} decimals; the smallest amount is 0.000000000001 USD; ${quote(given)} was given` };
  }
  return amount > LARGEST ? tooLarge(given) : amount;
}

function significantDigitsOf(text: string): number {
  return text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
}

function tooLarge(given: string | number): { fault: string } {
  return { fault: `must be at most ${LARGEST_TEXT} USD; ${quote(given)} was given` };
}

/** The shortest decimal text of a number, without an exponent: `1e-7` → `0.0000001`. Moves the point in the text; computes nothing. */
function decimalOf(value: number): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value));
  if (!match) return String(value);
  const [, sign, first, rest = '', exponent] = match;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
