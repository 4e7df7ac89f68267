// Temperature and its relatives, as far as a model takes them. Pure.
import type { ModelFacts } from './model-facts.ts';
import type { Warnings } from './warnings.ts';

export type AskedSampling = {
  temperature: number | null;
  topP: number | null;
  topK: number | null;
  presencePenalty: number | null;
  frequencyPenalty: number | null;
  logitBias: Record<string, number> | null;
};

export type Sampling = { temperature: number | null; topP: number | null; fields: Record<string, unknown> };

/** Vendors whose models take a temperature up to 2, as OpenAI's do. */
const HOT = new Set(['openai', 'qwen', 'moonshotai', 'minimax', 'zai', 'nvidia', 'google']);

/** Vendor → where its models take top_k. */
const TOP_K: Record<string, (topK: number) => Record<string, unknown>> = {
  anthropic: (topK) => ({ top_k: topK }),
  amazon: (topK) => ({ inferenceConfig: { topK } }),
  mistral: (topK) => ({ top_k: topK }),
  qwen: (topK) => ({ top_k: topK }),
  cohere: (topK) => ({ k: topK }),
  outcrop: (topK) => ({ top_k: topK }),
};

/** Vendor → how its models take the penalties. */
const PENALTY: Record<string, (name: 'presence' | 'frequency', value: number) => Record<string, unknown>> = {
  cohere: (name, value) => ({ [`${name}_penalty`]: value }),
  ai21: (name, value) => ({ [`${name}Penalty`]: { scale: value } }),
};

/** `refusesSampling`: the model takes none of these while it reasons as hard as it was asked to. */
export function samplingOf(asked: AskedSampling, model: ModelFacts, refusesSampling: boolean, warnings: Warnings): Sampling {
  const fields = penaltyFields(asked, model.vendor, warnings);
  const refusal = !model.abilities.sampling ? 'not taken by this model' : refusesSampling ? 'not taken while the model thinks' : null;
  if (refusal !== null) {
    // 1 is the default, and many clients always send it.
    if (asked.temperature !== null && asked.temperature !== 1) warnings.drop('temperature', refusal);
    if (asked.topP !== null && asked.topP !== 1) warnings.drop('top_p', refusal);
    if (asked.topK !== null) warnings.drop('top_k', refusal);
    return { temperature: null, topP: null, fields };
  }
  if (asked.topK !== null) {
    const toFields = TOP_K[model.vendor];
    if (toFields) Object.assign(fields, toFields(asked.topK));
    else warnings.drop('top_k', 'not taken by this model');
  }
  const isTooHot = asked.temperature !== null && asked.temperature > 1 && !HOT.has(model.vendor);
  if (isTooHot) warnings.drop('temperature', 'lowered to 1');
  const isBoth = asked.temperature !== null && asked.topP !== null && !model.abilities.temperatureAndTopP;
  if (isBoth) warnings.drop('top_p', 'this model takes temperature or top_p');
  return { temperature: isTooHot ? 1 : asked.temperature, topP: isBoth ? null : asked.topP, fields };
}

function penaltyFields(
  { presencePenalty, frequencyPenalty, logitBias }: AskedSampling,
  vendor: string,
  warnings: Warnings,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const toFields = PENALTY[vendor];
  for (const [name, value] of [
    ['presence', presencePenalty],
    ['frequency', frequencyPenalty],
  ] as const) {
    if (value === null || value === 0) continue;
    if (toFields) Object.assign(fields, toFields(name, value));
    else warnings.drop(`${name}_penalty`, 'not taken by this model');
  }
  if (logitBias !== null && vendor === 'cohere') fields.logitBias = logitBias;
  else if (logitBias !== null) warnings.drop('logit_bias', 'not taken by this model');
  return fields;
}
