// What the gateway knows about a model: names, where its calls go, abilities and limits. Types only; the facts are in models.json.
import type { Feature } from '../platform/features.ts';

/** The rows of the quirk table (translation.md A.5, F.1, F.2). Code switches on this, never on a piece of a name. */
export type Family =
  // Claude, by how thinking is asked for.
  | 'claude-3' // no thinking
  | 'claude-budget' // thinking with a token budget
  | 'claude-budget-or-effort' // Opus 4.5: either
  | 'claude-adaptive-or-budget' // 4.6
  | 'claude-adaptive' // Opus 4.7, Opus 4.8, Sonnet 5
  | 'claude-opus-5' // may be disabled only with an effort of high or less
  | 'claude-always-adaptive' // cannot be disabled
  // Other chat families.
  | 'nova'
  | 'nova-2'
  | 'gpt-oss'
  | 'gpt'
  | 'deepseek-r1'
  | 'deepseek-v3'
  | 'qwen'
  | 'kimi'
  | 'minimax'
  | 'glm'
  | 'nemotron'
  | 'mistral'
  | 'llama'
  | 'gemma'
  | 'cohere-command'
  | 'jamba'
  | 'palmyra'
  | 'standin'
  | 'relay' // never translated
  // Embeddings and images, by the shape of the InvokeModel body.
  | 'titan-embed-v1'
  | 'titan-embed-v2'
  | 'titan-embed-image'
  | 'cohere-embed-v3'
  | 'cohere-embed-v4'
  | 'nova-embed'
  | 'amazon-image'
  | 'stability-image';

export type ModelKind = 'chat' | 'embedding' | 'image';

/** `converse` is translated; `invoke` sends the model's own body; `relay` sends the client's body as it came. */
export type Transport = 'converse' | 'invoke' | 'relay';

/** Where a relayed model's calls go. */
export type RelayTarget = {
  /** Which of the configured upstreams. */
  name: string;
  /** What the upstream calls the model. */
  model: string;
  /** The field by which this target takes a limit of the answer; put in where a client says none. */
  maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** Paths below /v1, beyond those the gateway knows, whose answers tell their usage. */
  paths: readonly string[];
};

/** How reasoning is asked for on the wire. */
export type ReasoningStyle =
  | 'budget' // thinking {enabled, budget_tokens}
  | 'budget-or-effort' // budget, or output_config.effort
  | 'adaptive-or-budget' // thinking {adaptive} + effort, or budget
  | 'adaptive' // thinking {adaptive} + effort
  | 'always-adaptive' // the same, and it cannot be turned off
  | 'nova-effort' // reasoningConfig.maxReasoningEffort
  | 'flat-effort' // reasoning_effort
  | 'nested-effort' // reasoning.effort
  | 'deepseek-effort' // reasoning_config, a string
  | 'always-on'; // it reasons; nothing to send

export type Effort = 'none' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type Reasoning = {
  style: ReasoningStyle;
  /** The levels the target accepts, weakest first; `none` among them when the target has a word for off. Empty without efforts. */
  efforts: readonly Effort[];
};

export type PromptCaching = {
  /** A shorter prefix is not cached. An upper guess where the true one is unknown. */
  minTokens: number;
  /** Accepts `ttl: 1h` on a cache point. */
  oneHour: boolean;
  /** Accepts cache points among the tools. */
  tools: boolean;
};

export type Abilities = {
  streaming: boolean;
  tools: boolean;
  /** Tools may go to ConverseStream; where not, a request with tools has to be asked without a stream. */
  toolsInStream: boolean;
  /** The furthest form of toolChoice the target accepts; each includes those before it. */
  toolChoice: 'none' | 'auto' | 'any' | 'named';
  /** `any` and `named` are accepted and obeyed. False also where the form is accepted and ignored. */
  forcedTools: boolean;
  vision: boolean;
  documents: boolean;
  video: boolean;
  audio: boolean;
  reasoning: false | Reasoning;
  promptCaching: false | PromptCaching;
  structuredOutput: 'native' | 'tool' | 'instruction';
  strictTools: boolean;
  /** Accepts temperature, top_p and top_k at all. */
  sampling: boolean;
  /** Accepts temperature and top_p in one request. */
  temperatureAndTopP: boolean;
  /** The last message may be the assistant's. */
  prefill: boolean;
  /** CountTokens answers for the foundation ID. */
  countTokens: boolean;
};

export type Limits = {
  contextTokens: number;
  /** The most a caller may ask for. */
  maxOutputTokens: number;
  /** Sent when a caller asks for none. Never the maximum: Bedrock reserves quota for it and the hold pays for it. */
  defaultMaxTokens: number;
};

/** `legacy` models are still listed; AWS has announced or made their end. */
export type Lifecycle = 'active' | 'legacy';

/** `region: null`: that of the gateway. */
export type KnowledgeBase = { id: string; region: string | null };

export type Model = {
  /** The name clients send and see. */
  name: string;
  aliases: readonly string[];
  kind: ModelKind;
  /** OpenAI's `owned_by`. */
  vendor: string;
  displayName: string;
  family: Family;
  /** The bare Bedrock ID: key of the price, and what CountTokens wants. */
  foundationId: string;
  /** The ID sent to Bedrock: an inference profile where the bare ID is not served on demand. */
  target: string;
  transport: Transport;
  /** Unix seconds; 0 when unknown. */
  createdAt: number;
  abilities: Abilities;
  limits: Limits;
  lifecycle: Lifecycle;
  /** Unix seconds of the announced end. */
  retiredAt?: number;
  /** What an administrator has switched off for all models; its abilities are those without. */
  switchedOff?: readonly Feature[];
  /** Where what the model is to answer from is looked up before it is asked. */
  knowledgeBase?: KnowledgeBase;
  /** There, and only there, where `transport` is `relay`. */
  relay?: RelayTarget;
};
