// Errors on their way out of the JSON API: problem+json (RFC 9457), or an older interface's envelope, logged with their cause when they are the gateway's own fault.
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Principal } from '../core/access/principal.ts';
import { type GatewayError, toGatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';
import { envelopeOf } from './envelopes.ts';

/** What every request of the app carries along. */
export type AdminVariables = { Variables: { requestId: string; principal: Principal } };

/** One thing wrong with a request: where, and a sentence about it without its subject. */
export type Fault = { path: string; message: string };

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  instance: string;
  errors?: Fault[];
};

export const PROBLEM_TYPE = 'application/problem+json';

/** `faults` defaults to the one parameter that the error names. */
function toProblem(error: GatewayError, requestId: string, faults: Fault[] = faultsOf(error)): Problem {
  const { code, status, row, message } = error;
  const problem = { type: `urn:outcrop:problem:${code}`, title: row.title, status, detail: message, code, instance: requestId };
  return faults.length > 0 ? { ...problem, errors: faults } : problem;
}

export function renderProblem(c: Context, thrown: unknown, log: Log, requestId: string, faults?: Fault[]): Response {
  const error = toGatewayError(thrown);
  if (error.status >= 500) log.error(error.message, { requestId, code: error.code, cause: error.details.cause });
  const older = envelopeOf(c.req.path)?.(c, error);
  if (older) return c.json(older.body, (older.status ?? error.status) as ContentfulStatusCode, headersOf(error));
  const body = JSON.stringify(toProblem(error, requestId, faults));
  return c.body(body, error.status as ContentfulStatusCode, { ...headersOf(error), 'content-type': PROBLEM_TYPE });
}

function faultsOf({ message, status, details }: GatewayError): Fault[] {
  return details.param !== undefined && status === 400 ? [{ path: details.param, message }] : [];
}

export function headersOf({ status, details }: GatewayError): Record<string, string> {
  const headers: Record<string, string> = { ...details.headers };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (details.retryAfterSeconds !== undefined) headers['retry-after'] = String(details.retryAfterSeconds);
  return headers;
}
