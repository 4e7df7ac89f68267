// The envelope of the connector and BRProxy: {success, data}, and failures in their words. Unlike there, a failure has a true HTTP status.
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { secretOf } from '../../core/access/authorize.ts';
import { type GatewayError, toGatewayError } from '../../core/platform/errors.ts';
import type { Log } from '../../core/platform/log.ts';
import { type AdminVariables, headersOf } from '../problem.ts';

export type ConnectorContext = Context<AdminVariables>;

const PATHS = /^\/(admin\/(api-key|bot-connector|group|model|payment|session|statistics|thread)|user)\//;

/** Paths of this interface. What else is below /admin is the native API's. */
export function isConnectorPath(path: string): boolean {
  return PATHS.test(path);
}

export function succeed(c: Context, data: unknown): Response {
  return c.json({ success: true, data });
}

export function renderFailure(c: ConnectorContext, thrown: unknown, log: Log): Response {
  const error = toGatewayError(thrown);
  const requestId = c.get('requestId');
  if (error.status >= 500) log.error(error.message, { requestId, code: error.code, cause: error.details.cause });
  const message = textOf(c, error);
  const told = { message, error_type: error.code, request_id: requestId, http_status: error.status };
  return c.json({ success: false, data: message, error: told }, error.status as ContentfulStatusCode, headersOf(error));
}

/** The words that clients of the older systems match on, where there are any. */
function textOf(c: ConnectorContext, { code, message }: GatewayError): string {
  const { path } = c.req;
  if (code === 'invalid_api_key') {
    const isGiven = secretOf((name) => c.req.header(name)) !== undefined;
    return `Unauthorized: api key ${isGiven ? 'error' : 'required'}`;
  }
  if (code === 'key_revoked' || code === 'key_expired') return `Unauthorized: ${message}`;
  // Who has been refused at the door is nobody yet.
  const isAtTheDoor = code === 'permission_denied' && c.get('principal') === undefined;
  if (!isAtTheDoor) return message;
  return path.startsWith('/user/') ? 'Please create an admin key via the API first.' : 'Unauthorized: you are not an admin role.';
}
