// As much of S3 as large texts need: PUT, GET and DELETE of objects by path, each signature checked as AWS documents SigV4, by hand.
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type BlobServer = {
  url: string;
  /** What a function must be told to use it. */
  environment: Record<string, string>;
  objects: Map<string, Buffer>;
  /** The method and path of every request, and what was answered. */
  asked: string[];
  /** Statuses that the coming requests are answered with instead. */
  troubles: number[];
  stop(): void;
};

export async function startBlobServer(secretAccessKey = 'test'): Promise<BlobServer> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  const troubles: number[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const path = request.url!;
    const status = troubles.shift() ?? statusOf(request, body);
    asked.push(`${request.method} ${path} ${status}`);
    if (status === 200 && request.method === 'PUT') objects.set(path, body);
    if (status === 204) objects.delete(path);
    response.writeHead(status);
    response.end(status === 200 && request.method === 'GET' ? objects.get(path) : '');
  }).listen(0, '127.0.0.1');

  function statusOf(request: IncomingMessage, body: Buffer): number {
    if (!isSigned(request, body, secretAccessKey)) return 403;
    if (request.method === 'DELETE') return 204;
    return request.method === 'PUT' || objects.has(request.url!) ? 200 : 404;
  }

  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    environment: { AWS_ENDPOINT_URL_S3: url, BODIES_BUCKET: 'bodies' },
    objects,
    asked,
    troubles,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Whether the signature is what the secret makes of this very request, and the hash in it that of this very body. */
function isSigned({ method, url, headers }: IncomingMessage, body: Buffer, secret: string): boolean {
  const given =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([\w-]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=(\w{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!given || headers['x-amz-content-sha256'] !== sha256(body)) return false;
  const [, day, region, signed, signature] = given as unknown as [string, string, string, string, string];
  const canonicalHeaders = signed
    .split(';')
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const canonical = [method, url, '', canonicalHeaders, signed, headers['x-amz-content-sha256']].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = ['s3', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${secret}`, day), region));
  return hmac(key, text).toString('hex') === signature && signed.split(';').includes('host');
}

function sha256(of: Buffer | string): string {
  return createHash('sha256').update(of).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
