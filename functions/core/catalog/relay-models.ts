// Models that an administrator adds and whose calls are relayed: parsed into the same type as every other model. Pure.
import {
  expectOnly,
  type Fields,
  fieldsOf,
  mistake,
  optionalTextOf,
  textOf,
  textsOf,
  wholeOf,
  wordOf,
} from '../platform/setting-fields.ts';
import type { Abilities, Limits, Model, ModelKind } from './model.ts';
import { type Price, type PriceDigits, toPrice } from './prices.ts';

/** A model and its price; `null` where none is given, and then no key with a limit may call it. */
export type RelayModel = { model: Model; price: Price | null };

const KNOWN = [
  'relay',
  'target',
  'kind',
  'aliases',
  'displayName',
  'vendor',
  'price',
  'contextTokens',
  'maxOutputTokens',
  'defaultMaxTokens',
  'maxTokensField',
  'abilities',
  'paths',
];
const RATES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;
const PRICES: readonly string[] = RATES;
const ABILITIES = ['tools', 'vision', 'documents', 'reasoning'];
const PATH = /^[a-z0-9_-]+(\/[a-z0-9_-]+)*$/;
const DEFAULT_MAX_TOKENS = 4096;

/** Nothing is translated for these models, so most flags are never asked; what is told is what `/v1/models` shows. */
const PLAIN: Abilities = {
  streaming: true,
  tools: false,
  toolsInStream: true,
  toolChoice: 'named',
  forcedTools: true,
  vision: false,
  documents: false,
  video: false,
  audio: false,
  reasoning: false,
  promptCaching: false,
  structuredOutput: 'native',
  strictTools: true,
  sampling: true,
  temperatureAndTopP: true,
  prefill: false,
  countTokens: false,
};

/** `version` is written to the journal beside every charge by this price. */
export function parseRelayModel(name: string, value: unknown, version: string): RelayModel {
  const path = `models.${name}`;
  const fields = fieldsOf(value, path);
  expectOnly(fields, KNOWN, path);
  const relay = textOf(fields, 'relay', path);
  const target = textOf(fields, 'target', path);
  const kind = wordOf(fields, 'kind', ['chat', 'embedding'], 'chat', path);
  const told = textsOf(fields, 'abilities', path, ABILITIES);
  const paths = textsOf(fields, 'paths', path);
  for (const one of paths) if (!PATH.test(one)) throw new Error(`${path}.paths must hold paths below /v1 such as "responses".`);
  const model: Model = {
    name,
    aliases: textsOf(fields, 'aliases', path),
    kind,
    vendor: optionalTextOf(fields, 'vendor', path) ?? relay,
    displayName: optionalTextOf(fields, 'displayName', path) ?? name,
    family: 'relay',
    foundationId: name,
    target: `${relay}/${target}`,
    transport: 'relay',
    createdAt: 0,
    abilities: {
      ...PLAIN,
      streaming: kind === 'chat',
      tools: told.includes('tools'),
      vision: told.includes('vision'),
      documents: told.includes('documents'),
      reasoning: told.includes('reasoning') && { style: 'always-on', efforts: [] },
    },
    limits: limitsOf(fields, kind, path),
    lifecycle: 'active',
    relay: {
      name: relay,
      model: target,
      maxTokensField: wordOf(fields, 'maxTokensField', ['max_completion_tokens', 'max_tokens'], 'max_completion_tokens', path),
      paths,
    },
  };
  return { model, price: fields.price === undefined ? null : priceOf(name, fieldsOf(fields.price, `${path}.price`), version) };
}

function limitsOf(fields: Fields, kind: ModelKind, path: string): Limits {
  const contextTokens = wholeOf(fields, 'contextTokens', 1, path);
  if (kind !== 'chat') return { contextTokens, maxOutputTokens: 0, defaultMaxTokens: 0 };
  const maxOutputTokens = wholeOf(fields, 'maxOutputTokens', 1, path);
  const usual = Math.min(DEFAULT_MAX_TOKENS, Math.ceil(maxOutputTokens / 2));
  const defaultMaxTokens = fields.defaultMaxTokens === undefined ? usual : wholeOf(fields, 'defaultMaxTokens', 1, path);
  if (defaultMaxTokens > maxOutputTokens) throw mistake(`${path}.defaultMaxTokens`, defaultMaxTokens, 'at most maxOutputTokens');
  return { contextTokens, maxOutputTokens, defaultMaxTokens };
}

function priceOf(name: string, fields: Fields, version: string): Price {
  const path = `models.${name}.price`;
  expectOnly(fields, [...PRICES, 'longContext'], path);
  const digits = digitsOf(fields, path);
  const row: PriceDigits = { ...digits };
  if (fields.longContext !== undefined) {
    const long = fieldsOf(fields.longContext, `${path}.longContext`);
    expectOnly(long, [...PRICES, 'fromInputTokens'], `${path}.longContext`);
    const fromInputTokens = wholeOf(long, 'fromInputTokens', 1, `${path}.longContext`);
    row.longContext = { fromInputTokens, ...digitsOf(long, `${path}.longContext`) };
  }
  const price = toPrice(row, version, name);
  const rates = price.longContext?.rates ?? price;
  // The bound of a call is of more tokens than the call has, so more tokens may not be cheaper.
  const isCheaper = RATES.some((kind) => rates[kind] < price[kind]);
  if (isCheaper) throw new Error(`${path}.longContext must not be cheaper than the price below it.`);
  return price;
}

function digitsOf(fields: Fields, path: string) {
  return {
    input: textOf(fields, 'input', path),
    output: textOf(fields, 'output', path),
    cacheRead: optionalTextOf(fields, 'cacheRead', path),
    cacheWrite5m: optionalTextOf(fields, 'cacheWrite5m', path),
    cacheWrite1h: optionalTextOf(fields, 'cacheWrite1h', path),
  };
}
