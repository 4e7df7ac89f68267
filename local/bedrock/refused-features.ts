// Models that lack one feature, on request: `.fault-no-<feature>` refuses a Converse request that uses it, in the words Bedrock uses. Pure.
import type { ConverseRequest } from './wire.ts';

const PREFIX = 'The model returned the following errors: ';

type Feature = { message: string; isUsed(request: ConverseRequest, body: string): boolean };

const FEATURES: Record<string, Feature> = {
  'no-format': {
    message: `${PREFIX}output_config.format: Extra inputs are not permitted`,
    isUsed: (_, body) => body.includes('"outputConfig"'),
  },
  'no-strict': {
    message: `${PREFIX}tools.0.custom.strict: Extra inputs are not permitted`,
    isUsed: (_, body) => body.includes('"strict":true'),
  },
  'no-sampling': {
    message: `${PREFIX}\`temperature\` is deprecated for this model.`,
    isUsed: ({ inferenceConfig }) => inferenceConfig?.temperature !== undefined || inferenceConfig?.topP !== undefined,
  },
  'no-forced-tools': {
    message: 'The model does not take the toolConfig.toolChoice field: tool_choice is unsupported.',
    isUsed: ({ toolConfig }) => toolConfig?.toolChoice !== undefined,
  },
  'no-caching': { message: 'You invoked an unsupported model or your request did not allow prompt caching.', isUsed: hasCachePoint },
  'no-one-hour': { message: 'cachePoint.ttl is not supported by this model.', isUsed: (_, body) => body.includes('"ttl"') },
  'no-betas': { message: `${PREFIX}invalid beta flag`, isUsed: (_, body) => body.includes('"anthropic_beta"') },
  'no-top-k': {
    message: `${PREFIX}top_k: Extra inputs are not permitted`,
    isUsed: ({ additionalModelRequestFields }) => additionalModelRequestFields?.top_k !== undefined,
  },
};

export const FEATURE_FAULTS: readonly string[] = Object.keys(FEATURES);

/** Why the model refuses the body, or `undefined`. */
export function featureRefusal(fault: string | undefined, body: string): string | undefined {
  const feature = FEATURES[fault ?? ''];
  return feature?.isUsed(JSON.parse(body) as ConverseRequest, body) ? feature.message : undefined;
}

function hasCachePoint(_: ConverseRequest, body: string): boolean {
  return body.includes('"cachePoint"');
}
