// The control plane's answer about application inference profiles. There are none but those whose id says what they are of, and over what:
// `<scope>0<model>`, as in `us0novalite`; `denied` may not be looked up.
import { Refusal } from './refusal.ts';

const MODELS: Record<string, string> = {
  novalite: 'amazon.nova-lite-v1:0',
  sonnet45: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  titanembed: 'amazon.titan-embed-text-v2:0',
};
const SCOPES: Record<string, string[]> = {
  region: ['us-east-1'],
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-west-1', 'eu-west-3'],
  global: ['us-east-1', ''],
};
const ARN = /^arn:aws:bedrock:us-east-1:\d{12}:application-inference-profile\/([a-z0-9]+)$/;

export function profileOf(arn: string): object {
  const id = ARN.exec(arn)?.[1];
  if (id === undefined) throw new Refusal('ValidationException', 'The provided inference profile identifier is invalid.');
  if (id === 'denied') {
    throw new Refusal('AccessDeniedException', `User is not authorized to perform: bedrock:GetInferenceProfile on resource: ${arn}`);
  }
  const model = modelOfProfile(arn);
  const regions = SCOPES[scopeOf(id)];
  if (!model || !regions) throw new Refusal('ResourceNotFoundException', 'The specified inference profile was not found.');
  return {
    inferenceProfileName: id,
    inferenceProfileArn: arn,
    inferenceProfileId: id,
    models: regions.map((region) => ({ modelArn: `arn:aws:bedrock:${region}::foundation-model/${model}` })),
    status: 'ACTIVE',
    type: 'APPLICATION',
  };
}

/** The foundation model behind the profile, where it says one. */
export function modelOfProfile(arn: string): string | undefined {
  const id = ARN.exec(arn)?.[1] ?? '';
  return MODELS[id.slice(scopeOf(id).length + 1)];
}

function scopeOf(id: string): string {
  return id.split('0', 1)[0]!;
}
