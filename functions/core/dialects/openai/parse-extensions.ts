// Fields of Bedrock's own that OpenAI's API does not have, sent beside the others (extra_body) or as headers. Pure.
import type { ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { type Body, invalid, isBody, optionalArray, optionalObject, optionalWord, shallow, shown } from './fields.ts';

type Request = Omit<ConverseCommandInput, 'modelId'>;

export type Header = (name: string) => string | undefined;

export type Extensions = {
  guardrailConfig: Request['guardrailConfig'] & { streamProcessingMode?: 'sync' | 'async' };
  performanceConfig: Request['performanceConfig'];
  promptVariables: Request['promptVariables'];
  additionalModelResponseFieldPaths: string[] | null;
  /** Laid over everything the gateway puts into additionalModelRequestFields. */
  additionalFields: Body | null;
  /** Claude's own words for effort and format. */
  outputConfig: Body | null;
  betas: string[];
  serviceTier: ServiceTier | null;
};

export const SERVICE_TIERS = ['auto', 'default', 'flex', 'priority', 'reserved', 'scale'] as const;
export type ServiceTier = (typeof SERVICE_TIERS)[number];

export function parseExtensions(body: Body, header: Header): Extensions {
  const either = (name: string, snake: string) => shallow(optionalObject(body, name) ?? optionalObject(body, snake), name);
  return {
    guardrailConfig: parseGuardrail(either('guardrailConfig', 'guardrail_config'), header),
    performanceConfig: either('performanceConfig', 'performance_config') as Request['performanceConfig'],
    promptVariables: (optionalObject(body, 'promptVariables') ?? undefined) as Request['promptVariables'],
    additionalModelResponseFieldPaths: parsePaths(body),
    additionalFields: either('additionalModelRequestFields', 'additional_model_request_fields'),
    outputConfig: optionalObject(body, 'output_config'),
    betas: parseBetas(body.anthropic_beta ?? header('anthropic-beta')),
    serviceTier: optionalWord(body, 'service_tier', SERVICE_TIERS) ?? parseOwnTier(body),
  };
}

function parseGuardrail(config: Body | null, header: Header): Extensions['guardrailConfig'] {
  const guardrailIdentifier = config?.guardrailIdentifier ?? config?.identifier ?? header('x-bedrock-guardrail-id');
  const guardrailVersion = config?.guardrailVersion ?? config?.version ?? header('x-bedrock-guardrail-version');
  if (guardrailIdentifier === undefined && !config) return undefined as unknown as Extensions['guardrailConfig'];
  if (typeof guardrailIdentifier !== 'string' || typeof guardrailVersion !== 'string') {
    throw invalid('guardrailConfig', 'guardrailConfig must hold guardrailIdentifier and guardrailVersion.');
  }
  const trace = optionalWord(config ?? {}, 'trace', ['enabled', 'disabled', 'enabled_full'], 'guardrailConfig.trace');
  const mode = optionalWord(config ?? {}, 'streamProcessingMode', ['sync', 'async'], 'guardrailConfig.streamProcessingMode');
  return { guardrailIdentifier, guardrailVersion, ...(trace && { trace }), ...(mode && { streamProcessingMode: mode }) };
}

function parsePaths(body: Body): string[] | null {
  const paths = optionalArray(body, 'additionalModelResponseFieldPaths');
  if (paths && !paths.every((path) => typeof path === 'string')) {
    throw invalid('additionalModelResponseFieldPaths', 'additionalModelResponseFieldPaths must be an array of strings.');
  }
  return paths as string[] | null;
}

function parseBetas(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const list = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(list) || !list.every((beta) => typeof beta === 'string')) {
    throw invalid('anthropic_beta', `anthropic_beta must be a string or an array of strings, not ${shown(value)}.`);
  }
  return list.map((beta) => beta.trim()).filter((beta) => beta !== '');
}

function parseOwnTier({ serviceTier }: Body): ServiceTier | null {
  return isBody(serviceTier) ? optionalWord(serviceTier, 'type', SERVICE_TIERS, 'serviceTier.type') : null;
}
