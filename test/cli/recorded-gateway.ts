// A gateway that answers what it was told to and keeps what it was asked, for routes as their documents say them.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Asked = { method: string; path: string; query: Record<string, string>; body: unknown; headers: IncomingMessage['headers'] };
type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };
/** By method and path; of a list, one answer after the other, the last again and again. */
export type Answers = Record<string, Answer | Answer[]>;

export async function startRecorded(answers: Answers): Promise<{ environment: Record<string, string>; asked: Asked[] }> {
  const asked: Asked[] = [];
  const left = new Map(Object.entries(answers).map(([name, answer]) => [name, [answer].flat()]));
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    let text = '';
    for await (const part of request) text += part;
    asked.push({
      ...{ method: request.method!, path: pathname, query: Object.fromEntries(searchParams), headers: request.headers },
      body: text === '' ? undefined : JSON.parse(text),
    });
    const waiting = left.get(`${request.method} ${pathname}`);
    const answer = waiting && (waiting.length > 1 ? waiting.shift()! : waiting[0]!);
    const missing = { code: 'not_found', detail: `There is nothing at ${request.method} ${pathname}.`, instance: 'req_1' };
    const { status = 200, body, headers } = answer ?? { status: 404, body: missing };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { environment: { OUTCROP_URL: url, OUTCROP_API_KEY: 'recorded-key', XDG_CONFIG_HOME: '/nonexistent' }, asked };
}
