// A conversation as Converse wants it. Law: the user speaks first, roles alternate, every tool call is answered in the message after it,
// results before anything else, and no text is blank. Pure, and linear in the size of the conversation.
import type { ContentBlock, Message, SystemContentBlock } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { cachePoint } from './cache-points.ts';
import { createDocumentNames } from './document-names.ts';
import { toMediaBlock } from './media-blocks.ts';
import type { AssistantMessage, ChatMessage, Part, SystemMessage, ToolMessage, UserMessage } from './message.ts';
import type { ModelFacts } from './model-facts.ts';
import { createOpenCalls, type OpenCalls } from './open-calls.ts';
import { toReasoningBlocks } from './replayed-reasoning.ts';
import { EMPTY, isBlank, RESUMED, reminderBlock, textBlock, USE_DOCUMENT } from './text.ts';
import type { ToolBook } from './tool-book.ts';
import { createToolIds } from './tool-ids.ts';
import type { Warnings } from './warnings.ts';

export type Composing = { model: ModelFacts; book: ToolBook; warnings: Warnings };

type Spoken = { reasoning: ContentBlock[]; said: ContentBlock[]; calls: ContentBlock[] };

/** What is known half-way through a conversation. At most one of `user` and `assistant` is open. */
type State = Composing & {
  turns: Message[];
  toolUseIdOf: (id: string) => string;
  documentName: (fileName: string | null) => string;
  openCalls: OpenCalls;
  user: ContentBlock[] | null;
  assistant: Spoken | null;
};

/** Vendors whose models take pictures from a tool, and whether it failed. */
const TAKES_RICH_RESULTS = new Set(['anthropic', 'amazon']);

export function composeSystem(messages: SystemMessage[]): SystemContentBlock[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part): SystemContentBlock[] => {
      if (part.kind === 'cache') return [cachePoint(part.ttl) as SystemContentBlock];
      return part.kind === 'text' && !isBlank(part.text) ? [textBlock(part.text)] : [];
    }),
  );
}

export function composeTurns(messages: ChatMessage[], composing: Composing): Message[] {
  const { model, warnings } = composing;
  const state: State = {
    ...composing,
    turns: [],
    toolUseIdOf: createToolIds(model.family),
    documentName: createDocumentNames(),
    openCalls: createOpenCalls(warnings, TAKES_RICH_RESULTS.has(model.vendor)),
    user: null,
    assistant: null,
  };
  for (const message of messages) {
    if (message.role === 'system') hearSystem(state, message);
    else if (message.role === 'user') hearUser(state, message);
    else if (message.role === 'assistant') hearAssistant(state, message);
    else hearTool(state, message);
  }
  closeAssistant(state);
  closeUser(state);
  return state.turns;
}

function hearSystem(state: State, { parts }: SystemMessage): void {
  for (const part of parts) {
    if (part.kind === 'text' && !isBlank(part.text)) openUser(state).push(reminderBlock(part.text));
    if (part.kind === 'cache') openUser(state).push(cachePoint(part.ttl));
  }
}

function hearUser(state: State, { parts }: UserMessage): void {
  const content = openUser(state);
  const blocks = parts.flatMap((part) => blocksOf(state, part));
  const hasDocument = blocks.some(({ document }) => document !== undefined);
  const hasText = blocks.some(({ text }) => text !== undefined);
  // Bedrock refuses a message with a document and no text. Decided message by message, so that later ones change nothing.
  if (hasDocument && !hasText) blocks.push(textBlock(USE_DOCUMENT));
  const saysNothing = blocks.every((block) => block.cachePoint !== undefined);
  if (saysNothing && content.length === 0 && state.openCalls.isEmpty()) content.push(textBlock(EMPTY));
  // One by one: a spread of a very long list overflows the stack.
  for (const block of blocks) content.push(block);
}

function hearAssistant(state: State, { reasoning, parts, calls }: AssistantMessage): void {
  const { book, model, openCalls } = state;
  const signed = toReasoningBlocks(reasoning, model);
  const said = parts.flatMap((part): ContentBlock[] => {
    if (part.kind === 'cache') return [cachePoint(part.ttl)];
    // Where signed reasoning is given back, the order of blocks is part of what was signed.
    const isKept = part.kind === 'text' && (!isBlank(part.text) || (signed.length > 0 && part.text !== ''));
    return isKept ? [textBlock(part.text)] : [];
  });
  const saysNothing = calls.length === 0 && !said.some(({ text }) => text !== undefined && !isBlank(text));
  if (saysNothing) return;
  if (!state.assistant) closeUser(state);
  state.assistant ??= { reasoning: [], said: [], calls: [] };
  for (const block of signed) state.assistant.reasoning.push(block);
  for (const block of said) state.assistant.said.push(block);
  for (const call of calls) {
    const toolUseId = state.toolUseIdOf(call.id ?? `call_fc_${call.path.replace(/\D+/g, '')}`);
    openCalls.open(call, toolUseId);
    const input = book.inputOf(call) as NonNullable<ContentBlock['toolUse']>['input'];
    state.assistant.calls.push({ toolUse: { toolUseId, name: book.names.toModel(call.name), input } });
  }
}

function hearTool(state: State, message: ToolMessage): void {
  const content = message.parts.flatMap((part) => blocksOf(state, part));
  if (!TAKES_RICH_RESULTS.has(state.model.vendor) && content.some(({ image, document }) => image ?? document)) {
    const param = `${message.path}.content`;
    throw new GatewayError('unsupported_value', `${param}: this model takes only text from tools.`, { param });
  }
  state.openCalls.answer(message, content);
  closeAssistant(state);
}

function blocksOf({ model, documentName }: State, part: Part): ContentBlock[] {
  if (part.kind === 'text') return isBlank(part.text) ? [] : [textBlock(part.text)];
  if (part.kind === 'cache') return [cachePoint(part.ttl)];
  if (part.kind === 'media') return [toMediaBlock(part, model, documentName)];
  throw new Error(`${part.path} has not been fetched.`);
}

function openUser(state: State): ContentBlock[] {
  closeAssistant(state);
  state.user ??= [];
  return state.user;
}

function closeAssistant(state: State): void {
  const { turns, assistant } = state;
  if (!assistant) return;
  if (turns.length === 0) turns.push({ role: 'user', content: [textBlock(RESUMED)] });
  // Claude wants its reasoning first, and some models refuse a tool call before text.
  turns.push({ role: 'assistant', content: [...assistant.reasoning, ...assistant.said, ...assistant.calls] });
  state.assistant = null;
}

function closeUser(state: State): void {
  if (state.user === null && state.openCalls.isEmpty()) return;
  state.turns.push({ role: 'user', content: [...state.openCalls.close(), ...(state.user ?? [])] });
  state.user = null;
}
