// OpenAI's legacy completions: each prompt is a chat of one message, so that every rule for a chat holds for it too. Pure.
import type { ConverseStreamOutput, StopReason, TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { parseBody } from './body.ts';
import { type Body, invalid, numberIn, shown } from './fields.ts';
import { toFinishReason } from './finish-reason.ts';

/** `chats`: one body of a chat request for each prompt, in their order. */
export type CompletionRequest = { chats: [Body, ...Body[]] };

/** What a completion says when it is whole: the text and why it ended. */
export type CompletionFold = {
  hear(event: ConverseStreamOutput): void;
  choice(index: number): object;
  usage(): TokenUsage | undefined;
};

/** OpenAI's default, which clients of this route count on. */
const DEFAULT_MAX_TOKENS = 16;
/** A request is answered as a whole, so it must not take for ever. */
const PROMPTS_MAX = 128;

/** Fields that mean the same in a chat, and are checked there. */
const SHARED = [
  'model',
  'n',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'user',
  'service_tier',
  'metadata',
];

/** Fields that ask for what Bedrock cannot give. Refused, never ignored. */
const REFUSED: [name: string, isAsked: (value: unknown) => boolean, why: string][] = [
  ['suffix', (value) => value !== '', 'Text cannot be inserted before a suffix.'],
  ['echo', (value) => value !== false, 'The prompt is not repeated in the answer.'],
  ['best_of', (value) => value !== 1, 'Answers cannot be ranked; Amazon Bedrock gives no log probabilities.'],
  ['logprobs', (value) => value !== false, 'Amazon Bedrock gives no log probabilities.'],
];

export function parseCompletionRequest(body: unknown): CompletionRequest {
  const fields = parseBody(body);
  for (const [name, isAsked, why] of REFUSED) {
    const value = fields[name];
    if (value != null && isAsked(value)) throw new GatewayError('unsupported_value', `${name} is not supported: ${why}`, { param: name });
  }
  const prompts = parsePrompts(fields.prompt);
  if (prompts.length > 1 && fields.stream === true) {
    throw new GatewayError('unsupported_value', 'Only a single prompt can be streamed; send one request for each.', { param: 'prompt' });
  }
  const shared = Object.fromEntries(SHARED.filter((name) => name in fields).map((name) => [name, fields[name]]));
  const maxTokens = numberIn(fields, 'max_tokens', 1) ?? DEFAULT_MAX_TOKENS;
  const toChat = (content: string): Body => ({ ...shared, max_tokens: maxTokens, messages: [{ role: 'user', content }] });
  return { chats: prompts.map(toChat) as [Body, ...Body[]] };
}

export function foldCompletion(): CompletionFold {
  let text = '';
  let stopReason: StopReason | undefined;
  let usage: TokenUsage | undefined;
  return {
    hear({ contentBlockDelta, messageStop, metadata }) {
      text += contentBlockDelta?.delta?.text ?? '';
      if (messageStop) stopReason = messageStop.stopReason;
      if (metadata) usage = metadata.usage;
    },
    choice: (index) => ({ text, index, logprobs: null, finish_reason: toFinishReason(stopReason, false) }),
    usage: () => usage,
  };
}

function parsePrompts(prompt: unknown): string[] {
  if (prompt === undefined || prompt === null) {
    throw new GatewayError('missing_required_parameter', 'You must provide prompt: a string or an array of strings.', { param: 'prompt' });
  }
  if (!Array.isArray(prompt)) return [parsePrompt(prompt, 'prompt')];
  if (prompt.length === 0) throw invalid('prompt', 'prompt must hold at least one string.');
  if (prompt.length > PROMPTS_MAX) throw invalid('prompt', `prompt holds ${prompt.length} strings; at most ${PROMPTS_MAX} are taken.`);
  return prompt.map((member, index) => parsePrompt(member, `prompt[${index}]`));
}

function parsePrompt(prompt: unknown, path: string): string {
  if (typeof prompt === 'string') return prompt;
  const isTokens = typeof prompt === 'number' || (Array.isArray(prompt) && prompt.every((member) => typeof member === 'number'));
  if (isTokens) throw invalid('prompt', 'prompt holds token ids, which mean nothing to this model; send strings.');
  throw invalid(path, `${path} must be a string, not ${shown(prompt)}.`);
}
