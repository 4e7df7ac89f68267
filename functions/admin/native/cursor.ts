// Cursors: where a list goes on, as a text that clients pass back and need not understand. What comes back is checked like any other input.
import type { z } from '@hono/zod-openapi';
import { GatewayError } from '../../core/platform/errors.ts';

export function toCursor(position: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads a cursor of the given shape; throws `invalid_value` for anything else, cursors of other lists included. */
export function parseCursor<Schema extends z.ZodType>(cursor: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw badCursor();
  }
}

export function badCursor(): GatewayError {
  return new GatewayError('invalid_value', 'The cursor is not one of this list. Pass on the nextCursor of the page before, unchanged.', {
    param: 'cursor',
  });
}
