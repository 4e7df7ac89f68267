// What a body may ask for that the ledger could not price: refused, with the reason, before anything is sent. Pure.
import { GatewayError } from '../platform/errors.ts';

type Fields = Record<string, unknown>;
type Rule = [name: string, isAsked: (value: unknown) => boolean, why: string];

const always = () => true;
const OTHER_MODEL = 'the model is named by the model field alone';
const OTHER_LIMIT = 'the length of the answer is limited by max_completion_tokens or max_tokens';

const RULES: Rule[] = [
  ['web_search_options', always, 'searches have a price of their own'],
  ['plugins', always, 'plugins have a price of their own'],
  ['modalities', (value) => !Array.isArray(value) || value.some((one) => one !== 'text'), 'only text has a price'],
  ['audio', always, 'only text has a price'],
  ['service_tier', (value) => !['auto', 'default', 'flex'].includes(value as string), 'that tier has a price of its own'],
  ['prediction', always, 'predicted tokens that are rejected are billed without a limit'],
  ['background', (value) => value !== false, 'an answer in the background would come without its usage'],
  ['models', always, OTHER_MODEL],
  ['fallbacks', always, OTHER_MODEL],
  ['route', always, OTHER_MODEL],
  ['provider', always, OTHER_MODEL],
  ['n_predict', always, OTHER_LIMIT],
  ['num_predict', always, OTHER_LIMIT],
  ['max_new_tokens', always, OTHER_LIMIT],
  ['max_length', always, OTHER_LIMIT],
];

export function refuseUnpriced(body: Fields): void {
  for (const [name, isAsked, why] of RULES) {
    const value = body[name];
    if (value !== undefined && value !== null && isAsked(value)) throw refused(name, why);
  }
  for (const [index, tool] of listOf(body.tools).entries()) {
    const { type } = (tool ?? {}) as Fields;
    if (type !== 'function' && type !== 'custom')
      throw refused(`tools[${index}].type`, 'only functions and custom tools are without a price');
  }
  for (const [index, message] of listOf(body.messages).entries()) {
    const parts = listOf((message as Fields | null)?.content);
    const at = parts.findIndex((part) => (part as Fields | null)?.type === 'input_audio');
    if (at >= 0) throw refused(`messages[${index}].content[${at}]`, 'only text and pictures have a price');
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function refused(param: string, why: string): GatewayError {
  return new GatewayError('unsupported_value', `${param} is not relayed: ${why}.`, { param });
}
