// What went wrong, in BricksLLM's words: {type, title, status, detail, instance}.
import type { Context } from 'hono';
import type { ErrorCode, GatewayError } from '../../core/platform/errors.ts';

const TYPES: Partial<Record<ErrorCode, string>> = {
  invalid_json: 'json-unmarshal',
  request_too_large: 'request-body-read',
  invalid_value: 'validation',
  missing_required_parameter: 'validation',
  unsupported_parameter: 'validation',
  invalid_api_key: 'unauthorized',
  key_revoked: 'unauthorized',
  key_expired: 'unauthorized',
  permission_denied: 'forbidden',
  not_found: 'not-found',
};

/** Errors whose type says which parameter is missing. */
const MISSING: Record<string, string> = {
  tag: 'missing-query-tag',
  filters: 'missing-filters',
  start: 'missing-query-start',
  keyId: 'missing-query-keyId',
};

export function bricksFailure(c: Context, { code, status, row, message, details }: GatewayError) {
  const missing = code === 'missing_required_parameter' ? MISSING[details.param ?? ''] : undefined;
  const type = missing ?? TYPES[code] ?? 'key-manager';
  const title = type === 'validation' ? 'key validation failed' : row.title;
  return { body: { type: `/errors/${type}`, title, status, detail: message, instance: c.req.path } };
}
