// The calls of the last assistant message, and what the client says came of each. Pure; finding a call is a look-up, however many there are.
import type { ContentBlock, ToolResultBlock, ToolResultContentBlock } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import type { ToolCall, ToolMessage } from './message.ts';
import { NO_OUTPUT, NO_RESULT, textBlock } from './text.ts';
import type { Warnings } from './warnings.ts';

type OpenCall = { toolUseId: string; path: string; result: ToolResultBlock | null; after: ContentBlock[] };
type Queue = { calls: OpenCall[]; answered: number };

export type OpenCalls = ReturnType<typeof createOpenCalls>;

/** `takesStatus`: the model is told when a tool failed. */
export function createOpenCalls(warnings: Warnings, takesStatus: boolean) {
  let calls: OpenCall[] = [];
  const byId = new Map<string, Queue>();
  const byName = new Map<string, Queue>();

  function callOf({ callId, name, path }: ToolMessage): OpenCall {
    const isById = callId !== null;
    const queue = isById ? byId.get(callId) : byName.get(name ?? '');
    const field = isById ? `${path}.tool_call_id` : `${path}.name`;
    if (!queue)
      throw new GatewayError('invalid_value', `${field} answers no tool call of the assistant message before it.`, { param: field });
    const { calls: named } = queue;
    // Some clients use one id twice: each result answers the next call of its id, and the rest is added to the last. By name, the latest first.
    const next = isById ? queue.answered : named.length - 1 - queue.answered;
    queue.answered += 1;
    return named[Math.min(Math.max(next, 0), named.length - 1)]!;
  }

  function resultOf({ result, toolUseId, path }: OpenCall): ToolResultBlock {
    if (result?.content) return { ...result, content: result.content.length > 0 ? result.content : [textBlock(NO_OUTPUT)] };
    warnings.note(path, 'no result was given');
    return { toolUseId, content: [textBlock(NO_RESULT)], ...(takesStatus && { status: 'error' as const }) };
  }

  return {
    isEmpty: () => calls.length === 0,
    open({ id, name, path }: ToolCall, toolUseId: string): void {
      const call: OpenCall = { toolUseId, path, result: null, after: [] };
      calls.push(call);
      if (id !== null) enqueue(byId, id, call);
      enqueue(byName, name, call);
    },
    /** Throws when no call waits for this result. */
    answer(message: ToolMessage, content: ContentBlock[]): void {
      const call = callOf(message);
      call.result ??= { toolUseId: call.toolUseId, content: [] };
      for (const block of content) {
        if (block.cachePoint) call.after.push(block);
        else call.result.content!.push(block as ToolResultContentBlock);
      }
      if (message.isError && takesStatus) call.result.status = 'error';
    },
    /** The blocks that answer all calls, in the order of the calls; none is open any more. */
    close(): ContentBlock[] {
      const blocks = calls.flatMap((call): ContentBlock[] => [{ toolResult: resultOf(call) }, ...call.after]);
      calls = [];
      byId.clear();
      byName.clear();
      return blocks;
    },
  };
}

function enqueue(queues: Map<string, Queue>, key: string, call: OpenCall): void {
  const queue = queues.get(key);
  if (queue) queue.calls.push(call);
  else queues.set(key, { calls: [call], answered: 0 });
}
