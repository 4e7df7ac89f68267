// Texts → vectors: which calls a request becomes, and what each of them answers.
import { GatewayError } from '../platform/errors.ts';
import { type Answer, EMBED_FAMILIES, type EmbedFamily, type EmbedWish } from './embed-families.ts';
import { type Invoke, toCount } from './invoke.ts';

export type EmbedRequest = EmbedWish & { texts: readonly string[] };

/** One InvokeModel call: some of the request's texts, in their order. */
export type EmbedCall = {
  texts: readonly string[];
  /** `inputTokens` is `undefined` where neither the body nor the header told it. */
  run(invoke: Invoke, modelId: string): Promise<{ vectors: number[][]; inputTokens: number | undefined }>;
};

/** The calls a request becomes for a family of models. Throws 400 for what the family does not take. */
export function planEmbedding(familyName: string, { texts, ...wish }: EmbedRequest): { calls: EmbedCall[]; warnings: string[] } {
  const family = EMBED_FAMILIES[familyName];
  if (!family) throw new GatewayError('unsupported_value', 'The gateway cannot ask this model for embeddings.', { param: 'model' });
  checkDimensions(family, wish.dimensions);
  const warnings = wish.inputType !== null && !family.takesInputType ? ['input_type;not taken by this model'] : [];
  const calls: EmbedCall[] = [];
  for (let start = 0; start < texts.length; start += family.textsPerCall) {
    calls.push(toCall(family, texts.slice(start, start + family.textsPerCall), wish));
  }
  return { calls, warnings };
}

function toCall(family: EmbedFamily, texts: readonly string[], wish: EmbedWish): EmbedCall {
  return {
    texts,
    async run(invoke, modelId) {
      const invoked = await invoke(modelId, family.bodyOf(texts, wish)).catch(rethrowForInput);
      const answer = (invoked.answer ?? {}) as Answer;
      const vectors = family.vectorsOf(answer);
      if (!isVectors(vectors, texts.length)) {
        throw new GatewayError('model_error', 'The model did not answer one vector for each text.', { mayBeBilled: true });
      }
      return { vectors, inputTokens: toCount(family.tokensOf(answer)) ?? invoked.inputTokens };
    },
  };
}

function checkDimensions({ dimensions: allowed }: EmbedFamily, asked: number | null): void {
  if (asked === null || allowed.includes(asked)) return;
  const rule = allowed.length === 0 ? 'its vectors have one length only; leave dimensions out' : `it takes ${allowed.join(', ')}`;
  throw new GatewayError('invalid_value', `dimensions is ${asked}, which this model does not make: ${rule}.`, { param: 'dimensions' });
}

/** What is too long here is the input; there are no messages. */
function rethrowForInput(thrown: unknown): never {
  const isTooLong = thrown instanceof GatewayError && thrown.code === 'context_length_exceeded';
  throw isTooLong ? new GatewayError(thrown.code, thrown.message, { ...thrown.details, param: 'input' }) : thrown;
}

function isVectors(value: unknown, count: number): value is number[][] {
  return Array.isArray(value) && value.length === count && value.every(isVector);
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);
}
