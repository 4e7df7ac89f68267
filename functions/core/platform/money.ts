// Money is whole picodollars (10⁻¹² USD) in bigint. Decimal strings come in and go out; nothing is rounded, no float is involved.

/** Picodollars: 1 USD = 1,000,000,000,000. A price of 3 USD per million tokens is 3,000,000 of them per token. */
export type Picodollars = bigint;

const PICO_DIGITS = 12;
const MILLION_DIGITS = 6;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Parses a decimal string of USD exactly. `undefined` when it is not one, or has digits below a picodollar. */
export function parseUsd(text: string): Picodollars | undefined {
  return parseScaled(text, PICO_DIGITS);
}

/** Parses a price in USD per million tokens into picodollars per token. `undefined` when it is not a whole number of them. */
export function parsePricePerMillion(text: string): Picodollars | undefined {
  return parseScaled(text, PICO_DIGITS - MILLION_DIGITS);
}

/** The shortest exact decimal string of USD: `1000000000000n` → `"1"`, `1500000n` → `"0.0000015"`. */
export function formatUsd(amount: Picodollars): string {
  return formatScaled(amount, PICO_DIGITS);
}

/** Picodollars per token as USD per million tokens: `3000000n` → `"3"`. */
export function formatPricePerMillion(rate: Picodollars): string {
  return formatScaled(rate, PICO_DIGITS - MILLION_DIGITS);
}

function formatScaled(amount: bigint, scale: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, -scale);
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

function parseScaled(text: string, scale: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = ''] = match;
  const kept = fraction.replace(/0+$/, '');
  if (kept.length > scale) return undefined;
  const amount = BigInt(whole + kept.padEnd(scale, '0'));
  return sign === '-' ? -amount : amount;
}
