// One GET to an address that has been checked. The name is used for TLS and the Host header only, so nothing resolves it a second time.
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';

export type PinnedGet = {
  url: URL;
  /** The IP address to connect to. */
  address: string;
  signal: AbortSignal;
  /** Certificate authorities to trust instead of the system's. */
  ca?: string;
};

/** Answers as soon as the headers are there. No cookies, no credentials, no kept connection, and redirects are the caller's to judge. */
export function pinnedGet({ url, address, signal, ca }: PinnedGet): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const name = hostnameOf(url);
  const options: RequestOptions & { servername?: string; ca?: string } = {
    host: address,
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    headers: { host: url.host, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'outcrop' },
    agent: false,
    signal,
    // A certificate is for the name, or, where the URL has none, for the address itself.
    ...(isSecure && isIP(name) === 0 && { servername: name }),
    ...(ca !== undefined && { ca }),
  };
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)(options, resolve);
    request.on('error', reject);
    // Also closed without an answer and without an error: by an answer that wants to switch protocols.
    request.once('close', () => reject(new Error('The connection was closed.')));
    request.end();
  });
}

/** The host without the brackets of IPv6. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
