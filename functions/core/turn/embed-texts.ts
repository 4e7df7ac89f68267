// A request for embeddings, as a call that is paid for.

import type { Key } from '../access/principal.ts';
import { type EmbedRequest, planEmbedding } from '../bedrock/embed.ts';
import type { Invoke } from '../bedrock/invoke.ts';
import type { Labels } from '../ledger/journal.ts';
import { NO_USAGE } from '../ledger/usage.ts';
import type { Charged } from './charged.ts';
import { textsBoundOf } from './input-bound.ts';
import { type CallDependencies, runCall } from './run-call.ts';

export type EmbedDependencies = CallDependencies & { invoke: Invoke };

export type Embedded = { vectors: number[][]; inputTokens: number; warnings: string[]; charged: Charged };

/** One vector for each text, in the texts' order. */
export async function embedTexts(
  dependencies: EmbedDependencies,
  {
    request,
    ...asked
  }: { requestId: string; key: Key; modelName: string; sessionKey?: string; labels?: Labels | undefined; request: EmbedRequest },
): Promise<Embedded> {
  const { answers, usage, warnings, charged } = await runCall(dependencies, {
    ...asked,
    kind: 'embedding',
    toParts(model) {
      const { calls, warnings } = planEmbedding(model.family, request);
      const parts = calls.map(({ texts, run }) => ({
        bound: { ...NO_USAGE, input: textsBoundOf(texts) },
        async run(target: string) {
          const { vectors, inputTokens } = await run(dependencies.invoke, target);
          return { answer: vectors, usage: inputTokens === undefined ? undefined : { ...NO_USAGE, input: inputTokens } };
        },
      }));
      return { parts, warnings };
    },
  });
  return { vectors: answers.flat(), inputTokens: usage.input, warnings, charged };
}
