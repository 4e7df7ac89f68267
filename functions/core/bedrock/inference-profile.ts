// What an application inference profile is of, asked at Bedrock's control plane. One signed GET by the runtime client's own signer and
// handler: a client of its own would be a sixth of the proxy's bundle for one question.
import { type BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { GatewayError } from '../platform/errors.ts';
import { toFailure } from './failures.ts';

type Options = {
  /** Where the control plane is, if not beside the runtime. */
  endpoint?: string;
  /** A Bedrock API key, used in place of a signature. */
  bearer?: string;
};

const PATIENCE_MS = 5_000;
const MISSING = /ResourceNotFoundException|ValidationException/;

/** The ARNs of the models behind a profile; `undefined` when Bedrock knows no such profile. Throws `GatewayError`s. */
export function createFetchProfile(client: BedrockRuntimeClient, { endpoint, bearer }: Options = {}) {
  const { config } = client;
  const signer = new SignatureV4({ service: 'bedrock', region: config.region, credentials: config.credentials, sha256: config.sha256 });

  async function addressOf(arn: string): Promise<URL> {
    const base = endpoint ?? (await getEndpointFromInstructions({}, ConverseCommand, { ...config })).url.href;
    const url = new URL(`/inference-profiles/${encodeURIComponent(arn)}`, base);
    url.hostname = url.hostname.replace(/^bedrock-runtime(?=[.-])/, 'bedrock');
    return url;
  }

  async function ask(arn: string): Promise<{ status: number; type: string; body: string }> {
    const { protocol, hostname, port, host, pathname } = await addressOf(arn);
    const headers = { host, ...(bearer && { authorization: `Bearer ${bearer}` }) };
    const request = new HttpRequest({
      protocol,
      hostname,
      port: port === '' ? undefined : Number(port),
      method: 'GET',
      path: pathname,
      headers,
    });
    const sent = bearer ? request : ((await signer.sign(request)) as HttpRequest);
    const { response } = await config.requestHandler.handle(sent, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
    const chunks: Buffer[] = await response.body.toArray();
    return { status: response.statusCode, type: response.headers['x-amzn-errortype'] ?? '', body: Buffer.concat(chunks).toString() };
  }

  return async (arn: string): Promise<string[] | undefined> => {
    const { status, type, body } = await ask(arn).catch((thrown) => {
      throw toFailure(thrown);
    });
    if (status === 200) return modelsOf(body);
    if (status === 404 || MISSING.test(type)) return undefined;
    if (status === 403) throw denied(type);
    throw new GatewayError('service_unavailable', 'Amazon Bedrock could not say what this inference profile is of. Please try again.', {
      retryAfterSeconds: 5,
      cause: `${status} ${type}`,
    });
  };
}

function modelsOf(body: string): string[] {
  const { models } = JSON.parse(body) as { models?: { modelArn?: string }[] };
  return (models ?? []).flatMap(({ modelArn }) => modelArn ?? []);
}

function denied(type: string): GatewayError {
  const message =
    'The gateway may not look this inference profile up. An administrator of the AWS account can allow it bedrock:GetInferenceProfile.';
  return new GatewayError('model_access_denied', message, { param: 'model', cause: type });
}
