// Large texts in S3, by three signed requests. The SDK's client of S3 would double the proxy's bundle; its signer and handler are there.
import type { HttpResponse } from '@smithy/core/protocols';
import { retry } from '../platform/retry.ts';
import { type Connection, createSendSigned, placeOf } from '../platform/signed.ts';
import type { Bodies } from './bodies.ts';

const ATTEMPTS = 3;
const PAUSE_MS = 50;
const TIMEOUT_MS = 10_000;

/** `endpoint`: in place of AWS's, as AWS_ENDPOINT_URL_S3 has it; the bucket is then the first part of the path. */
export function createS3Bodies(connection: Connection, bucket: string, endpoint?: string): Bodies {
  const { region } = connection;
  // S3 takes paths as they are sent; other services want them escaped twice.
  const sendSigned = createSendSigned(connection, 's3', { uriEscapePath: false, applyChecksum: true });

  async function send(method: string, name: string, body?: Uint8Array): Promise<HttpResponse> {
    const place = await placeOf(`${bucket}.s3`, region, endpoint);
    const folder = endpoint === undefined ? '' : `${place.pathname.replace(/\/$/, '')}/${bucket}`;
    const headers: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    return sendSigned({ method, place, path: `${folder}/${name}`, headers, body }, { requestTimeout: TIMEOUT_MS });
  }

  /** What may pass is tried again; each of the three requests may be sent twice. Answers the body of one that was taken. */
  function ask(method: string, name: string, body?: Uint8Array): Promise<Uint8Array | undefined> {
    const attempt = async () => {
      const { statusCode: status, body: answer } = await send(method, name, body);
      const bytes = await bytesOf(answer);
      if (status < 300) return bytes;
      if (status === 404 && method !== 'PUT') return undefined;
      throw new Refused(status, method);
    };
    return retry(attempt, { attempts: ATTEMPTS, pauseMs: PAUSE_MS, mayPass: (thrown) => !(thrown instanceof Refused) || thrown.isPassing });
  }

  return {
    put: async (name, bytes) => void (await ask('PUT', name, bytes)),
    get: (name) => ask('GET', name),
    remove: async (name) => void (await ask('DELETE', name)),
  };
}

class Refused extends Error {
  readonly isPassing: boolean;

  constructor(status: number, method: string) {
    super(`S3 answered ${status} to ${method} of a text.`);
    this.isPassing = status >= 500 || status === 429;
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
