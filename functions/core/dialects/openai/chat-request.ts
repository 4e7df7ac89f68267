// An OpenAI chat request: read once into a typed shape, then turned into a Converse request for the model it named. Pure.
import type { ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { type Body, invalid, numberIn, optionalBoolean, optionalNumber } from './fields.ts';
import { type ChatMessage, parseMessages, toConverseMessages } from './messages.ts';

export type ChatRequest = {
  model: string;
  messages: ChatMessage[];
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  stop: string[];
  isStream: boolean;
  includeUsage: boolean;
};

/** What a model takes, as far as this translation must know. */
export type ChatAbilities = {
  abilities: { sampling: boolean; temperatureAndTopP: boolean; prefill: boolean };
  limits: { maxOutputTokens: number; defaultMaxTokens: number };
  /** Vendors other than OpenAI take a temperature up to 1. */
  vendor: string;
};

/** `warnings` name each field that was dropped or changed, as `field;reason`. */
export type Translated = { request: Omit<ConverseCommandInput, 'modelId'>; warnings: string[] };

/** Fields that ask for another shape of answer than the gateway gives. Refused, never ignored. */
const REFUSED: [name: string, isAsked: (value: unknown) => boolean, why: string][] = [
  ['n', (value) => value !== 1, 'Only one answer is given per request; send n requests instead.'],
  ['logprobs', (value) => value !== false, 'Amazon Bedrock gives no log probabilities.'],
  ['top_logprobs', (value) => value !== 0, 'Amazon Bedrock gives no log probabilities.'],
  ['tools', (value) => !Array.isArray(value) || value.length > 0, 'Tools are not supported yet.'],
  ['functions', (value) => !Array.isArray(value) || value.length > 0, 'Functions are not supported yet.'],
  ['response_format', (value) => (value as { type?: unknown }).type !== 'text', 'Only the format "text" is supported yet.'],
  ['modalities', (value) => Array.isArray(value) && value.includes('audio'), 'Answers are text only.'],
];

/** Fields that only tune: dropped with a warning when they ask for something. */
const DROPPED = [
  'seed',
  'logit_bias',
  'presence_penalty',
  'frequency_penalty',
  'prediction',
  'verbosity',
  'reasoning_effort',
  'service_tier',
];

export function parseChatRequest(body: unknown): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid(
      '',
      `The body must be a JSON object, not ${Array.isArray(body) ? 'an array' : body === null ? 'null' : `a ${typeof body}`}.`,
    );
  }
  const fields = body as Body;
  if (fields.model === undefined || fields.model === null || fields.model === '') {
    throw new GatewayError('missing_required_parameter', 'You must provide a model parameter.', { param: 'model' });
  }
  if (typeof fields.model !== 'string') throw invalid('model', `model must be a string, not a ${typeof fields.model}.`);
  for (const [name, isAsked, why] of REFUSED) {
    const value = fields[name];
    if (value != null && isAsked(value)) throw new GatewayError('unsupported_value', `${name} is not supported: ${why}`, { param: name });
  }
  const isStream = optionalBoolean(fields, 'stream') ?? false;
  return {
    model: fields.model,
    messages: parseMessages(fields.messages),
    maxTokens: numberIn(fields, 'max_completion_tokens', 1) ?? numberIn(fields, 'max_tokens', 1),
    temperature: optionalNumber(fields, 'temperature', 0, 2),
    topP: optionalNumber(fields, 'top_p', 0, 1),
    stop: parseStop(fields.stop),
    isStream,
    includeUsage: parseStreamOptions(fields, isStream),
  };
}

/** The same request as Converse wants it, with what the model does not take left out and named in the warnings. */
export function toConverse(chat: ChatRequest, body: Body, model: ChatAbilities): Translated {
  const warnings = DROPPED.filter((name) => isTuned(body[name])).map((name) => `${name};dropped`);
  const { sampling, temperatureAndTopP } = model.abilities;
  let { temperature, topP } = chat;
  if (!sampling && temperature !== null) warnings.push('temperature;not taken by this model');
  if (!sampling && topP !== null) warnings.push('top_p;not taken by this model');
  if (!sampling) [temperature, topP] = [null, null];
  if (temperature !== null && temperature > 1 && model.vendor !== 'openai') {
    warnings.push('temperature;lowered to 1');
    temperature = 1;
  }
  if (temperature !== null && topP !== null && !temperatureAndTopP) {
    warnings.push('top_p;this model takes temperature or top_p');
    topP = null;
  }
  const { system, messages } = toConverseMessages(chat.messages, { prefill: model.abilities.prefill });
  const inferenceConfig = {
    maxTokens: maxTokensOf(chat, model, warnings),
    ...(temperature !== null && { temperature }),
    ...(topP !== null && { topP }),
    ...(chat.stop.length > 0 && { stopSequences: chat.stop }),
  };
  return { request: { messages, ...(system.length > 0 && { system }), inferenceConfig }, warnings };
}

/** Never left out: Bedrock would take the model's maximum, reserve quota for all of it, and the hold would have to pay for it. */
function maxTokensOf({ maxTokens }: ChatRequest, { limits }: ChatAbilities, warnings: string[]): number {
  if (maxTokens === null) return limits.defaultMaxTokens;
  if (maxTokens <= limits.maxOutputTokens) return maxTokens;
  warnings.push(`max_tokens;lowered to ${limits.maxOutputTokens}`);
  return limits.maxOutputTokens;
}

function parseStop(stop: unknown): string[] {
  if (stop === undefined || stop === null) return [];
  const list = Array.isArray(stop) ? stop : [stop];
  list.forEach((member, index) => {
    if (typeof member !== 'string')
      throw invalid(Array.isArray(stop) ? `stop[${index}]` : 'stop', 'stop must be a string or an array of strings.');
  });
  return list.filter((member) => member.trim() !== '');
}

function parseStreamOptions(fields: Body, isStream: boolean): boolean {
  const options = fields.stream_options;
  if (options === undefined || options === null) return false;
  if (typeof options !== 'object') throw invalid('stream_options', 'stream_options must be an object.');
  if (!isStream) throw invalid('stream_options', 'stream_options is only allowed when stream is true.');
  return optionalBoolean(options as Body, 'include_usage', 'stream_options.include_usage') ?? false;
}

function isTuned(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === 'auto') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
