// Errors on their way out: logged with their cause, told in the caller's words, with the headers client libraries act on.
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { toOpenAiError } from '../core/dialects/openai/errors.ts';
import { type GatewayError, toGatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';

function headersOf({ details }: GatewayError): Record<string, string> {
  const headers: Record<string, string> = { ...details.headers };
  if (details.retryAfterSeconds !== undefined) headers['retry-after'] = String(details.retryAfterSeconds);
  if (details.shouldRetry !== undefined) headers['x-should-retry'] = String(details.shouldRetry);
  return headers;
}

export function renderError(c: Context, thrown: unknown, log: Log, requestId: string): Response {
  const error = toGatewayError(thrown);
  logFailure(error, log, requestId);
  return c.json(toOpenAiError(error), error.status as ContentfulStatusCode, headersOf(error));
}

/** What is the gateway's or the upstream's fault is logged; what is the caller's is not worth a line. */
export function logFailure(error: GatewayError, log: Log, requestId: string): void {
  const { code, status, message, details } = error;
  // The rule and not the upstream's own words, which may quote the request.
  const isOurs = details.brokenRule !== undefined;
  if (isOurs) log.error('Amazon Bedrock refused what a translation should have prevented.', { requestId, brokenRule: details.brokenRule });
  else if (status >= 500) log.error(message, { requestId, code, cause: details.cause });
}
