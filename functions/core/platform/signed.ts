// Signed requests to AWS, by the region, the credentials and the kept connections of a client of the SDK that is there anyhow. A client for
// each service would be a tenth of a bundle for one question.
import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';

type SignerOptions = ConstructorParameters<typeof SignatureV4>[0];
type Options = { abortSignal?: AbortSignal; requestTimeout?: number };

/** What the configuration of any client of the SDK has. */
export type Connection = Pick<SignerOptions, 'region' | 'credentials' | 'sha256'> & {
  requestHandler: { handle(request: HttpRequest, options?: Options): Promise<{ response: HttpResponse }> };
};

/** `path` as it goes over the wire, escaped where it has to be. `isSigned: false`: the headers say who calls. */
export type SignedRequest = {
  method: string;
  place: URL;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  isSigned?: boolean;
};

/** Answers what was answered, whatever its status; the body is still to be read. Throws what the network throws. */
export type SendSigned = (request: SignedRequest, options?: Options) => Promise<HttpResponse>;

export function createSendSigned(
  { region, credentials, sha256, requestHandler }: Connection,
  service: string,
  how: Pick<SignerOptions, 'uriEscapePath' | 'applyChecksum'> = {},
): SendSigned {
  const signer = new SignatureV4({ service, region, credentials, sha256, ...how });
  return async ({ method, place, path, headers, body, isSigned = true }, options) => {
    const { protocol, hostname, port, host } = place;
    const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = new HttpRequest({
      ...{ protocol, hostname, port: port === '' ? undefined : Number(port) },
      ...{ method, path, headers: { host, ...headers, ...length }, body },
    });
    const sent = isSigned ? ((await signer.sign(request)) as HttpRequest) : request;
    return (await requestHandler.handle(sent, options)).response;
  };
}

/** Where a service of a region is, `endpoint` in its place. */
export async function placeOf(service: string, region: Connection['region'], endpoint?: string): Promise<URL> {
  if (endpoint !== undefined) return new URL(endpoint);
  const name = typeof region === 'string' ? region : await region();
  return new URL(`https://${service}.${name}.${name.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`);
}

/** The whole of a body. Throws when it breaks off. */
export function readText(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (part) => {
      text += part;
    });
    stream.on('end', () => resolve(text));
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('aborted')));
  });
}
