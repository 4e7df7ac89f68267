// Fetching media: to which addresses a connection is made, and what is taken from where it leads.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFetchMedia, type FetchOptions } from '../../../functions/core/media/fetch-media.ts';
import type { GatewayError } from '../../../functions/core/platform/errors.ts';
import { makeCertificate } from '../../support/self-signed.ts';
import { refusedMedia } from './refused-media.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const SECRET = 'the-body-nobody-may-see';
const PARAM = 'messages[0].content[1].image_url.url';
const MUCH = 10_000_000;

let server: Server;
let port: number;
let seen: IncomingMessage[];
let answer: RequestListener;
let resolved: string[];

async function listen(created: Server): Promise<void> {
  server = created;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  seen = [];
  resolved = [];
  answer = (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
  await listen(
    createServer((request, response) => {
      seen.push(request);
      answer(request, response);
    }),
  );
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A fetcher that may go to this machine's own server, and thinks that every name leads there. */
const fetcher = (options: FetchOptions = {}) =>
  createFetchMedia({
    protocols: ['http:'],
    ports: [port],
    resolve: async (name) => {
      resolved.push(name);
      return ['127.0.0.1'];
    },
    isAllowedAddress: (address) => address === '127.0.0.1',
    ...options,
  });
/** Fetches with the fetcher above. */
const get = (url: string, { maxBytes = MUCH, ...options }: FetchOptions & { maxBytes?: number } = {}) =>
  fetcher(options)({ url, maxBytes, param: PARAM });
/** No refusal tells what the body was. */
async function refusalOf(work: Promise<unknown>): Promise<GatewayError> {
  const refusal = await refusedMedia(work);
  expect(refusal.message).not.toContain(SECRET);
  return refusal;
}
const urlOf = (path = '/a.png') => `http://media.test:${port}${path}`;

describe('a connection', () => {
  test('goes to the address that was checked, though the name is asked for only once and would lead elsewhere next', async () => {
    const addresses = ['127.0.0.1', '169.254.169.254'];
    const resolve = async () => [addresses.shift()!];
    expect(await get(urlOf(), { resolve })).toEqual({ bytes: PNG, mediaType: 'image/png' });
    expect(addresses).toEqual(['169.254.169.254']);
    expect(seen[0]!.headers.host).toBe(`media.test:${port}`);
  });

  test('carries no cookies, no credentials, and nothing of the caller', async () => {
    await get(urlOf('/a.png?sign=1#part'));
    expect(seen[0]!.url).toBe('/a.png?sign=1');
    expect(Object.keys(seen[0]!.headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  });
});

describe('a redirect', () => {
  const redirect = (location: string): RequestListener => {
    return ({ url }, response) => response.writeHead(302, { location: url === '/end' ? '' : location }).end(SECRET);
  };

  test('is followed, and its name asked for and checked like the first', async () => {
    answer = (request, response) => {
      if (request.url === '/end') response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
      else response.writeHead(307, { location: `http://other.test:${port}/end` }).end();
    };
    expect((await get(urlOf())).bytes).toEqual(PNG);
    expect(resolved).toEqual(['media.test', 'other.test']);
  });

  test.each([
    ['another protocol', 'file:///etc/passwd'],
    ['the metadata', 'http://169.254.169.254/'],
    ['another port of the same host', 'http://media.test:22/'],
    ['a URL with a password', 'http://a:b@media.test/'],
    ['nonsense', 'http://['],
  ])('to %s is refused', async (_, location) => {
    answer = redirect(location);
    const refusal = await refusalOf(get(urlOf()));
    expect(refusal.message).not.toContain('169.254');
    expect(seen).toHaveLength(1);
  });

  test('to a name that leads to a private address is refused', async () => {
    answer = redirect(`http://inside.test:${port}/`);
    const resolve = async (name: string) => [name === 'inside.test' ? '10.0.0.1' : '127.0.0.1'];
    expect((await refusalOf(get(urlOf(), { resolve }))).message).toContain('not public');
    expect(seen).toHaveLength(1);
  });

  test('is followed three times and not once more', async () => {
    answer = ({ url }, response) => {
      const left = Number(url!.slice(1));
      if (left === 0) response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
      else response.writeHead(301, { location: `/${left - 1}` }).end();
    };
    expect((await get(urlOf('/3'))).bytes).toEqual(PNG);
    expect((await refusalOf(get(urlOf('/4')))).message).toContain('more than 3 redirects');
    expect(seen).toHaveLength(8);
  });
});

describe('a file', () => {
  const tell = (headers: Record<string, string>, body: string | Buffer, status = 200): void => {
    answer = (_, response) => response.writeHead(status, headers).end(body);
  };

  test.each([
    ['png', { 'content-type': 'image/png' }, PNG, 'image/png'],
    ['jpeg by another name', { 'content-type': 'IMAGE/JPG; q=1' }, Buffer.from('ffd8ffe0', 'hex'), 'image/jpeg'],
    ['gif', { 'content-type': 'image/gif' }, Buffer.from('GIF89a...'), 'image/gif'],
    ['webp', { 'content-type': 'image/webp' }, Buffer.from('RIFF\n\n\n\nWEBPVP8 '), 'image/webp'],
  ])('of %s is taken as an image', async (_, headers, body, mediaType) => {
    tell(headers, body);
    expect(await get(urlOf())).toEqual({ bytes: body, mediaType });
  });

  test.each([
    ['pdf', 'application/pdf', '%PDF-1.7'],
    ['text', 'text/plain; charset=utf-8', 'grüß dich'],
    ['json', 'application/json', '{"a":1}'],
    ['old Word', 'application/msword', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
  ])('of %s is taken as a document', async (_, type, body) => {
    tell({ 'content-type': type }, body);
    const { bytes, mediaType } = await get(urlOf());
    expect(Buffer.from(bytes)).toEqual(Buffer.from(body));
    expect(mediaType).toBe(type.split(';')[0]);
  });

  test.each<[what: string, headers: Record<string, string>, body: string | Buffer, status?: number]>([
    ['not found', { 'content-type': 'image/png' }, SECRET, 404],
    ['an internal error', { 'content-type': 'image/png' }, SECRET, 500],
    ['a part of a file', { 'content-type': 'image/png' }, PNG, 206],
    ['without a type', {}, PNG],
    ['of any type', { 'content-type': 'application/octet-stream' }, PNG],
    ['a drawing with scripts', { 'content-type': 'image/svg+xml' }, '<svg/>'],
    ['a video', { 'content-type': 'video/mp4' }, PNG],
    ['pdf that says it is png', { 'content-type': 'image/png' }, '%PDF-1.7'],
    ['json that says it is an image', { 'content-type': 'image/png' }, `{"secret":"${SECRET}"}`],
    ['jpeg that says it is png', { 'content-type': 'image/png' }, Buffer.from('ffd8ffe0', 'hex')],
    ['bytes that say they are text', { 'content-type': 'text/plain' }, Buffer.from([0x61, 0, 0x62])],
    ['Latin-1 that says it is text', { 'content-type': 'text/plain' }, Buffer.from([0x67, 0xfc])],
    ['compressed', { 'content-type': 'image/png', 'content-encoding': 'gzip' }, PNG],
    ['empty', { 'content-type': 'image/png' }, ''],
    ['named like a member of every object', { 'content-type': 'constructor' }, PNG],
  ])('that is %s is refused', async (_, headers, body, status) => {
    tell(headers, body, status);
    expect((await refusalOf(get(urlOf()))).details.param).toBe(PARAM);
  });

  test('of the largest size is taken, and one byte more is refused, by its header or by counting', async () => {
    const maxBytes = 1_000;
    const body = Buffer.concat([PNG, Buffer.alloc(1_000 - PNG.length)]);
    tell({ 'content-type': 'image/png' }, body);
    expect((await get(urlOf(), { maxBytes })).bytes).toHaveLength(1_000);
    tell({ 'content-type': 'image/png', 'content-length': '1001' }, `${body.toString('latin1')}x`);
    expect((await refusalOf(get(urlOf(), { maxBytes }))).message).toContain('larger than 1000 bytes');
    let hasLeft: Promise<void> | undefined;
    answer = (_, response) => {
      hasLeft = new Promise((resolve) => response.on('close', resolve));
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(body);
      response.write('x');
      // It is never ended: who counts leaves by itself.
    };
    expect((await refusalOf(get(urlOf(), { maxBytes }))).message).toContain('larger than 1000 bytes');
    await hasLeft;
  });

  test('of an image is never taken larger than Bedrock takes one, whatever was allowed', async () => {
    const pad = (length: number) => Buffer.concat([PNG, Buffer.alloc(length - PNG.length)]);
    tell({ 'content-type': 'image/png' }, pad(3_932_160));
    expect((await get(urlOf())).bytes).toHaveLength(3_932_160);
    tell({ 'content-type': 'image/png' }, pad(3_932_161));
    expect((await refusalOf(get(urlOf()))).message).toContain('larger than 3932160 bytes');
  });

  test.each<[what: string, listener: RequestListener]>([
    ['never answers', () => undefined],
    ['never ends', (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).write(PNG)],
    ['goes round in slow circles', (_, response) => void setTimeout(() => response.writeHead(302, { location: '/' }).end(), 30)],
  ])('of a server that %s is given up in time', async (_, listener) => {
    answer = listener;
    expect((await refusalOf(get(urlOf(), { timeoutMs: 60 }))).message).toContain('within 0.06 seconds');
    (server as Server & { closeAllConnections(): void }).closeAllConnections();
  });

  test('of a name that nobody answers for is given up in time', async () => {
    const resolve = () => new Promise<string[]>(() => undefined);
    expect((await refusalOf(get(urlOf(), { timeoutMs: 20, resolve }))).message).toContain('seconds');
  });

  test.each<[what: string, listener: RequestListener]>([
    ['hangs up', (_, response) => void response.destroy()],
    [
      'wants to switch protocols',
      (request) => void request.socket.end('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
    [
      'breaks off',
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'image/png', 'content-length': '99' }).write(PNG, () => response.destroy()),
    ],
  ])('of a server that %s is refused without its reason', async (_, listener) => {
    answer = listener;
    expect((await refusalOf(get(urlOf()))).message).toBe('The URL could not be fetched.');
  });
});

describe('over TLS', () => {
  beforeEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    const certificate = makeCertificate('media.test');
    await listen(createTlsServer(certificate, (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG)));
    ca = certificate.cert;
  });
  let ca: string;
  const fetchFrom = (name: string, options: FetchOptions = {}) =>
    get(`https://${name}:${port}/a.png`, { protocols: ['https:'], ca, ...options });

  test('the certificate must be for the name of the URL, not for the address behind it', async () => {
    expect((await fetchFrom('media.test')).bytes).toEqual(PNG);
    for (const name of ['other.test', '127.0.0.1'])
      expect((await refusalOf(fetchFrom(name))).message).toBe('The URL could not be fetched.');
  });

  test('a certificate nobody vouches for is refused', async () => {
    await refusalOf(fetchFrom('media.test', { ca: undefined }));
  });
});
