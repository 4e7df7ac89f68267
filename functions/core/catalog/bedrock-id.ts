// Reads a literal Bedrock model ID or ARN. Pure, and never a guess: an ARN whose end is opaque names no model.

export type BedrockId = {
  /** The bare foundation model ID. */
  foundationId: string;
  /** Where the price applies: `region` for a bare ID, else the prefix of the inference profile (`global`, `us`, `eu`, …). */
  reach: string;
};

const PREFIX = /^(global|us-gov|us|eu|apac|au|jp|ca|sa|in)\.(?=[a-z0-9]+\.)/;
const ARN = /^arn:(aws[a-z-]*):bedrock:([a-z0-9-]*):(\d*):(foundation-model|inference-profile)\/([^/]+)$/;
const BARE_ID = /^[a-z0-9]+\.[a-z0-9][a-z0-9._:-]*$/;
const LONGEST_ID = 140;

/** Parses `vendor.model`, `us.vendor.model` and the two kinds of ARN that carry such an ID; anything else is `undefined`. */
export function parseBedrockId(text: string): BedrockId | undefined {
  if (!text.startsWith('arn:')) return parsePlainId(text);
  const match = ARN.exec(text);
  if (!match) return undefined;
  const [, partition, , , kind, id = ''] = match;
  const plain = parsePlainId(id);
  if (!plain || (kind === 'foundation-model' && plain.reach !== 'region')) return undefined;
  if (kind === 'inference-profile' && plain.reach === 'region') return undefined;
  return partition === 'aws' ? plain : { ...plain, reach: 'us-gov' };
}

function parsePlainId(text: string): BedrockId | undefined {
  if (text.length > LONGEST_ID) return undefined;
  const prefix = PREFIX.exec(text)?.[1];
  const foundationId = prefix === undefined ? text : text.slice(prefix.length + 1);
  return BARE_ID.test(foundationId) ? { foundationId, reach: prefix ?? 'region' } : undefined;
}
