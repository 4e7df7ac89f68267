// The messages of a chat: the leading system and developer ones become Converse's system, the rest alternate between user and assistant. Pure.
import type { ContentBlock, Message, SystemContentBlock } from '@aws-sdk/client-bedrock-runtime';
import { type Body, invalid, shown } from './fields.ts';

export type ChatMessage = { role: 'system' | 'user' | 'assistant'; texts: string[] };

const ROLES: Record<string, ChatMessage['role']> = { system: 'system', developer: 'system', user: 'user', assistant: 'assistant' };

/** A word the model sees where a client sent nothing; Bedrock refuses blank text. */
const EMPTY = '(empty)';
const RESUMED = '(conversation resumed)';
const CONTINUE = 'Continue.';

export function parseMessages(value: unknown): ChatMessage[] {
  if (value === undefined || value === null) throw invalid('messages', 'You must provide messages: an array with at least one message.');
  if (!Array.isArray(value)) throw invalid('messages', `messages must be an array, not ${shown(value)}.`);
  if (value.length === 0) throw invalid('messages', 'messages must hold at least one message.');
  const messages = value.map((message, index) => parseMessage(message, `messages[${index}]`));
  if (messages.every(({ role }) => role === 'system'))
    throw invalid('messages', 'messages must hold at least one message that is not a system message.');
  return messages;
}

export function toConverseMessages(
  messages: ChatMessage[],
  abilities: { prefill: boolean },
): { system: SystemContentBlock[]; messages: Message[] } {
  const leading = messages.findIndex(({ role }) => role !== 'system');
  const system = messages.slice(0, leading).flatMap(({ texts }) => blocksOf(texts)) as SystemContentBlock[];
  const turns: Message[] = [];
  for (const { role, texts } of messages.slice(leading)) {
    // A system message in the middle stays in its place: hoisting it would change the cached prefix with every turn.
    const blocks =
      role === 'system' ? blocksOf(texts).map(({ text }) => ({ text: `<system-reminder>\n${text}\n</system-reminder>` })) : blocksOf(texts);
    append(turns, role === 'assistant' ? 'assistant' : 'user', blocks);
  }
  if (turns[0]?.role !== 'user') turns.unshift({ role: 'user', content: [{ text: RESUMED }] });
  closeWithUser(turns, abilities.prefill);
  return { system, messages: turns };
}

/** Adds blocks to the last message of the role, or begins one: Converse wants the roles to alternate. */
function append(turns: Message[], role: 'user' | 'assistant', blocks: ContentBlock[]): void {
  const last = turns.at(-1);
  if (last?.role === role && last.content) last.content.push(...blocks);
  else if (blocks.length > 0) turns.push({ role, content: blocks });
  else if (role === 'user') turns.push({ role, content: [{ text: EMPTY }] });
}

/** A last message of the assistant is a beginning to be continued. Models that refuse one are asked to go on instead. */
function closeWithUser(turns: Message[], prefill: boolean): void {
  const last = turns.at(-1)!;
  if (last.role !== 'assistant') return;
  if (!prefill) {
    turns.push({ role: 'user', content: [{ text: CONTINUE }] });
    return;
  }
  const block = last.content?.at(-1);
  if (block?.text !== undefined) block.text = block.text.trimEnd();
}

function parseMessage(message: unknown, path: string): ChatMessage {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw invalid(path, `${path} must be an object, not ${shown(message)}.`);
  const { role, content } = message as Body;
  const known = typeof role === 'string' ? ROLES[role] : undefined;
  if (!known) throw invalid(`${path}.role`, `${path}.role must be one of ${Object.keys(ROLES).join(', ')}, not ${shown(role)}.`);
  return { role: known, texts: parseContent(content, `${path}.content`) };
}

function parseContent(content: unknown, path: string): string[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) throw invalid(path, `${path} must be a string or an array of parts, not ${shown(content)}.`);
  return content.map((part, index) => {
    const { type, text } = (part ?? {}) as Body;
    if (type !== 'text') throw invalid(`${path}[${index}].type`, `${path}[${index}].type must be "text", not ${shown(type)}.`);
    if (typeof text !== 'string') throw invalid(`${path}[${index}].text`, `${path}[${index}].text must be a string, not ${shown(text)}.`);
    return text;
  });
}

function blocksOf(texts: string[]): { text: string }[] {
  return texts.filter((text) => text.trim() !== '').map((text) => ({ text: text.toWellFormed() }));
}
