// What an application inference profile is of, asked at Bedrock's control plane. One signed GET by the runtime client's own signer and
// handler: a client of its own would be a sixth of the proxy's bundle for one question.
import { type BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { GatewayError } from '../platform/errors.ts';
import { createSendSigned, readText } from '../platform/signed.ts';
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
  const send = createSendSigned(config, 'bedrock');

  async function addressOf(arn: string): Promise<URL> {
    const base = endpoint ?? (await getEndpointFromInstructions({}, ConverseCommand, { ...config })).url.href;
    const url = new URL(`/inference-profiles/${encodeURIComponent(arn)}`, base);
    url.hostname = url.hostname.replace(/^bedrock-runtime(?=[.-])/, 'bedrock');
    return url;
  }

  async function ask(arn: string): Promise<{ status: number; type: string; body: string }> {
    const place = await addressOf(arn);
    const headers: Record<string, string> = bearer ? { authorization: `Bearer ${bearer}` } : {};
    const request = { method: 'GET', place, path: place.pathname, headers, isSigned: !bearer };
    const response = await send(request, { abortSignal: AbortSignal.timeout(PATIENCE_MS) });
    return { status: response.statusCode, type: response.headers['x-amzn-errortype'] ?? '', body: await readText(response.body) };
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
