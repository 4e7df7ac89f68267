// Fetches an image or a document that a request names by its URL. Laws: a connection is made only to an address that was checked, and what
// an error says does not depend on the body. Off unless it is created.
import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { GatewayError } from '../platform/errors.ts';
import { type MediaKind, mediaTypeOf } from './media-type.ts';
import { hostnameOf, pinnedGet } from './pinned-get.ts';
import { isPublicAddress } from './public-address.ts';

export type Media = { bytes: Uint8Array; mediaType: string };

export type MediaWanted = {
  url: string;
  /** The most that is taken of it; never more than Bedrock takes of its kind. */
  maxBytes: number;
  /** The path of the URL in the request, for errors. */
  param: string;
};

/** Throws `invalid_image_url` for whatever is wrong with the URL or the file, a document's as well. */
export type FetchMedia = (wanted: MediaWanted) => Promise<Media>;

export type FetchOptions = {
  protocols?: readonly string[];
  ports?: readonly number[];
  /** The addresses of a name. Asked once for each URL, redirects included. */
  resolve?: (hostname: string) => Promise<string[]>;
  isAllowedAddress?: (address: string) => boolean;
  /** For the whole of it, redirects included. */
  timeoutMs?: number;
  /** Certificate authorities to trust instead of the system's. */
  ca?: string;
};

/** What Bedrock takes: 3.75 MB for an image, 4.5 MB for a document. */
const MAX_BYTES: Record<MediaKind, number> = { image: 3_932_160, document: 4_718_592 };
const TIMEOUT_MS = 10_000;
const REDIRECTS = 3;
const REDIRECT = new Set([301, 302, 303, 307, 308]);
const LONGEST_URL = 8_192;

export function createFetchMedia(options: FetchOptions = {}): FetchMedia {
  const { timeoutMs = TIMEOUT_MS, ca } = options;
  return async ({ url: text, maxBytes, param }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      let url = parseUrl(text);
      for (let redirects = 0; ; redirects += 1) {
        const address = await checkedAddressOf(url, options, signal);
        const response = await pinnedGet({ url, address, signal, ca });
        if (!REDIRECT.has(response.statusCode ?? 0)) return await readMedia(response, maxBytes);
        response.destroy();
        if (redirects === REDIRECTS) throw new Fault(`The URL leads through more than ${REDIRECTS} redirects.`);
        url = parseUrl(response.headers.location ?? '', url);
      }
    } catch (thrown) {
      if (signal.aborted) throw refused(param, `The URL was not answered in full within ${timeoutMs / 1000} seconds.`);
      if (thrown instanceof Fault) throw refused(param, thrown.message);
      throw refused(param, 'The URL could not be fetched.', thrown);
    }
  };
}

/** Why a URL is refused, in words for the caller. */
class Fault extends Error {}

function refused(param: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_image_url', message, { param, cause });
}

/** The WHATWG parser turns every spelling of an IPv4 address (decimal, octal, hexadecimal, short) into the one that is checked. */
function parseUrl(text: string, base?: URL): URL {
  const url = text.length > LONGEST_URL ? null : URL.parse(text, base?.href);
  if (!url) throw new Fault('The URL is not valid.');
  return url;
}

/** Checks the URL, then all of its addresses, and answers the one to connect to. */
async function checkedAddressOf(
  url: URL,
  { protocols = ['https:'], ports = [443], resolve = resolveByDns, isAllowedAddress = isPublicAddress }: FetchOptions,
  signal: AbortSignal,
): Promise<string> {
  if (!protocols.includes(url.protocol)) throw new Fault('Only https:// URLs are fetched.');
  if (url.username !== '' || url.password !== '') throw new Fault('A URL with a user name or a password is not fetched.');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!ports.includes(port)) throw new Fault('Only URLs of the standard port are fetched.');
  const name = hostnameOf(url);
  const addresses = isIP(name) === 0 ? await Promise.race([resolve(name), aborted(signal)]) : [name];
  // One private address among public ones is a trick, not a choice.
  if (addresses.length === 0 || !addresses.every(isAllowedAddress)) throw new Fault('The URL leads to an address that is not public.');
  return addresses[0]!;
}

async function resolveByDns(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}

async function readMedia(response: IncomingMessage, wantedBytes: number): Promise<Media> {
  try {
    const { statusCode, headers } = response;
    if (statusCode !== 200) throw new Fault(`The URL was answered with the status ${statusCode}.`);
    const type = mediaTypeOf(headers['content-type']);
    if (!type) throw new Fault('The content-type of the file is not that of an image (png, jpeg, gif, webp) or of a document.');
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Fault('The file was sent compressed.');
    const bytes = await readBytes(response, Math.min(wantedBytes, MAX_BYTES[type.kind]));
    if (!type.isProven(bytes)) throw new Fault(`The file is not the ${type.name} that its content-type says.`);
    return { bytes, mediaType: type.name };
  } finally {
    response.destroy();
  }
}

async function readBytes(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new Fault(`The file is larger than ${maxBytes} bytes.`);
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Never answers; throws when the time is up. A look-up cannot be called off. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
