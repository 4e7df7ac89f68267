// The app as a Lambda behind a streaming function URL (payload version 2.0). Law: a body that breaks off breaks the connection; hono's own
// adapter would end it as if it were whole, and take the process with it.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { LambdaFunctionURLEvent, StreamifyHandler } from 'aws-lambda';

export type App = { fetch(request: Request): Response | Promise<Response> };

/** `ended`: what goes on beside the answers is over. The process is frozen once the handler has ended, so that is waited for last. */
export function createStreamedHandler(app: App, ended = async () => {}): StreamifyHandler<LambdaFunctionURLEvent, void> {
  return awslambda.streamifyResponse<LambdaFunctionURLEvent, void>(async (event, stream) => {
    await answer(app, event, stream).finally(ended);
  });
}

async function answer(app: App, event: LambdaFunctionURLEvent, stream: Writable): Promise<void> {
  const { status, headers, body } = await app.fetch(toRequest(event));
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: status,
    headers: Object.fromEntries([...headers].filter(([name]) => name !== 'set-cookie')),
    cookies: headers.getSetCookie(),
  });
  // The status goes out with the first write, and a model may think for long before its first word.
  out.write('');
  // What is thrown from here on is the runtime's: it tells Lambda that the answer is not whole.
  for await (const chunk of body ?? []) if (!out.write(chunk)) await once(out, 'drain');
  out.end();
}

function toRequest({ rawPath, rawQueryString, requestContext, cookies, body, isBase64Encoded, ...event }: LambdaFunctionURLEvent): Request {
  const { domainName, http } = requestContext;
  const headers = new Headers(event.headers as Record<string, string>);
  if (cookies) headers.set('cookie', cookies.join('; '));
  const url = `https://${domainName}${rawPath}${rawQueryString ? `?${rawQueryString}` : ''}`;
  const { method } = http;
  return new Request(url, { method, headers, body: body ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined });
}
