// Large texts in S3, by three signed requests. The SDK's client of S3 would double the proxy's bundle; its signer and handler are there.
import type { HttpResponse } from '@smithy/core/protocols';
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
  async function ask(method: string, name: string, body?: Uint8Array): Promise<Uint8Array | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === ATTEMPTS;
      try {
        const response = await send(method, name, body);
        const bytes = await bytesOf(response.body);
        if (response.statusCode < 300) return bytes;
        if (response.statusCode === 404 && method !== 'PUT') return undefined;
        const isPassing = response.statusCode >= 500 || response.statusCode === 429;
        if (!isPassing || isLast) throw new Refused(`S3 answered ${response.statusCode} to ${method} of a text.`);
      } catch (thrown) {
        if (thrown instanceof Refused || isLast) throw thrown;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }

  return {
    put: async (name, bytes) => void (await ask('PUT', name, bytes)),
    get: (name) => ask('GET', name),
    remove: async (name) => void (await ask('DELETE', name)),
  };
}

class Refused extends Error {}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
