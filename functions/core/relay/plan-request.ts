// What a relayed request can cost at the most, and the body that is sent for it. Pure. Nothing is changed but the model's name, the limit of
// the answer, and that a stream tells its usage.
import { GatewayError } from '../platform/errors.ts';
import { inputTokensOf } from './input-tokens.ts';
import { expectUniqueMembers, withMembers } from './members.ts';
import { refuseUnpriced } from './unpriced.ts';

type Fields = Record<string, unknown>;

/** A body as it came, and what it says. */
export type Body = { text: string; fields: Fields };

/** The model it goes to: what the upstream calls it, and what it takes. */
export type Destination = {
  model: string;
  maxTokensField: string;
  limits: { contextTokens: number; maxOutputTokens: number; defaultMaxTokens: number };
};

export type RelayPlan = {
  isStream: boolean;
  /** The usage of the stream was asked for by us, and the client must not see it. */
  hidesUsage: boolean;
  inputTokens: number;
  /** How many answers are made, each of `maxTokens` at the most. */
  choices: number;
  maxTokens: number;
  /** The answer may be shortened to what the money buys. */
  isLowerable: boolean;
  warnings: string[];
  toBody: (maxTokens: number) => string;
};

type Route = {
  /** Fields that limit the answer. None: there is no answer but numbers. */
  limits: readonly string[];
  /** The field put in where none is given, and its value; `null`: nothing is put in, and the model's own limits hold. */
  toLimit: (to: Destination) => [name: string, value: number] | null;
  asksUsage: boolean;
};

const ROUTES: Record<string, Route> = {
  'chat/completions': {
    limits: ['max_completion_tokens', 'max_tokens'],
    toLimit: ({ maxTokensField, limits }) => [maxTokensField, limits.defaultMaxTokens],
    asksUsage: true,
  },
  // 16 is OpenAI's own default, which clients of this route count on.
  completions: { limits: ['max_tokens'], toLimit: ({ limits }) => ['max_tokens', Math.min(16, limits.maxOutputTokens)], asksUsage: true },
  embeddings: { limits: [], toLimit: () => null, asksUsage: false },
  responses: { limits: ['max_output_tokens'], toLimit: ({ limits }) => ['max_output_tokens', limits.defaultMaxTokens], asksUsage: false },
};
const UNKNOWN: Route = { limits: ['max_output_tokens', 'max_completion_tokens', 'max_tokens'], toLimit: () => null, asksUsage: false };

/** Throws what is not valid, and what the ledger could not price. */
export function planRequest(path: string, { text, fields }: Body, to: Destination): RelayPlan {
  expectUniqueMembers(text);
  refuseUnpriced(fields);
  const route = ROUTES[path] ?? UNKNOWN;
  const { limits } = to;
  const isStream = booleanOf(fields, 'stream');
  const given = route.limits.flatMap((name) => (fields[name] == null ? [] : [{ name, value: wholeOf(fields, name) }]));
  const added = given.length === 0 && limits.maxOutputTokens > 0 ? route.toLimit(to) : null;
  const asked = added ? added[1] : Math.max(...given.map(({ value }) => value), given.length === 0 ? limits.maxOutputTokens : 1);
  const maxTokens = Math.min(asked, limits.maxOutputTokens);
  const prompts = path === 'completions' ? promptsOf(fields.prompt) : 1;
  const options = (fields.stream_options ?? {}) as Fields;
  const hidesUsage = isStream && route.asksUsage && options.include_usage !== true;

  return {
    isStream,
    hidesUsage,
    inputTokens: boundOf(path, fields, to, prompts),
    choices: prompts * Math.max(wholeOf(fields, 'n', 1), wholeOf(fields, 'best_of', 1)),
    maxTokens,
    isLowerable: given.length > 0 || added !== null,
    warnings: asked > maxTokens ? [`${given[0]!.name};above the model's maximum`] : [],
    toBody(most) {
      const members: Fields = { model: to.model };
      if (added) members[added[0]] = most;
      for (const { name, value } of given) if (value > most) members[name] = most;
      if (hidesUsage) members.stream_options = { ...options, include_usage: true };
      return withMembers(text, members);
    },
  };
}

/** Of a path nobody knows: its longest list may mean that all the rest is read once for each member, as it is in reranking. */
function boundOf(path: string, fields: Fields, { limits }: Destination, prompts: number): number {
  const isEmbedding = path === 'embeddings';
  const isKnown = ROUTES[path] !== undefined;
  const window = isEmbedding || !isKnown ? Number.POSITIVE_INFINITY : limits.contextTokens * prompts;
  const bound = inputTokensOf(fields, { window, isSpelledOut: isEmbedding });
  const repeated = isKnown
    ? 1
    : Object.values(fields).reduce((most: number, value) => Math.max(most, Array.isArray(value) ? value.length : 1), 1);
  // What cannot be measured on such a path has no bound.
  if (bound === Number.POSITIVE_INFINITY) return limits.contextTokens;
  return bound * repeated;
}

function promptsOf(prompt: unknown): number {
  const isMany = Array.isArray(prompt) && prompt.length > 0 && prompt.every((one) => typeof one !== 'number');
  return isMany ? prompt.length : 1;
}

function booleanOf(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new GatewayError('invalid_value', `${name} must be true or false.`, { param: name });
}

/** Some servers read "5" as 5; here it would mean that nobody had counted it. */
function wholeOf(fields: Fields, name: string, fallback?: number): number {
  const value = fields[name] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new GatewayError('invalid_value', `${name} must be a whole number of at least 1.`, { param: name });
}
