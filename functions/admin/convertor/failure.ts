// What went wrong, in the words of the convertor's portal: {"detail": …}, and {"error", "message"} where nobody is let in or the fault is ours.
import type { Context } from 'hono';
import type { GatewayError } from '../../core/platform/errors.ts';

/** What its framework answers for a body that does not fit. */
const UNPROCESSABLE = 422;

export function convertorFailure(c: Context, { code, status, message, details }: GatewayError): { body: object; status?: number } {
  if (status === 401) {
    const isMissing = !c.req.header('authorization') && !c.req.header('x-api-key');
    return { body: { error: isMissing ? 'authentication_required' : 'invalid_token', message } };
  }
  if (status >= 500) return { body: { error: 'internal_error', message } };
  if (status === 400 && (details.param !== undefined || code === 'invalid_json')) {
    const loc = ['body', ...(details.param === undefined ? [] : [details.param])];
    return { body: { detail: [{ loc, msg: message, type: code }] }, status: UNPROCESSABLE };
  }
  return { body: { detail: message } };
}
