// An OpenAI chat request, read once into a typed shape and checked as far as that needs no model. Pure.
import { GatewayError } from '../../platform/errors.ts';
import type { CachePlacement } from '../content/cache-points.ts';
import type { CacheTtl, ChatMessage } from '../content/message.ts';
import type { AskedReasoning } from '../content/reasoning.ts';
import type { AskedSampling } from '../content/sampling.ts';
import type { AskedFormat } from '../content/structured-output.ts';
import { ttlOf } from './cache-marks.ts';
import { type Body, invalid, numberIn, optionalBoolean, optionalObject, optionalString } from './fields.ts';
import { type Extensions, type Header, parseExtensions } from './parse-extensions.ts';
import { parseFormat } from './parse-format.ts';
import { parseMessages, spokenAnswersOf } from './parse-messages.ts';
import { droppedOf, parseMetadata, parseSampling, parseStop, parseStreamOptions, parseWebSearch, refuse } from './parse-parameters.ts';
import { parseReasoning } from './parse-reasoning.ts';
import { type ParsedTools, parseTools } from './parse-tools.ts';

export type ChatRequest = {
  model: string;
  messages: ChatMessage[];
  maxTokens: number | null;
  /** Which of the two fields said so. */
  maxTokensField: 'max_completion_tokens' | 'max_tokens';
  sampling: AskedSampling;
  stop: string[];
  isStream: boolean;
  includeUsage: boolean;
  tools: ParsedTools;
  format: AskedFormat;
  reasoning: AskedReasoning | null;
  /** The client wants to see the reasoning. */
  showsReasoning: boolean;
  caching: Caching;
  searchesWeb: boolean;
  metadata: Record<string, string>;
  user: string | null;
  extensions: Extensions;
  /** Paths of fields that no model takes. */
  dropped: string[];
};

export type Caching = {
  /** `null`: as the key or the gateway has it. */
  placement: CachePlacement | null;
  ttl: CacheTtl;
  /** The field that asked for another time than Bedrock's usual minutes, and whether it was one that Bedrock knows. */
  wish: { field: string; isHour: boolean } | null;
};

/** `header` answers the request's header of a name; some clients say there what OpenAI's body has no field for. */
export function parseChatRequest(body: unknown, header: Header = () => undefined): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const given = Array.isArray(body) ? 'an array' : body === null ? 'null' : `a ${typeof body}`;
    throw invalid('', `The body must be a JSON object, not ${given}.`);
  }
  const fields = body as Body;
  const model = parseModel(fields);
  refuse(fields);
  const isStream = optionalBoolean(fields, 'stream') ?? false;
  const messages = parseMessages(fields.messages);
  const reasoning = parseReasoning(fields, header('think-budget'));
  return {
    model,
    messages,
    maxTokens: numberIn(fields, 'max_completion_tokens', 1) ?? numberIn(fields, 'max_tokens', 1),
    maxTokensField: fields.max_completion_tokens == null ? 'max_tokens' : 'max_completion_tokens',
    sampling: parseSampling(fields),
    stop: parseStop(fields.stop),
    isStream,
    includeUsage: parseStreamOptions(fields, isStream),
    tools: parseTools(fields),
    format: parseFormat(fields),
    reasoning: reasoning.asked,
    showsReasoning: reasoning.isShown,
    caching: parseCaching(fields),
    searchesWeb: parseWebSearch(fields),
    metadata: parseMetadata(fields),
    user: optionalString(fields, 'safety_identifier') ?? optionalString(fields, 'user'),
    extensions: parseExtensions(fields, header),
    dropped: [...droppedOf(fields), ...spokenAnswersOf(fields.messages)],
  };
}

function parseModel({ model }: Body): string {
  if (model === undefined || model === null || model === '') {
    throw new GatewayError('missing_required_parameter', 'You must provide a model parameter.', { param: 'model' });
  }
  if (typeof model !== 'string') throw invalid('model', `model must be a string, not a ${typeof model}.`);
  return model;
}

function parseCaching(fields: Body): Caching {
  const options = optionalObject(fields, 'prompt_cache_options');
  const caching = optionalBoolean(fields, 'caching');
  const own = optionalString(fields, 'cache_ttl');
  if (own !== null && own !== '5m' && own !== '1h') throw invalid('cache_ttl', 'cache_ttl must be "5m" or "1h".');
  // Who names a time in the words that have no other meaning wants it cached.
  const isAuto = caching ?? (own !== null || null);
  const isExplicit = options?.mode === 'explicit';
  const placement = isAuto === false ? 'none' : isExplicit ? 'explicit' : isAuto ? 'auto' : null;
  const field = own !== null ? 'cache_ttl' : options?.ttl == null ? 'prompt_cache_retention' : 'prompt_cache_options.ttl';
  const asked = own ?? options?.ttl ?? fields.prompt_cache_retention;
  const isUsual = asked == null || asked === 'in_memory' || asked === '5m';
  return { placement, ttl: asked === 'in_memory' ? '5m' : ttlOf(asked), wish: isUsual ? null : { field, isHour: asked === '1h' } };
}
