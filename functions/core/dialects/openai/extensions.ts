// Fields around the conversation: guardrails, tiers, betas, metadata. Pure.
import { createHash } from 'node:crypto';
import type { ConverseCommandInput, ServiceTierType } from '@aws-sdk/client-bedrock-runtime';
import { asksToThink, refuseSwitchedOff } from '../../platform/features.ts';
import type { ModelFacts } from '../content/model-facts.ts';
import type { Warnings } from '../content/warnings.ts';
import type { ChatRequest } from './chat-request.ts';

type Request = Omit<ConverseCommandInput, 'modelId'>;

/** Betas of Anthropic's that Bedrock is known to take; an unknown one is refused there, and the whole request with it. */
const BETAS = [
  'interleaved-thinking-2025-05-14',
  'context-1m-2025-08-07',
  'token-efficient-tools-2025-02-19',
  'output-128k-2025-02-19',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'tool-search-tool-2025-10-19',
  'tool-examples-2025-10-29',
  'effort-2025-11-24',
  'compact-2026-01-12',
];
const INTERLEAVED = 'interleaved-thinking-2025-05-14';
/** Families that think between tool calls only with the beta. */
const INTERLEAVES_BY_BETA = new Set(['claude-budget', 'claude-budget-or-effort']);

export function betasOf(
  { extensions, tools }: ChatRequest,
  { vendor, family }: ModelFacts,
  isThinking: boolean,
  warnings: Warnings,
): Record<string, unknown> {
  const asked = extensions.betas;
  if (vendor !== 'anthropic') {
    if (asked.length > 0) warnings.drop('anthropic_beta', 'not taken by this model');
    return {};
  }
  const kept = new Set(asked.filter((beta) => BETAS.includes(beta)));
  if (kept.size < new Set(asked).size) warnings.note('anthropic_beta', 'betas that Amazon Bedrock does not take were left out');
  if (isThinking && tools.offered.length > 0 && INTERLEAVES_BY_BETA.has(family)) kept.add(INTERLEAVED);
  return kept.size > 0 ? { anthropic_beta: [...kept] } : {};
}

/** What is switched off cannot be asked for past Converse either. */
export function refuseFields(fields: ChatRequest['extensions']['additionalFields'], { switchedOff }: ModelFacts): void {
  if (!switchedOff) return;
  for (const [name, value] of Object.entries(fields ?? {})) {
    const param = `additionalModelRequestFields.${name}`;
    if (name === 'tools') refuseSwitchedOff(switchedOff, 'tools', param);
    if (/^(thinking|reasoning)/.test(name) && asksToThink(value)) refuseSwitchedOff(switchedOff, 'thinking', param);
  }
}

export function extensionFields({ extensions, isStream, stop }: ChatRequest, { vendor, abilities }: ModelFacts): Partial<Request> {
  const { guardrailConfig, performanceConfig, promptVariables, additionalModelResponseFieldPaths } = extensions;
  const isStreamed = isStream && abilities.streaming;
  const { streamProcessingMode, ...guardrail } = guardrailConfig ?? {};
  // Which of the stop strings ended the answer, Claude tells only when asked.
  const stopPath = vendor === 'anthropic' && stop.length > 0 ? [isStreamed ? '/delta/stop_sequence' : '/stop_sequence'] : [];
  const paths = [...new Set([...stopPath, ...(additionalModelResponseFieldPaths ?? [])])];
  return {
    ...(guardrailConfig && { guardrailConfig: { ...guardrail, ...(isStreamed && streamProcessingMode && { streamProcessingMode }) } }),
    ...(performanceConfig && { performanceConfig }),
    ...(promptVariables && { promptVariables }),
    ...(paths.length > 0 && { additionalModelResponseFieldPaths: paths }),
  };
}

export function serviceTierOf({ extensions }: ChatRequest, warnings: Warnings): Partial<Request> {
  const { serviceTier } = extensions;
  if (serviceTier === 'scale') warnings.drop('service_tier', 'there is no such tier; the default is used');
  if (serviceTier === null || serviceTier === 'auto' || serviceTier === 'scale') return {};
  return { serviceTier: { type: serviceTier satisfies ServiceTierType } };
}

const MAX_PAIRS = 16;
const LEGAL = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/;

/** Only for AWS's log of invocations. A user is told as a hash: the log is no place for a name. */
export function metadataOf({ metadata, user }: ChatRequest, sendsUser: boolean, warnings: Warnings): Partial<Request> {
  const legal = Object.entries(metadata).filter(([key, value]) => LEGAL.test(key) && LEGAL.test(value));
  const kept = legal.slice(0, MAX_PAIRS);
  if (kept.length < Object.keys(metadata).length) warnings.drop('metadata', 'pairs that Amazon Bedrock does not take were left out');
  if (sendsUser && user !== null && kept.length < MAX_PAIRS) kept.push(['user_id', hashOf(user)]);
  return kept.length > 0 ? { requestMetadata: Object.fromEntries(kept) } : {};
}

/** Anthropic's own field for the same, where the operator wants it sent. */
export function userFieldOf({ user }: ChatRequest, { vendor }: ModelFacts, sendsUser: boolean): Record<string, unknown> {
  return sendsUser && user !== null && vendor === 'anthropic' ? { metadata: { user_id: hashOf(user) } } : {};
}

function hashOf(user: string): string {
  return createHash('sha256').update(user).digest('hex');
}
