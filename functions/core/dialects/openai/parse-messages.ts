// The messages of a chat, read and checked one by one. What they become together is decided in content/compose-turns.ts. Pure.
import type { AssistantMessage, ChatMessage, ToolCall, ToolMessage } from '../content/message.ts';
import { type Body, invalid, optionalArray, optionalBoolean, optionalObject, requiredObject, requiredString, shown } from './fields.ts';
import { parseParts } from './parse-parts.ts';
import { parseReplayed } from './parse-replayed.ts';

const PARSERS: Record<string, (message: Body, path: string) => ChatMessage> = {
  system: (message, path) => ({ role: 'system', path, parts: parseParts(message, 'system', path) }),
  developer: (message, path) => ({ role: 'system', path, parts: parseParts(message, 'system', path) }),
  user: (message, path) => ({ role: 'user', path, parts: parseParts(message, 'user', path) }),
  assistant: parseAssistant,
  tool: parseTool,
  function: parseFunction,
};

export function parseMessages(value: unknown): ChatMessage[] {
  if (value === undefined || value === null) throw invalid('messages', 'You must provide messages: an array with at least one message.');
  if (!Array.isArray(value)) throw invalid('messages', `messages must be an array, not ${shown(value)}.`);
  if (value.length === 0) throw invalid('messages', 'messages must hold at least one message.');
  const messages = value.map((message, index) => parseMessage(message, `messages[${index}]`));
  if (messages.every(({ role }) => role === 'system'))
    throw invalid('messages', 'messages must hold at least one message that is not a system message.');
  return messages;
}

/** Paths of answers in sound that a client gives back by their id: the gateway never made one. */
export function spokenAnswersOf(messages: unknown): string[] {
  return (messages as Body[]).flatMap(({ role, audio }, index) =>
    role === 'assistant' && audio != null ? [`messages[${index}].audio`] : [],
  );
}

function parseMessage(value: unknown, path: string): ChatMessage {
  const message = requiredObject(value, path);
  const { role } = message;
  const parse = typeof role === 'string' && Object.hasOwn(PARSERS, role) ? PARSERS[role] : undefined;
  if (!parse) throw invalid(`${path}.role`, `${path}.role must be one of ${Object.keys(PARSERS).join(', ')}, not ${shown(role)}.`);
  return parse(message, path);
}

function parseAssistant(message: Body, path: string): AssistantMessage {
  const parts = parseParts(message, 'assistant', path);
  if (typeof message.refusal === 'string') parts.push({ kind: 'text', text: message.refusal });
  const calls = (optionalArray(message, 'tool_calls', `${path}.tool_calls`) ?? []).map((call, index) =>
    parseCall(call, `${path}.tool_calls[${index}]`),
  );
  const legacy = optionalObject(message, 'function_call', `${path}.function_call`);
  if (legacy && calls.length === 0) calls.push(toCall(legacy, null, `${path}.function_call`));
  return { role: 'assistant', path, parts, calls, reasoning: parseReplayed(message) };
}

function parseCall(value: unknown, path: string): ToolCall {
  const call = requiredObject(value, path);
  const id = requiredString(call, 'id', `${path}.id`);
  if (call.type === 'custom') {
    const custom = requiredObject(call.custom, `${path}.custom`);
    const input = typeof custom.input === 'string' ? custom.input : '';
    return { id, name: requiredString(custom, 'name', `${path}.custom.name`), input, isCustom: true, path };
  }
  return toCall(requiredObject(call.function, `${path}.function`), id, path);
}

function toCall(called: Body, id: string | null, path: string): ToolCall {
  const { arguments: given } = called;
  // Some clients send the arguments as they parsed them.
  const input = typeof given === 'string' ? given : given === undefined || given === null ? '' : JSON.stringify(given);
  return { id, name: requiredString(called, 'name', `${path}.function.name`), input, isCustom: false, path };
}

function parseTool(message: Body, path: string): ToolMessage {
  const callId = requiredString(message, 'tool_call_id', `${path}.tool_call_id`);
  return toResult(message, { callId, name: null }, path);
}

/** The older form, which names the function instead of the call. */
function parseFunction(message: Body, path: string): ToolMessage {
  return toResult(message, { callId: null, name: requiredString(message, 'name', `${path}.name`) }, path);
}

function toResult(message: Body, answered: { callId: string | null; name: string | null }, path: string): ToolMessage {
  const isError = optionalBoolean(message, 'is_error', `${path}.is_error`) ?? false;
  return { role: 'tool', path, parts: parseParts(message, 'tool', path), isError, ...answered };
}
