// Fields that are plain values, and what becomes of those Bedrock has no word for: refused where they change the shape of the answer,
// dropped where they only tune. Pure.
import { GatewayError } from '../../platform/errors.ts';
import type { AskedSampling } from '../content/sampling.ts';
import { type Body, invalid, isBody, numberIn, optionalBoolean, optionalNumber, optionalObject } from './fields.ts';

type Refusal = { name: string; isAsked: (value: unknown) => boolean; code: 'unsupported_value' | 'unsupported_parameter'; why: string };

const NO_PROBABILITIES = { code: 'unsupported_parameter', why: 'Amazon Bedrock gives no log probabilities.' } as const;

/** Fields that ask for another shape of answer than the gateway gives. Refused, never ignored. */
const REFUSED: Refusal[] = [
  {
    name: 'n',
    isAsked: (value) => value !== 1,
    code: 'unsupported_value',
    why: 'Only one answer is given per request; send n requests instead.',
  },
  { name: 'logprobs', isAsked: (value) => value !== false, ...NO_PROBABILITIES },
  { name: 'top_logprobs', isAsked: (value) => value !== 0, ...NO_PROBABILITIES },
  {
    name: 'modalities',
    isAsked: (value) => !Array.isArray(value) || value.some((one) => one !== 'text'),
    code: 'unsupported_value',
    why: 'Answers are text only.',
  },
];

/** Fields that only tune, and no model on Converse takes: dropped with a warning when they ask for something. */
const DROPPED: [name: string, isAsked: (value: unknown) => boolean][] = [
  ['seed', () => true],
  ['prediction', () => true],
  ['verbosity', () => true],
  ['store', (value) => value === true],
  ['moderation', () => true],
];

export function refuse(body: Body): void {
  for (const { name, isAsked, code, why } of REFUSED) {
    const value = body[name];
    if (value != null && isAsked(value)) throw new GatewayError(code, `${name} is not supported: ${why}`, { param: name });
  }
}

export function droppedOf(body: Body): string[] {
  return DROPPED.filter(([name, isAsked]) => body[name] != null && isAsked(body[name])).map(([name]) => name);
}

export function parseSampling(body: Body): AskedSampling {
  return {
    temperature: optionalNumber(body, 'temperature', 0, 2),
    topP: optionalNumber(body, 'top_p', 0, 1),
    topK: numberIn(body, 'top_k', 0),
    presencePenalty: optionalNumber(body, 'presence_penalty', -2, 2),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', -2, 2),
    logitBias: parseLogitBias(body),
  };
}

function parseLogitBias(body: Body): Record<string, number> | null {
  const bias = optionalObject(body, 'logit_bias');
  if (!bias || Object.keys(bias).length === 0) return null;
  if (!Object.values(bias).every((value) => typeof value === 'number'))
    throw invalid('logit_bias', 'logit_bias must map token ids to numbers.');
  return bias as Record<string, number>;
}

export function parseStop(stop: unknown): string[] {
  if (stop === undefined || stop === null) return [];
  const list = Array.isArray(stop) ? stop : [stop];
  list.forEach((member, index) => {
    if (typeof member !== 'string')
      throw invalid(Array.isArray(stop) ? `stop[${index}]` : 'stop', 'stop must be a string or an array of strings.');
  });
  // Converse refuses empty ones, and white space alone.
  return list.filter((member) => member.trim() !== '');
}

export function parseStreamOptions(body: Body, isStream: boolean): boolean {
  const options = optionalObject(body, 'stream_options');
  if (!options) return false;
  if (!isStream) throw invalid('stream_options', 'stream_options is only allowed when stream is true.');
  return optionalBoolean(options, 'include_usage', 'stream_options.include_usage') ?? false;
}

/** For the log of invocations in AWS only. */
export function parseMetadata(body: Body): Record<string, string> {
  const metadata = { ...optionalObject(body, 'metadata'), ...optionalObject(body, 'requestMetadata') };
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw invalid(`metadata.${key.slice(0, 64)}`, 'The values of metadata must be strings.');
  }
  return metadata as Record<string, string>;
}

/** Nova's own search; asked for by an object, also an empty one. */
export function parseWebSearch(body: Body): boolean {
  return isBody(body.web_search_options);
}
