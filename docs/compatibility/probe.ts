// One thing a client may send, tried on one model: what became of it. The page on compatibility is made of these, so it says what the code does.
import type { Model } from '../../functions/core/catalog/model.ts';
import { parseChatRequest } from '../../functions/core/dialects/openai/chat-request.ts';
import { DEFAULT_OPTIONS, type TranslationOptions, toConverse } from '../../functions/core/dialects/openai/to-converse.ts';
import { GatewayError } from '../../functions/core/platform/errors.ts';

export type Probe = {
  /** A field of the body, or a header. */
  field: string;
  value: unknown;
  /** Other fields that must be there for this one to mean anything. */
  beside?: object;
  /** Other headers that must be there. */
  headers?: Record<string, string>;
  isHeader?: boolean;
  /** OpenAI has no such field. */
  isExtension?: boolean;
  /** The example in fewer words. */
  shown?: string;
  note?: string;
};

export type Outcome =
  | { kind: 'mapped' | 'adapted'; paths: string[]; warnings: string[] }
  | { kind: 'dropped'; warnings: string[] }
  | { kind: 'ignored' }
  | { kind: 'refused'; code: string };

type Json = Record<string, unknown>;

export const tool = (name: string, rest: object = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} }, ...rest },
});

const PLAIN = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
/** Fields about caching say nothing where the gateway marks nothing itself. */
const CACHING: TranslationOptions = { ...DEFAULT_OPTIONS, promptCaching: 'auto' };

/** What the field changes, beside the same request without it. */
export function outcomeOf({ field, value, beside = {}, headers = {}, isHeader = false }: Probe, model: Model): Outcome {
  const body = { ...PLAIN, ...beside };
  let without: ReturnType<typeof translated>;
  let asked: ReturnType<typeof translated>;
  try {
    without = translated(body, {}, model, CACHING);
    asked = isHeader
      ? translated(body, { ...headers, [field]: String(value) }, model, CACHING)
      : translated({ ...body, [field]: value }, headers, model, CACHING);
  } catch (thrown) {
    return refusedBy(thrown);
  }
  const paths = changes(without.request, asked.request);
  const told = asked.warnings.filter((warning) => !without.warnings.includes(warning));
  if (paths.length > 0) return { kind: told.length > 0 ? 'adapted' : 'mapped', paths, warnings: told };
  return told.length > 0 ? { kind: 'dropped', warnings: told } : { kind: 'ignored' };
}

function translated(
  body: object,
  headers: Record<string, string>,
  model: Model,
  options: TranslationOptions,
): { request: Json; warnings: string[] } {
  const chat = parseChatRequest(body, (name) => headers[name]);
  const { request, warnings, answer } = toConverse(chat, model, options);
  // What only the answer shows is as good as a field of the request.
  const { isLegacy, ignoresCalls, showsReasoning, reading } = answer;
  const { isStream, includeUsage } = chat;
  return {
    request: { ...(request as Json), answer: { isLegacy, ignoresCalls, showsReasoning, reading, isStream, includeUsage } },
    warnings,
  };
}

/** Paths of Converse's request that differ, two names deep. */
function changes(before: Json, after: Json): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .flatMap((key) => {
      const [old, now] = [before[key], after[key]];
      if (!isFields(now)) return [key];
      return Object.keys({ ...(isFields(old) ? old : {}), ...now })
        .filter((inner) => JSON.stringify(isFields(old) ? old[inner] : undefined) !== JSON.stringify(now[inner]))
        .map((inner) => `${key}.${inner}`);
    });
}

function isFields(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a conversation becomes: the kinds of blocks its messages hold. */
export function contentOutcomeOf({ value, beside = {} }: Probe, model: Model): Outcome {
  try {
    const { request, warnings } = translated({ ...PLAIN, ...beside, messages: value }, {}, model, DEFAULT_OPTIONS);
    const messages = request.messages as { role: string; content: object[] }[];
    const blocks = [...((request.system ?? []) as object[]).map((block) => `system ${kindOf(block)}`), ...messages.flatMap(told)];
    return { kind: warnings.length > 0 ? 'adapted' : 'mapped', paths: [...new Set(blocks)], warnings };
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

function refusedBy(thrown: unknown): Outcome {
  if (thrown instanceof GatewayError) return { kind: 'refused', code: thrown.code };
  throw thrown;
}

function told({ role, content }: { role: string; content: object[] }): string[] {
  return content.map((block) => `${role} ${kindOf(block)}`);
}

function kindOf(block: object): string {
  return Object.keys(block)[0]!;
}
