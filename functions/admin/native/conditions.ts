// Headers of changes: If-Match, so that one holds only for what was seen, and Idempotency-Key, so that one is done once.
import { z } from '@hono/zod-openapi';
import { GatewayError } from '../../core/platform/errors.ts';

const LONGEST_IDEMPOTENCY_KEY = 255;

export const ifMatch = z.object({
  'if-match': z
    .string()
    .max(300, 'must have at most 300 characters')
    .optional()
    .openapi({ description: 'The etag that was read: what has been changed since is left alone, with 412.', example: '"7"' }),
});

export const idempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')
    .max(LONGEST_IDEMPOTENCY_KEY, `must have at most ${LONGEST_IDEMPOTENCY_KEY} characters`)
    .optional()
    .openapi({ description: 'The same key and body again, within seven days, make nothing new.', example: 'onboarding-2026-117' }),
});

export const etagHeader = { etag: { description: 'Of this version; for If-Match.', schema: { type: 'string' as const } } };

export function etagOf(version: unknown): string {
  return `"${version}"`;
}

/** Throws `precondition_failed` where the version is none of those that were named; `undefined`: there is nothing yet. */
export function checkMatch(named: string | undefined, version: unknown): void {
  const isThere = version !== undefined;
  if (named === undefined || (isThere && named.trim() === '*')) return;
  const tags = named.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (isThere && tags.includes(etagOf(version))) return;
  throw new GatewayError('precondition_failed', 'It has been changed since it was read. Read it again, and decide by what it is now.');
}

/** Throws for one that was made under the same idempotency key and is there no more. */
export function goneSince(): never {
  throw new GatewayError('conflict', 'What was made under that Idempotency-Key has been deleted since. Use a new key to make another.');
}
