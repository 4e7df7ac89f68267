// Reading single fields of a request body, each fault named with its path, what was given and what is wanted. Pure.
import { GatewayError } from '../../platform/errors.ts';

export type Body = Record<string, unknown>;

export function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_value', message, param === '' ? {} : { param });
}

export function unsupported(param: string, message: string): GatewayError {
  return new GatewayError('unsupported_value', message, { param });
}

export function optionalBoolean(fields: Body, name: string, path = name): boolean | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw invalid(path, `${path} must be true or false, not ${shown(value)}.`);
  return value;
}

export function optionalString(fields: Body, name: string, path = name): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(path, `${path} must be a string, not ${shown(value)}.`);
  return value;
}

export function requiredString(fields: Body, name: string, path: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw invalid(path, `${path} must be a string that is not empty, not ${shown(value)}.`);
  return value;
}

/** One of a closed list of words. */
export function optionalWord<const W extends string>(fields: Body, name: string, words: readonly W[], path = name): W | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || !words.includes(value as W)) {
    throw invalid(path, `${path} must be one of ${words.join(', ')}, not ${shown(value)}.`);
  }
  return value as W;
}

export function optionalObject(fields: Body, name: string, path = name): Body | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (!isBody(value)) throw invalid(path, `${path} must be an object, not ${shown(value)}.`);
  return value;
}

export function requiredObject(value: unknown, path: string): Body {
  if (!isBody(value)) throw invalid(path, `${path} must be an object, not ${shown(value)}.`);
  return value;
}

export function optionalArray(fields: Body, name: string, path = name): unknown[] | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw invalid(path, `${path} must be an array, not ${shown(value)}.`);
  return value;
}

export function optionalNumber(fields: Body, name: string, min: number, max: number): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(name, `${name} must be a number from ${min} to ${max}, not ${shown(value)}.`);
  }
  return value;
}

/** A whole number of at least `min`, or `null` when it is not given. */
export function numberIn(fields: Body, name: string, min: number, path = name): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
    throw invalid(path, `${path} must be a whole number of at least ${min}, not ${shown(value)}.`);
  }
  return value;
}

export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Real schemas are a dozen levels deep; what is nested without end would overflow the stack of whoever walks it. */
const MAX_DEPTH = 100;

/** The value, or a refusal where it is nested too deeply. */
export function shallow<V>(value: V, path: string): V {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw invalid(path, `${path} is nested more than ${MAX_DEPTH} levels deep.`);
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return value;
}

/** A value as it may stand in a message: short, and never a whole prompt. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
