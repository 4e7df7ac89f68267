// A door before the stand-in that notes what the gateway sends to Bedrock, byte for byte, and passes everything on unchanged.
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

// biome-ignore lint/suspicious/noExplicitAny: what is asserted on is JSON.
export type Json = any;
/** `path` is decoded; `text` is the body as it was sent. */
export type UpstreamCall = { path: string; text: string; body: Json };

export type BedrockWatch = { url: string; calls: UpstreamCall[]; close(): Promise<void> };

export async function watchBedrock(target: string): Promise<BedrockWatch> {
  const calls: UpstreamCall[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString('utf8');
      calls.push({ path: decodeURIComponent(incoming.url!), text, body: text === '' ? undefined : JSON.parse(text) });
      const { method, headers, url } = incoming;
      const onward = forward(new URL(url!, target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.on('error', () => outgoing.destroy());
        answer.on('close', () => answer.complete || outgoing.destroy());
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      onward.end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
