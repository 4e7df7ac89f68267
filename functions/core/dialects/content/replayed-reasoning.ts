// Reasoning that a client gives back, for the model that is asked now. Law: only what its maker signed or sealed, and only to its maker;
// anything else is refused by the model, or leaks into the answer. Pure.
import type { ContentBlock } from '@aws-sdk/client-bedrock-runtime';
import type { ReplayedReasoning } from './message.ts';
import type { ModelFacts } from './model-facts.ts';

/** Vendor → the format its reasoning is marked with on the way out. */
const FORMATS: Record<string, string> = { anthropic: 'anthropic-claude-v1', openai: 'openai-responses-v1', amazon: 'amazon-nova-v1' };

/** Vendors whose models sign or seal what they think. Others never made what is given back without a word of where it came from. */
const SIGNERS = new Set([...Object.keys(FORMATS), 'outcrop']);

export function reasoningFormatOf(vendor: string): string | null {
  return FORMATS[vendor] ?? null;
}

export function toReasoningBlocks(replayed: ReplayedReasoning[], model: ModelFacts): ContentBlock[] {
  if (!model.abilities.reasoning || !SIGNERS.has(model.vendor)) return [];
  return replayed
    .filter(({ format }) => format === null || format === 'unknown' || format === reasoningFormatOf(model.vendor))
    .filter(({ block }) => model.vendor !== 'openai' || block.redactedContent !== undefined)
    .map(({ block }) => ({ reasoningContent: block }));
}
