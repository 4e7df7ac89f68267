// The headers of a relayed call: by the upstream's shared key, or signed as the gateway itself (Bedrock's own OpenAI dialect).
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Upstream } from './upstream.ts';
import type { UpstreamKeys } from './upstream-keys.ts';

type SignerOptions = ConstructorParameters<typeof SignatureV4>[0];

/** Whose signature it is: the gateway's own credentials and region. */
export type Signing = Pick<SignerOptions, 'credentials' | 'region' | 'sha256'>;

export type AuthorizedHeaders = (upstream: Upstream, url: URL, body: string, isStream: boolean) => Promise<Record<string, string>>;

export function createAuthorizedHeaders({ keyOf }: Pick<UpstreamKeys, 'keyOf'>, signing: Signing): AuthorizedHeaders {
  return async (upstream, url, body, isStream) => {
    const headers: Record<string, string> = {
      ...upstream.headers,
      'content-type': 'application/json',
      accept: isStream ? 'text/event-stream' : 'application/json',
    };
    if (upstream.auth === 'bearer') return { ...headers, authorization: `Bearer ${await keyOf(upstream.key!)}` };
    if (upstream.auth === 'api-key') return { ...headers, 'api-key': await keyOf(upstream.key!) };
    if (upstream.auth === 'none') return headers;
    return sign(upstream, url, headers, body);
  };

  async function sign({ region }: Upstream, url: URL, headers: Record<string, string>, body: string): Promise<Record<string, string>> {
    const signer = new SignatureV4({ ...signing, region: region ?? signing.region, service: 'bedrock' });
    const { protocol, hostname, pathname, host } = url;
    const query = Object.fromEntries(url.searchParams);
    const signed = await signer.sign(
      new HttpRequest({ protocol, hostname, method: 'POST', path: pathname, query, headers: { ...headers, host }, body }),
    );
    return signed.headers;
  }
}
