// Answers of a length on request: "count to N", "write N words", and the same in Chinese. Pure.
import type { Phrases } from './phrases.ts';

const LENGTH_MAX = 200_000;

export function longTextFor(text: string, phrases: Phrases): string | undefined {
  const countTo = /\bcount\b[^.\d]{0,20}\bto\s+([\d,]+)|数到\s*([\d,]+)/i.exec(text);
  if (countTo) return Array.from({ length: lengthOf(countTo) }, (_, index) => index + 1).join(', ');
  const words = /\b([\d,]+)[\s-]+words?\b/i.exec(text);
  if (words) return repeated(phrases.filler.split(' '), lengthOf(words)).join(' ');
  const characters = /([\d,]+)\s*(?:个)?字/.exec(text);
  return characters ? repeated([...phrases.filler], lengthOf(characters)).join('') : undefined;
}

function repeated(units: string[], length: number): string[] {
  return Array.from({ length }, (_, index) => units[index % units.length]!);
}

function lengthOf(match: RegExpExecArray): number {
  const digits = match[1] ?? match[2] ?? '0';
  return Math.min(LENGTH_MAX, Math.max(1, Number(digits.replaceAll(',', ''))));
}
