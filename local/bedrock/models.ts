// What a model id says: who made the model, what it can do, and which fault or recording was asked for. Pure.
import { modelOfProfile } from './inference-profiles.ts';
import { invalid } from './refusal.ts';

export interface Model {
  /** As the caller gave it. */
  id: string;
  /** The foundation model behind it, or the whole id where an ARN hides it. */
  baseId: string;
  vendor: string;
  kind: 'chat' | 'embedding' | 'image';
  contextTokens: number;
  isProfile: boolean;
  fault?: string;
  recording?: string;
}

const VENDORS =
  /^(?:ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|stability|standin|twelvelabs|writer|xai|zai)$/;
const GEOGRAPHY = /^(?:global|us-gov|us|eu|apac|au|jp|ca|sa)\./;
const ARN =
  /^arn:aws[\w-]*:bedrock:[\w-]*:\d*:(foundation-model|inference-profile|application-inference-profile|provisioned-model|custom-model|custom-model-deployment|imported-model|prompt-router|default-prompt-router|prompt)\/(.+)$/;
const NAME = /^([a-z0-9]+)\.[A-Za-z0-9][\w.:-]*$/;

export function resolveModel(id: string): Model {
  const arn = ARN.exec(id);
  const profiled = modelOfProfile(id);
  const isNamed = !arn || arn[1] === 'foundation-model' || arn[1] === 'inference-profile' || profiled !== undefined;
  const path = profiled ?? (arn ? arn[2]! : id);
  const baseId = path.replace(GEOGRAPHY, '');
  const vendor = isNamed ? NAME.exec(baseId)?.[1] : 'opaque';
  if (!vendor || (isNamed && !VENDORS.test(vendor))) throw invalid('The provided model identifier is invalid.');
  return {
    id,
    baseId,
    vendor,
    kind: kindOf(baseId),
    contextTokens: /claude-(?:3|haiku-4|sonnet-4-(?:2|5)|opus-4-(?:1|2|5))/.test(baseId) ? 200_000 : 1_000_000,
    isProfile: baseId !== id,
    fault: /\.fault-([a-z-]+)$/.exec(baseId)?.[1],
    recording: /^standin\.recording-([a-z0-9-]+)$/.exec(baseId)?.[1],
  };
}

function kindOf(baseId: string): Model['kind'] {
  if (/embed|marengo/.test(baseId)) return 'embedding';
  if (/^stability\.|canvas|image-generator/.test(baseId)) return 'image';
  return 'chat';
}
