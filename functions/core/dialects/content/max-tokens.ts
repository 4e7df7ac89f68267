// A request with a lower limit of output, and thinking that still fits below it. Pure: the request is copied.
import type { ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { MIN_BUDGET } from './reasoning-effort.ts';

type Request = Omit<ConverseCommandInput, 'modelId'>;
type Fields = { thinking?: { type?: string; budget_tokens?: number } };

/** A budget of thinking must be below `maxTokens`; where less than the least budget is left, there is no thinking. */
export function withMaxTokens<R extends Request>(request: R, maxTokens: number): R {
  const lowered = { ...request, inferenceConfig: { ...request.inferenceConfig, maxTokens } };
  const { thinking, ...others } = (request.additionalModelRequestFields ?? {}) as Fields;
  if (thinking?.budget_tokens === undefined || thinking.budget_tokens < maxTokens) return lowered;
  const fields = maxTokens > MIN_BUDGET ? { ...others, thinking: { ...thinking, budget_tokens: maxTokens - 1 } } : others;
  return {
    ...lowered,
    additionalModelRequestFields: Object.keys(fields).length > 0 ? (fields as R['additionalModelRequestFields']) : undefined,
  };
}
