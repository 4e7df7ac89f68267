// What a schema found wrong, in words for the caller. Pure.
import type { z } from '@hono/zod-openapi';
import { type ErrorCode, GatewayError } from '../core/platform/errors.ts';
import type { Fault } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** Every fault on its own; a property nobody knows is one fault each. */
export function faultsOf(issues: Issue[]): Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: pathOf(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'is not known here' }));
  });
}

/** The refusal that sums the faults up. */
export function invalid(target: string, issues: Issue[]): GatewayError {
  const faults = faultsOf(issues);
  const whole = target === 'json' ? 'The body' : 'The request';
  const sentences = faults.map(({ path, message }) => `${path === '' ? whole : path} ${message}.`);
  return new GatewayError(codeOf(issues), sentences.join(' '));
}

function codeOf(issues: Issue[]): ErrorCode {
  if (issues.every(({ code }) => code === 'unrecognized_keys')) return 'unsupported_parameter';
  if (issues.every(({ message }) => message === REQUIRED)) return 'missing_required_parameter';
  return 'invalid_value';
}

export const REQUIRED = 'is required';

const LONGEST_QUOTE = 60;

/** What the caller wrote, short enough for a sentence. */
export function quote(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'object' && given !== null) return 'an object';
  if (typeof given !== 'string') return String(given);
  const isShort = given.length <= LONGEST_QUOTE;
  return JSON.stringify(isShort ? given : `${given.slice(0, LONGEST_QUOTE)}…`);
}

function pathOf(path: PropertyKey[]): string {
  return path.map(String).join('.');
}
