// Amounts as decimal columns show them. Pure. What is kept is exact; only what is shown has ten places, the last one rounded.
import { formatUsd, type Picodollars } from '../../core/platform/money.ts';

const PLACES = 10;
/** Picodollars have twelve places. */
const CUT = 100n;

/** `20` USD → `"20.0000000000"`. */
export function tenPlaces(amount: Picodollars): string {
  const size = amount < 0n ? -amount : amount;
  const shown = (size + CUT / 2n) / CUT;
  const digits = shown.toString().padStart(PLACES + 1, '0');
  const sign = amount < 0n && shown > 0n ? '-' : '';
  return `${sign}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`;
}

/** Exact, with two places or as many as it takes: `"0.40"`, `"0.005"`. */
export function cents(amount: Picodollars): string {
  const [whole, fraction = ''] = formatUsd(amount).split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
