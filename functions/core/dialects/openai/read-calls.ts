// Tool calls on their way to the client: counted without gaps, by the client's names, with the inputs the client's schema asks for. Pure.
import type { ToolUseBlockStart } from '@aws-sdk/client-bedrock-runtime';
import type { InputShape } from '../content/tool-book.ts';
import { WRAPPER } from '../content/tool-schema.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { isJson, unwrapped } from './json-text.ts';
import { NOTHING, type Step } from './steps.ts';

type Call = { index: number; shape: InputShape; input: string; isClosed: boolean };

export type CallReader = {
  /** `name` is the client's. */
  start(block: number, name: string, toolUse: ToolUseBlockStart): Step[];
  hear(block: number, text: string): Step[];
  stop(block: number): Step[];
  stopAll(): Step[];
  /** Calls whose input can be read are there. */
  hasUsable(mustParse: boolean): boolean;
};

export function createCallReader({ book, ignoresCalls, isLegacy }: AnswerPlan): CallReader {
  const calls = new Map<number, Call>();
  let count = 0;

  function close(call: Call): Step[] {
    if (call.isClosed) return NOTHING;
    call.isClosed = true;
    const { index, shape, input } = call;
    // A tool without arguments streams none, and clients parse what they have collected.
    if (shape === 'object') return input === '' ? [{ kind: 'input', index, text: '{}', isCustom: false }] : NOTHING;
    const inner = unwrapped(input || '{}', [WRAPPER]);
    return [{ kind: 'input', index, text: shape === 'text' ? textOf(inner) : inner, isCustom: shape === 'text' }];
  }

  return {
    start(block, name, toolUse) {
      // The older form has room for one call.
      if (ignoresCalls || (isLegacy && count > 0)) return NOTHING;
      const shape = book.shapeOf(book.names.toModel(name));
      const index = count;
      count += 1;
      calls.set(block, { index, shape, input: '', isClosed: false });
      return [{ kind: 'call', index, id: toolUse.toolUseId ?? '', name, isCustom: shape === 'text' }];
    },
    hear(block, text) {
      const call = calls.get(block);
      if (!call) return NOTHING;
      call.input += text;
      // What must be unwrapped waits until it is complete.
      return call.shape === 'object' ? [{ kind: 'input', index: call.index, text, isCustom: false }] : NOTHING;
    },
    stop(block) {
      const call = calls.get(block);
      return call ? close(call) : NOTHING;
    },
    stopAll: () => [...calls.values()].flatMap(close),
    hasUsable: (mustParse) => [...calls.values()].some(({ input }) => !mustParse || isJson(input || '{}')),
  };
}

/** A string of JSON as its text; anything else as it is. */
function textOf(json: string): string {
  if (!isJson(json)) return json;
  const value: unknown = JSON.parse(json);
  return typeof value === 'string' ? value : json;
}
