// A chat, translated for a model of the shipped catalog and answered with given events. For the tests of this folder.
import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import modelsFile from '../../../../functions/core/catalog/models.json' with { type: 'json' };
import pricesFile from '../../../../functions/core/catalog/prices.json' with { type: 'json' };
import { createCatalog } from '../../../../functions/core/catalog/resolve.ts';
import type { ModelFacts } from '../../../../functions/core/dialects/content/model-facts.ts';
import type { AnswerPlan } from '../../../../functions/core/dialects/openai/answer-plan.ts';
import { type ChatRequest, parseChatRequest } from '../../../../functions/core/dialects/openai/chat-request.ts';
import { foldChatResponse } from '../../../../functions/core/dialects/openai/chat-response.ts';
import { createChatStream } from '../../../../functions/core/dialects/openai/chat-stream.ts';
import { DEFAULT_OPTIONS, type TranslationOptions, toConverse } from '../../../../functions/core/dialects/openai/to-converse.ts';

const catalog = createCatalog(modelsFile as Parameters<typeof createCatalog>[0], pricesFile as Parameters<typeof createCatalog>[1]);
const HEAD = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };

export type Event = ConverseStreamOutput;
// biome-ignore lint/suspicious/noExplicitAny: what is asserted on is JSON.
export type Json = any;

export function model(name: string): ModelFacts {
  const found = catalog.resolve(name);
  if (!found) throw new Error(`The catalog has no ${name}.`);
  return found.model;
}

/** `body` is laid over a minimal one. */
export function parse(body: object, headers: Record<string, string> = {}): ChatRequest {
  return parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, (name) => headers[name]);
}

export type Asked = { request: Json; warnings: string[]; answer: AnswerPlan };

export function ask(name: string, body: object, options: Partial<TranslationOptions> = {}, headers: Record<string, string> = {}): Asked {
  return toConverse(parse(body, headers), model(name), { ...DEFAULT_OPTIONS, ...options });
}

/** What is refused, as `code param`. */
export function refusalOf(name: string, body: object, options: Partial<TranslationOptions> = {}): string {
  try {
    ask(name, body, options);
  } catch (thrown) {
    const { code, details } = thrown as { code: string; details: { param?: string } };
    return `${code} ${details.param}`;
  }
  return 'no refusal';
}

/** The blocks of all messages, each with its role. */
export function blocksOf({ request }: Asked): Json[] {
  return request.messages.flatMap(({ role, content }: Json) => content.map((block: Json) => ({ role, ...block })));
}

export function whole(events: Event[], plan?: AnswerPlan): Json {
  const fold = foldChatResponse(HEAD, plan && (() => plan));
  for (const event of events) fold.hear(event);
  return fold.completion();
}

/** The text of the whole stream. */
export function streamed(events: Event[], plan?: AnswerPlan, includeUsage = false): string {
  const stream = createChatStream(HEAD, includeUsage, plan && (() => plan));
  return events.map((event) => stream.frames(event)).join('') + stream.end();
}

export function chunksOf(sse: string): Json[] {
  return sse
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
}

export const says = (text: string, block = 0): Event => ({ contentBlockDelta: { contentBlockIndex: block, delta: { text } } }) as Event;
export const thinks = (reasoningContent: object, block = 0): Event =>
  ({ contentBlockDelta: { contentBlockIndex: block, delta: { reasoningContent } } }) as Event;
export const ends = (block = 0): Event => ({ contentBlockStop: { contentBlockIndex: block } }) as Event;
export const stops = (stopReason = 'end_turn', fields?: object): Event =>
  ({ messageStop: { stopReason, ...(fields && { additionalModelResponseFields: fields }) } }) as Event;
export const counts = (usage: object, rest: object = {}): Event => ({ metadata: { usage, metrics: { latencyMs: 1 }, ...rest } }) as Event;

/** A tool call in pieces. */
export function calls(block: number, toolUseId: string, name: string, ...pieces: string[]): Event[] {
  const deltas = pieces.map((input) => ({ contentBlockDelta: { contentBlockIndex: block, delta: { toolUse: { input } } } }));
  return [{ contentBlockStart: { contentBlockIndex: block, start: { toolUse: { toolUseId, name } } } }, ...deltas, ends(block)] as Event[];
}

/** A tool as OpenAI's clients offer it. */
export const tool = (name: string, parameters: object = { type: 'object', properties: {} }, rest: object = {}) => ({
  type: 'function',
  function: { name, description: `Does ${name}.`, parameters, ...rest },
});
export const called = (id: string, name: string, args = '{}') => ({ id, type: 'function', function: { name, arguments: args } });
