// What a refusal by the model tells about it, and what to try once more. For facts about models that could not be verified beforehand. Pure.
import type { ContentBlock, ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import type { Fields } from './fields.ts';
import type { ModelAbilities } from './model-facts.ts';

type Request = Omit<ConverseCommandInput, 'modelId'>;

/** A field of additionalModelRequestFields. `value`: only with this value, as JSON; without it the model does not know the field at all. */
export type RefusedField = { name: string; value?: string };

/** What one call found out about a model, and holds for the next ones. */
export type Lesson = { abilities?: Partial<ModelAbilities>; hasNoOneHour?: boolean; field?: RefusedField };

type Remedy = {
  /** What the model turned out not to do: translate again with these. */
  abilities?: Partial<ModelAbilities>;
  /** The same request without what was refused: send it as it is. */
  request?: Request;
  /** What can be remembered of a request that was sent as it is. */
  lesson?: Lesson;
};

export type Healing = Omit<Remedy, 'lesson'> & {
  /** For the header of warnings. */
  warning: string;
  /** To be remembered for the model if the second try helped; `null` where the refusal was about this one request. */
  lesson: Lesson | null;
};

type Cure = (request: Request, found: RegExpExecArray) => Remedy | null;

// What one client's odd request brings about must not change the requests of all the others for an hour.
const ABOUT_THE_MODEL = /extra inputs|extraneous|unknown parameter|unrecognized|beta flag|not supported|unsupported|deprecated|\bmodel\b/i;
const ABOUT_THE_REQUEST = /\bthinking\b|\bschema\b/i;

/** The first row that matches and has something to change is tried. Texts are lower-cased by the patterns' flag only. */
const CURES: [pattern: RegExp, warning: string, cure: Cure][] = [
  [/output_?config\.?(format|text_?format)?|textFormat|structured output/i, 'response_format;asked for by a tool instead', refusedFormat],
  [/\bstrict\b/i, 'tools.strict;refused by the model', (request) => (hasStrict(request) ? { abilities: { strictTools: false } } : null)],
  [
    /temperature.*top_?p.*cannot both|cannot both.*temperature/i,
    'top_p;refused beside temperature',
    () => ({ abilities: { temperatureAndTopP: false } }),
  ],
  [
    /(temperature|top_?p|top_?k).*(not supported|deprecated|unsupported)/i,
    'temperature;refused by the model',
    () => ({ abilities: { sampling: false } }),
  ],
  [/(assistant message )?prefill/i, 'messages;the model does not continue a message', () => ({ abilities: { prefill: false } })],
  [/\bttl\b/i, 'cache_control.ttl;refused by the model', withoutTtl],
  [/cache_?point|prompt caching/i, 'cache_control;refused by the model', () => ({ abilities: { promptCaching: false } })],
  [/tool_?choice|forced? tool/i, 'tool_choice;refused by the model', () => ({ abilities: { forcedTools: false, toolChoice: 'auto' } })],
  [/beta flag|anthropic_beta/i, 'anthropic_beta;refused by the model', withoutBetas],
  [/signature|expected .?(thinking|redacted_thinking)|redacted_?content/i, 'reasoning_details;refused by the model', withoutReasoning],
  [/\bthinking\b/i, 'thinking;refused by the model', (request) => withoutField(request, 'thinking') ?? withoutReasoning(request)],
  [
    /(?:unknown parameter|unrecognized (?:request )?argument)[^'"`]*['"`]([\w.]+)['"`]/i,
    'additionalModelRequestFields;refused by the model',
    named,
  ],
  [/([\w.]+): extra inputs are not permitted/i, 'additionalModelRequestFields;refused by the model', named],
  [/extraneous key \[([\w.]+)\]/i, 'additionalModelRequestFields;refused by the model', named],
];

/** What to try after the model refused the request with these words, or `null` where nothing is known to help. To be tried once. */
export function healingOf(message: string, request: Request): Healing | null {
  for (const [pattern, warning, cure] of CURES) {
    const found = pattern.exec(message);
    const remedy = found && cure(request, found);
    if (remedy) return { warning, ...remedy, lesson: lessonOf(message, remedy) };
  }
  return null;
}

function lessonOf(message: string, { abilities, lesson = abilities && { abilities } }: Remedy): Lesson | null {
  return lesson && ABOUT_THE_MODEL.test(message) && !ABOUT_THE_REQUEST.test(message) ? lesson : null;
}

/** The request without a field that the model refused before; the same object where it does not have it. */
export function withoutRefused<R extends Request>(request: R, { name, value }: RefusedField): R {
  const isMeant = value === undefined || JSON.stringify(fieldsOf(request)[name]) === value;
  return isMeant ? ((withoutField(request, name)?.request as R | undefined) ?? request) : request;
}

function refusedFormat(request: Request, { input }: RegExpExecArray): Remedy | null {
  if (request.outputConfig?.textFormat) return { abilities: { structuredOutput: 'tool' } };
  return /effort/i.test(input) || fieldsOf(request).output_config !== undefined ? withoutField(request, 'output_config') : null;
}

function hasStrict({ toolConfig }: Request): boolean {
  return (toolConfig?.tools ?? []).some(({ toolSpec }) => toolSpec?.strict === true);
}

function named(request: Request, found: RegExpExecArray): Remedy | null {
  const path = found[1]!;
  const name = path.split('.')[0]!;
  const remedy = withoutField(request, name);
  // Of a path into the field, only the part that this request sent is known to be refused.
  return remedy && { ...remedy, ...(path === name && { lesson: { field: { name } } }) };
}

/** The model may take other betas, so only this very list is remembered. */
function withoutBetas(request: Request): Remedy | null {
  const name = 'anthropic_beta';
  const remedy = withoutField(request, name);
  return remedy && { ...remedy, lesson: { field: { name, value: JSON.stringify(fieldsOf(request)[name]) } } };
}

function fieldsOf({ additionalModelRequestFields }: Request): Fields {
  return (additionalModelRequestFields ?? {}) as Fields;
}

function withoutField(request: Request, field: string): Remedy | null {
  const { [field]: refused, ...others } = fieldsOf(request);
  if (refused === undefined) return null;
  const kept = Object.keys(others).length > 0 ? (others as Request['additionalModelRequestFields']) : undefined;
  return { request: { ...request, additionalModelRequestFields: kept } };
}

/** Signatures are bound to the model that made them; after a change of model they are refused. */
function withoutReasoning(request: Request): Remedy | null {
  const isReasoning = ({ reasoningContent }: ContentBlock) => reasoningContent !== undefined;
  const messages = request.messages ?? [];
  if (!messages.some(({ content }) => content?.some(isReasoning))) return null;
  const { thinking, ...others } = fieldsOf(request);
  // A model that thinks by budget wants a tool loop to begin with thinking; without that it must not think.
  const fields = (thinking as Fields | undefined)?.type === 'enabled' ? others : fieldsOf(request);
  return {
    request: {
      ...request,
      messages: messages.map((message) => ({ ...message, content: message.content?.filter((block) => !isReasoning(block)) })),
      additionalModelRequestFields: Object.keys(fields).length > 0 ? (fields as Request['additionalModelRequestFields']) : undefined,
    },
  };
}

function withoutTtl(request: Request): Remedy | null {
  let hadTtl = false;
  const clean = <B extends { cachePoint?: { ttl?: unknown } }>(block: B): B => {
    if (block.cachePoint?.ttl === undefined) return block;
    hadTtl = true;
    return { ...block, cachePoint: { type: 'default' } };
  };
  const { system, messages, toolConfig } = request;
  const cleaned = {
    ...request,
    ...(system && { system: system.map(clean) }),
    ...(messages && { messages: messages.map((message) => ({ ...message, content: message.content?.map(clean) })) }),
    ...(toolConfig && { toolConfig: { ...toolConfig, tools: toolConfig.tools?.map(clean) } }),
  } as Request;
  return hadTtl ? { request: cleaned, lesson: { hasNoOneHour: true } } : null;
}
