// What is said in a relayed call, for its thread: a body as a Converse request, an answer as Converse events. Pure.
// Law: it reads what it knows of OpenAI's dialects (chat, completions, responses), passes over the rest and never throws; nothing but the log
// depends on it.
import type { ContentBlock, Message } from '@aws-sdk/client-bedrock-runtime';
import type { ConverseEvent, ConverseRequest } from '../bedrock/converse.ts';
import { dataOf } from '../relay/sse-events.ts';

type Fields = Record<string, unknown>;
type Say = (what: 'text' | 'reasoning' | 'input', said: unknown) => void;

/** Parts of an answer are numbered, so that those of two choices are not taken for one. */
const PARTS_PER_CHOICE = 1_000;

/** `undefined` where nothing is said that could be shown. */
export function conversationOf({ instructions, messages, input, prompt, tools }: Fields): ConverseRequest | undefined {
  const system = instructions ? [{ text: textIn(instructions) }] : [];
  const said: Message[] = [];
  for (const item of [messages, input, prompt].flatMap(listOf)) {
    const message = typeof item === 'string' ? { content: item } : fieldsOf(item);
    const content = blocksOf(message);
    if (/^(system|developer)$/.test(textIn(message.role))) system.push({ text: textIn(message.content) });
    else if (content.length > 0) said.push({ role: content[0]!.toolUse || message.role === 'assistant' ? 'assistant' : 'user', content });
  }
  if (said.length + system.length === 0) return undefined;
  const named = listOf(tools).map((tool) => ({ toolSpec: fieldsOf(fieldsOf(tool).function ?? tool) }));
  return { system, messages: said, toolConfig: { tools: named } } as object;
}

/** Tells `hear` what the texts of an answer say: events of a stream, or the whole of it. */
export function hearRelayed(hear: (event: ConverseEvent) => void, isStream: boolean): (text: string) => void {
  const at =
    (contentBlockIndex: number): Say =>
    (what, said) => {
      const text = textIn(said);
      const delta = what === 'text' ? { text } : what === 'input' ? { toolUse: { input: text } } : { reasoningContent: { text } };
      if (text) hear({ contentBlockDelta: { delta, contentBlockIndex } } as ConverseEvent);
    };

  const call = (contentBlockIndex: number, id: unknown, name: unknown) =>
    hear({ contentBlockStart: { start: { toolUse: { toolUseId: textIn(id), name: textIn(name) } }, contentBlockIndex } });

  const hearChoice = (choice: unknown, number: number) => {
    const { delta, message, text } = fieldsOf(choice);
    const { reasoning_content: thought, reasoning, content, tool_calls: calls } = fieldsOf(delta ?? message);
    const place = number * PARTS_PER_CHOICE;
    at(place)('reasoning', thought ?? reasoning);
    at(place)('text', content ?? text);
    for (const tool of listOf(calls).map(fieldsOf)) {
      const { name, arguments: input } = fieldsOf(tool.function);
      const index = place + 1 + numberIn(tool.index);
      if (name) call(index, tool.id, name);
      at(index)('input', input);
    }
  };

  const hearItem = (item: unknown, number: number) => {
    const { type, call_id: id, name, arguments: input, summary, content } = fieldsOf(item);
    if (type === 'function_call') call(number, id, name);
    at(number)('input', input);
    at(number)('reasoning', summary);
    at(number)(type === 'reasoning' ? 'reasoning' : 'text', content);
  };

  return (text) => {
    const { choices, output, type, delta, item, output_index: index } = fieldsOf(parsed(isStream ? dataOf(text) : text));
    listOf(choices).forEach(hearChoice);
    listOf(output).forEach(hearItem);
    // The events after these say all of it once more.
    if (type === 'response.output_item.added') hearItem({ ...fieldsOf(item), arguments: '' }, numberIn(index));
    const [, what] = /^response\.(output_text|reasoning\w*|function_call_arguments)\.delta$/.exec(textIn(type)) ?? [];
    if (what) at(numberIn(index))(what[0] === 'o' ? 'text' : what[0] === 'f' ? 'input' : 'reasoning', delta);
  };
}

function blocksOf({
  role,
  type,
  content,
  output,
  call_id: id,
  tool_call_id: answered,
  tool_calls: calls,
  ...rest
}: Fields): ContentBlock[] {
  const isResult = role === 'tool' || type === 'function_call_output';
  if (isResult) return [{ toolResult: { toolUseId: textIn(answered ?? id), content: [{ text: textIn(output ?? content) }] } }];
  if (type === 'function_call') return [callOf(id, rest)];
  return [...listOf(content).map(toBlock), ...listOf(calls).map((one) => callOf(fieldsOf(one).id, fieldsOf(fieldsOf(one).function)))];
}

function toBlock(part: unknown): ContentBlock {
  const { type, text } = fieldsOf(part);
  if (typeof part === 'string' || typeof text === 'string') return { text: textIn(text ?? part) };
  return { [/image|audio/.exec(textIn(type))?.[0] ?? 'document']: {} } as unknown as ContentBlock;
}

function callOf(id: unknown, { name, arguments: input }: Fields): ContentBlock {
  return { toolUse: { toolUseId: textIn(id), name: textIn(name), input: parsed(input) } } as ContentBlock;
}

/** A text, or the texts of a list of parts. */
function textIn(value: unknown): string {
  const said = Array.isArray(value) ? value.map((part) => fieldsOf(part).text ?? part) : [value];
  return said.filter((text) => typeof text === 'string').join('');
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value ? [value] : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** What is no JSON is what it is. */
function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}
