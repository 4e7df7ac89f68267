// What the translations of older gateways' keys share. Pure.
import type { Body } from '../commands/account-fields.ts';

/** One key as the older gateway lists it; of a CSV, every value is a text. */
export type OldKey = Record<string, unknown>;
/** `losses`: sentences about what is not carried over. */
export type Translation = { body: Body; revoked?: { reason: string } | undefined; losses: string[] };

export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

export function isTrue(value: unknown): boolean {
  return value === true || textOf(value)?.toLowerCase() === 'true' || textOf(value) === '1';
}

/** A decimal text without the zeros at its end; `undefined` for what is no amount. Nothing is computed. */
export function amountOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || !/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

export function isNothing(amount: string | undefined): boolean {
  return amount === undefined || !/[1-9]/.test(amount);
}

export function listOf(value: unknown): string[] {
  const elements = Array.isArray(value) ? value : (textOf(value)?.split(/[;,]/) ?? []);
  return elements.map((element) => String(element).trim()).filter((element) => element !== '');
}

export function isAddress(text: string | undefined): text is string {
  return text !== undefined && /^[^\s@]+@[^\s@]+$/.test(text);
}
