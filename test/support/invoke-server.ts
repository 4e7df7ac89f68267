// An upstream that speaks just enough of InvokeModel for the real SDK: it keeps what it was asked and answers what the test says.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBedrockClient } from '../../functions/core/bedrock/client.ts';

export type Asked = { modelId: string; body: Record<string, unknown> };
export type Told = { status?: number; headers?: Record<string, string>; body: unknown };

export async function startInvokeServer(answer: (asked: Asked, response: ServerResponse) => Told | undefined | Promise<Told | undefined>) {
  const asked: Asked[] = [];
  let underWay = 0;
  const seen = { mostAtOnce: 0 };
  const server = createServer(async (request, response) => {
    underWay += 1;
    seen.mostAtOnce = Math.max(seen.mostAtOnce, underWay);
    response.on('close', () => (underWay -= 1));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const modelId = decodeURIComponent(/^\/model\/([^/]+)\/invoke$/.exec(request.url ?? '')?.[1] ?? '');
    const one = { modelId, body: JSON.parse(Buffer.concat(chunks).toString()) };
    asked.push(one);
    const told = await answer(one, response);
    if (!told) return;
    response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers });
    response.end(typeof told.body === 'string' ? told.body : JSON.stringify(told.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createBedrockClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    asked,
    seen,
    close() {
      client.destroy();
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
