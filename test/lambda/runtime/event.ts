// An HTTP request as a function URL hands it to the code: payload version 2.0.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Bodies of these types arrive as text, all others as base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/;

export async function toEvent(request: IncomingMessage): Promise<Record<string, unknown>> {
  const url = new URL(request.url!, 'http://function');
  const body = Buffer.concat(await request.toArray());
  const isText = TEXT.test(request.headers['content-type'] ?? '');
  const { cookie, ...headers } = request.headers;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie && { cookies: cookie.split('; ') }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')])),
    ...(url.search && { queryStringParameters: Object.fromEntries(url.searchParams) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'emulated',
      domainName: request.headers.host,
      domainPrefix: 'emulated',
      http: { method: request.method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}
