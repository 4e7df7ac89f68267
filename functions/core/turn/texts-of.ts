// What a model was asked, as a thread keeps it: text as it is, files by their kind and size. Pure.
// Law: bounded; the newest messages are kept whole as long as there is room, and what is left out is counted.
import type { ContentBlock, SystemContentBlock, ToolResultContentBlock } from '@aws-sdk/client-bedrock-runtime';
import type { ConverseRequest } from '../bedrock/converse.ts';
import { CUT, type Message, type Part, type Texts } from '../conversations/thread.ts';

/** Bytes of all that is kept of a request: with the answer, it is to fit into one answer of the admin API, which ends at 6 MB. */
const LONGEST_REQUEST = 1_500_000;
/** Of that, what the system prompt may take when the rest is long. */
const SYSTEM_SHARE = 0.25;

type Said = Omit<Texts, 'answer'>;

export function textsOf({ system = [], messages = [], toolConfig }: ConverseRequest, longest = LONGEST_REQUEST): Said {
  const room = createRoom(longest);
  const systemText = room.cut(system.map(textOfSystem).join('\n'), Math.floor(longest * SYSTEM_SHARE));
  const kept: Message[] = [];
  // From the newest on, which is what the turn is about.
  for (let index = messages.length - 1; index >= 0 && room.left() > 0; index -= 1) {
    const { role = 'user', content = [] } = messages[index]!;
    kept.push({ role, parts: content.map((block) => toPart(block, room)).filter((part) => part !== undefined) });
  }
  const tools = (toolConfig?.tools ?? []).map(({ toolSpec }) => toolSpec?.name).filter((name) => name !== undefined);
  const omittedMessages = messages.length - kept.length;
  return { system: systemText, tools, messages: kept.reverse(), omittedMessages, isCut: omittedMessages > 0 || room.isOver() };
}

type Room = ReturnType<typeof createRoom>;

function createRoom(longest: number) {
  let left = longest;
  let isOver = false;
  return {
    left: () => left,
    isOver: () => isOver,

    cut(text: string, most = left): string {
      const fits = Math.min(most, left);
      const bytes = Buffer.byteLength(text);
      left -= Math.min(bytes, fits);
      if (bytes <= fits) return text;
      isOver = true;
      return (
        Buffer.from(text)
          .subarray(0, fits)
          .toString()
          .replace(/\uFFFD$/, '') + CUT
      );
    },
  };
}

function toPart(block: ContentBlock, room: Room): Part | undefined {
  if (block.text !== undefined) return { type: 'text', text: room.cut(block.text) };
  if (block.reasoningContent) return { type: 'reasoning', text: room.cut(block.reasoningContent.reasoningText?.text ?? '') };
  if (block.toolUse) {
    const { toolUseId: id = '', name = '', input } = block.toolUse;
    return { type: 'toolCall', id, name, input: room.cut(JSON.stringify(input ?? {})) };
  }
  if (block.toolResult) {
    const { toolUseId: id = '', status, content = [] } = block.toolResult;
    return { type: 'toolResult', id, isError: status === 'error', text: room.cut(content.map(textOfResult).join('\n')) };
  }
  return fileOf(block);
}

/** What is neither said nor a file, such as a mark of the prompt cache, is nothing that was said. */
function fileOf(block: Partial<Record<'image' | 'document' | 'video' | 'audio', object>>): Part | undefined {
  for (const kind of ['image', 'document', 'video', 'audio'] as const) {
    const file = block[kind] as { format?: string; source?: { bytes?: Uint8Array; text?: string } } | undefined;
    if (!file) continue;
    const bytes = file.source?.bytes?.byteLength ?? file.source?.text?.length ?? null;
    return { type: 'file', kind, format: file.format ?? '', bytes };
  }
  return undefined;
}

function textOfSystem({ text }: SystemContentBlock): string {
  return text ?? '';
}

function textOfResult(block: ToolResultContentBlock): string {
  if (block.text !== undefined) return block.text;
  if (block.json !== undefined) return JSON.stringify(block.json);
  const file = fileOf(block as Parameters<typeof fileOf>[0]);
  return file?.type === 'file' ? `[${file.kind}, ${file.format}]` : '';
}
