// What the translations of older gateways' keys share. Pure.
import type { Body } from '../commands/account-fields.ts';

/** One key as the older gateway lists it; of a CSV, every value is a text. */
export type OldKey = Record<string, unknown>;
/** `losses`: sentences about what is not carried over. `secret`: what its clients use, where the older gateway tells it. */
export type Translation = { body: Body; secret?: string | undefined; revoked?: { reason: string } | undefined; losses: string[] };

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

/** As the gateway takes chosen secrets; of what is masked, hashed or too short nothing can be kept, which is told in the losses. */
export function secretOf(value: unknown, losses: string[]): string | undefined {
  const text = textOf(value);
  const isMasked = text === undefined || /[…*]|\.\.\./.test(text);
  const isTaken = !isMasked && /^[\x21-\x7e]{16,256}$/.test(text) && !/^sk-oc-|^eyJ/.test(text);
  if (isTaken) return text;
  losses.push(`${isMasked ? 'its secret is not in the file' : 'its secret cannot be kept'}, so it gets a new one`);
  return undefined;
}
