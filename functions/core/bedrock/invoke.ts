// InvokeModel with JSON in and JSON out, for models Converse does not serve. Bedrock counts the input in a header the SDK does not show.
import { type BedrockRuntimeClient, InvokeModelCommand, type InvokeModelCommandOutput } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../platform/errors.ts';
import { toFailure } from './failures.ts';

export type Invoked = {
  answer: unknown;
  /** What Bedrock says it counted; `undefined` where it does not say. */
  inputTokens: number | undefined;
};

/** Throws `GatewayError`s; those of a call that was answered, or may have been, say that it may be billed. */
export type Invoke = (modelId: string, body: object) => Promise<Invoked>;

/** A call that takes longer is ended. */
export const INVOKE_PATIENCE_MS = 120_000;
const JSON_TYPE = 'application/json';
const INPUT_TOKENS = 'x-amzn-bedrock-input-token-count';

/** `stop`: aborts every call under way, when the process must end. */
export function createInvoke(client: BedrockRuntimeClient, stop?: AbortSignal, patienceMs: number = INVOKE_PATIENCE_MS): Invoke {
  const countOf = keepCounts(client);
  return async (modelId, body) => {
    const patience = AbortSignal.timeout(patienceMs);
    const abortSignal = stop ? AbortSignal.any([patience, stop]) : patience;
    const command = new InvokeModelCommand({ modelId, contentType: JSON_TYPE, accept: JSON_TYPE, body: JSON.stringify(body) });
    let response: InvokeModelCommandOutput;
    try {
      response = await client.send(command, { abortSignal });
    } catch (thrown) {
      throw abortSignal.aborted ? tooLong() : toFailure(thrown, 'input');
    }
    return { answer: parse(response.body), inputTokens: toCount(countOf(response)) };
  };
}

/** Remembers what the header of each answer says. On the client, for what is put on a single command is lost where handlers are kept. */
function keepCounts(client: BedrockRuntimeClient): (response: object) => string | undefined {
  const counts = new WeakMap<object, string>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const count = (result.response as { headers?: Record<string, string> }).headers?.[INPUT_TOKENS];
      if (count !== undefined) counts.set(result.output as object, count);
      return result;
    },
    // Outside the step that makes the output.
    { step: 'build', name: 'keepInputTokenCounts', override: true },
  );
  return (response) => counts.get(response);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new GatewayError('model_error', 'The model answered something that is not JSON.', { mayBeBilled: true, cause });
  }
}

/** A count of tokens in a header or a body, or `undefined` when it is none. */
export function toCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined;
}

function tooLong(): GatewayError {
  return new GatewayError('upstream_timeout', 'Amazon Bedrock took too long, and the call was ended.', { mayBeBilled: true });
}
