// What a translation must know about a model. Structural: the catalog's `Model` fits it. Types only.
import type { Feature } from '../../platform/features.ts';

export type Effort = 'none' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type ReasoningStyle =
  | 'budget'
  | 'budget-or-effort'
  | 'adaptive-or-budget'
  | 'adaptive'
  | 'always-adaptive'
  | 'nova-effort'
  | 'flat-effort'
  | 'nested-effort'
  | 'deepseek-effort'
  | 'always-on';

export type ModelAbilities = {
  streaming: boolean;
  tools: boolean;
  /** The furthest form of toolChoice the target accepts. */
  toolChoice: 'none' | 'auto' | 'any' | 'named';
  forcedTools: boolean;
  vision: boolean;
  documents: boolean;
  video: boolean;
  audio: boolean;
  reasoning: false | { style: ReasoningStyle; efforts: readonly Effort[] };
  promptCaching: false | { oneHour: boolean; tools: boolean };
  structuredOutput: 'native' | 'tool' | 'instruction';
  strictTools: boolean;
  sampling: boolean;
  temperatureAndTopP: boolean;
  prefill: boolean;
};

export type ModelFacts = {
  /** Rows of quirk tables are keyed by it. */
  family: string;
  vendor: string;
  abilities: ModelAbilities;
  limits: { maxOutputTokens: number; defaultMaxTokens: number };
  /** What an administrator has switched off; whoever asks for it is refused in words that say so. */
  switchedOff?: readonly Feature[];
};
