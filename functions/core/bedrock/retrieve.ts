// What a knowledge base has about a question, asked at Bedrock's agent runtime: one signed POST by the runtime client's own signer and
// handler. Law: what fails here is never billed as a call of a model, for none was made.
import { type BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { type ErrorCode, GatewayError } from '../platform/errors.ts';
import { createSendSigned, placeOf, readText } from '../platform/signed.ts';
import { toFailure } from './failures.ts';

/** `source`: where it stands, as the knowledge base says. */
export type Passage = { text: string; source: string | null };

/** `region: null`: the gateway's own. Throws `GatewayError`s. */
export type Retrieve = (base: { id: string; region: string | null }, question: string) => Promise<Passage[]>;

type Options = {
  /** Where the agent runtime is, if not where AWS has it, or beside a runtime that is not AWS's. */
  endpoint?: string;
  patienceMs?: number;
  /** Aborts every question under way, when the process must end. */
  stop?: AbortSignal;
};

type Found = { content?: { text?: string }; location?: Record<string, string | { uri?: string; url?: string; id?: string } | null> };

const PATIENCE_MS = 20_000;
const MOST_PASSAGES = 8;
const AWS = /\.amazonaws\.com(\.cn)?$/;

const FAILURES: Record<string, [code: ErrorCode, message: string, retryAfterSeconds?: number]> = {
  ResourceNotFoundException: ['model_not_found', 'The knowledge base of this model is not there, or not in that Region.'],
  AccessDeniedException: [
    'model_access_denied',
    'The gateway may not ask the knowledge base of this model. An administrator of the AWS account can allow it bedrock:Retrieve.',
  ],
  ThrottlingException: [
    'rate_limit_exceeded',
    'Amazon Bedrock is throttling the knowledge base of this model. Please try again shortly.',
    5,
  ],
  ValidationException: ['upstream_error', 'The knowledge base of this model does not take such questions.'],
};

export function createRetrieve({ config }: BedrockRuntimeClient, { endpoint, patienceMs = PATIENCE_MS, stop }: Options = {}): Retrieve {
  async function placeIn(region: string | null): Promise<URL> {
    const { url } = await getEndpointFromInstructions({}, ConverseCommand, { ...config });
    return placeOf('bedrock-agent-runtime', region ?? config.region, endpoint ?? (AWS.test(url.hostname) ? undefined : url.href));
  }

  async function ask(id: string, region: string | null, question: string, abortSignal: AbortSignal): Promise<Passage[]> {
    const place = await placeIn(region);
    // Bedrock's API keys do not open the agent runtime: it is always asked with a signature.
    const send = createSendSigned({ ...config, region: region ?? config.region }, 'bedrock');
    const path = `${place.pathname.replace(/\/$/, '')}/knowledgebases/${id}/retrieve`;
    const body = JSON.stringify({
      retrievalQuery: { text: question },
      retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults: MOST_PASSAGES } },
    });
    const headers = { 'content-type': 'application/json' };
    const { statusCode, headers: told, body: stream } = await send({ method: 'POST', place, path, headers, body }, { abortSignal });
    const text = await readText(stream);
    if (statusCode === 200) return passagesOf(text);
    const name = (told['x-amzn-errortype'] ?? '').split(':')[0]!;
    const $metadata = { httpStatusCode: statusCode, requestId: told['x-amzn-requestid'] };
    throw Object.assign(new Error(text), { name, $metadata });
  }

  return async ({ id, region }, question) => {
    const patience = AbortSignal.timeout(patienceMs);
    const abortSignal = stop ? AbortSignal.any([patience, stop]) : patience;
    try {
      return await ask(id, region, question, abortSignal);
    } catch (thrown) {
      throw abortSignal.aborted ? tooLong(thrown) : failureOf(thrown as Error);
    }
  };
}

function passagesOf(text: string): Passage[] {
  const { retrievalResults = [] } = JSON.parse(text) as { retrievalResults?: Found[] };
  return retrievalResults.flatMap(({ content, location }) => (content?.text ? { text: content.text, source: sourceOf(location) } : []));
}

/** Each kind of store has a place of its own: `s3Location.uri`, `webLocation.url`, `customDocumentLocation.id` and so on. */
function sourceOf(location: Found['location']): string | null {
  for (const place of Object.values(location ?? {})) {
    const source = typeof place === 'object' ? (place?.uri ?? place?.url ?? place?.id) : undefined;
    if (source) return source;
  }
  return null;
}

function failureOf(thrown: Error): GatewayError {
  const known = toFailure(thrown);
  const [code, message, retryAfterSeconds] = FAILURES[thrown.name] ?? [known.code, known.message, known.details.retryAfterSeconds];
  return new GatewayError(code, message, { retryAfterSeconds, headers: known.details.headers, cause: thrown });
}

function tooLong(cause: unknown): GatewayError {
  return new GatewayError('upstream_timeout', 'The knowledge base of this model took too long, and the call was ended.', { cause });
}
