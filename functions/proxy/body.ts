// The body of a request: read up to a limit, and parsed. Once for each request, however many ask.
import type { Context } from 'hono';
import { GatewayError } from '../core/platform/errors.ts';

export type ReadBody = { text: string; json: Record<string, unknown> };

const MAX_BYTES = 20 * 1024 * 1024;

const bodies = new WeakMap<Request, Promise<ReadBody>>();

/** The JSON object a request brings; throws `request_too_large` or `invalid_json`. What shape it has is the dialect's to say. */
export async function readJson(c: Context): Promise<Record<string, unknown>> {
  return (await readBody(c)).json;
}

/** The same, with the text it was parsed from. */
export function readBody(c: Context): Promise<ReadBody> {
  const known = bodies.get(c.req.raw);
  if (known) return known;
  const body = parseBody(c);
  bodies.set(c.req.raw, body);
  return body;
}

async function parseBody(c: Context): Promise<ReadBody> {
  const text = await readText(c);
  try {
    return { text, json: JSON.parse(text) };
  } catch {
    const message = text === '' ? 'The body is empty; it must be a JSON object.' : 'We could not parse the JSON body of your request.';
    throw new GatewayError('invalid_json', message);
  }
}

async function readText(c: Context): Promise<string> {
  const length = c.req.header('content-length');
  if (length !== undefined) {
    if (Number(length) > MAX_BYTES) throw tooLarge();
    return c.req.text();
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(): GatewayError {
  return new GatewayError('request_too_large', `The body is too large; at most ${MAX_BYTES / 1024 / 1024} MB are taken.`);
}
