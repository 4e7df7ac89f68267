// What the convertor's lists are asked for: so many, from where on, of which status, with which words in them. Pure.
import type { Context } from 'hono';
import { GatewayError } from '../../core/platform/errors.ts';

const MOST = 100;

export function readListQuery(c: Context, statuses: readonly string[], usual = 20) {
  const given = c.req.query('limit') || String(usual);
  const limit = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > MOST)
    throw new GatewayError('invalid_value', `limit must be a whole number from 1 to ${MOST}.`, { param: 'limit' });
  const status = c.req.query('status') || undefined;
  if (status !== undefined && !statuses.includes(status)) {
    throw new GatewayError('invalid_value', `status must be one of ${statuses.join(', ')}.`, { param: 'status' });
  }
  const search = c.req.query('search') ?? '';
  const isFoundIn = (texts: string[]) => texts.some((text) => text.toLowerCase().includes(search.toLowerCase()));
  return { limit, after: c.req.query('last_key') || undefined, status, search, isFoundIn };
}
