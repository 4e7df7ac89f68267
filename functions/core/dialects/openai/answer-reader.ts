// What a model says, event by event, as steps of an OpenAI answer. The one place where events are understood: the streamed answer writes each
// step as a chunk, the whole answer puts the steps together, so both come out the same. Pure.
import type {
  ContentBlockDeltaEvent,
  ContentBlockStartEvent,
  ConverseStreamOutput,
  MessageStopEvent,
  StopReason,
  TokenUsage,
} from '@aws-sdk/client-bedrock-runtime';
import type { AnswerPlan } from './answer-plan.ts';
import { toFinishReason } from './finish-reason.ts';
import { createJsonText, createUnwrapping, type TextFilter } from './json-text.ts';
import { createCallReader } from './read-calls.ts';
import { createExtrasReader } from './read-extras.ts';
import { createReasoningReader } from './read-reasoning.ts';
import { NOTHING, type Step } from './steps.ts';

export type AnswerReader = {
  hear(event: ConverseStreamOutput): Step[];
  usage(): TokenUsage | undefined;
  serviceTier(): string | undefined;
  stopReason(): StopReason | undefined;
};

/** `planOf` is asked at the first event: until then the request may still change. */
export function createAnswerReader(planOf: () => AnswerPlan): AnswerReader {
  let content: ReturnType<typeof createContentReader> | undefined;
  let usage: TokenUsage | undefined;
  let serviceTier: string | undefined;
  let stopReason: StopReason | undefined;
  return {
    hear({ contentBlockDelta, contentBlockStart, contentBlockStop, metadata, messageStop }) {
      content ??= createContentReader(planOf());
      if (contentBlockDelta) return content.hear(contentBlockDelta);
      if (contentBlockStart) return content.start(contentBlockStart);
      if (contentBlockStop) return content.stop(contentBlockStop.contentBlockIndex ?? 0);
      if (metadata) {
        usage = metadata.usage;
        serviceTier = metadata.serviceTier?.type;
      }
      if (!messageStop) return NOTHING;
      stopReason = messageStop.stopReason;
      return content.finish(messageStop);
    },
    usage: () => usage,
    serviceTier: () => serviceTier,
    stopReason: () => stopReason,
  };
}

function createContentReader(plan: AnswerPlan) {
  const { book, reading, showsReasoning, isLegacy } = plan;
  const calls = createCallReader(plan);
  const reasoning = createReasoningReader();
  const extras = createExtrasReader();
  const filter = filterOf(plan);
  let answerBlock: number | null = null;
  let besides = '';
  let textLength = 0;

  function say(text: string): Step[] {
    if (text === '') return NOTHING;
    textLength += text.length;
    return [{ kind: 'text', text }];
  }

  function stop(block: number): Step[] {
    extras.stop(block, textLength);
    const sealed = reasoning.stop(block);
    return sealed.length > 0 ? sealed : calls.stop(block);
  }

  return {
    start({ contentBlockIndex: block = 0, start: begun }: ContentBlockStartEvent): Step[] {
      if (begun?.image) extras.startImage(block, begun.image);
      // Tools that ran at Bedrock's are none of the client's.
      if (!begun?.toolUse || begun.toolUse.type === 'server_tool_use') return NOTHING;
      const name = book.names.toClient(begun.toolUse.name ?? '');
      const isAnswer = reading.by === 'tool' && name === reading.toolName;
      if (!isAnswer) return calls.start(block, name, begun.toolUse);
      // A second answer would make the JSON of the first unreadable.
      answerBlock ??= block;
      return NOTHING;
    },

    hear({ contentBlockIndex: block = 0, delta }: ContentBlockDeltaEvent): Step[] {
      if (delta?.text) {
        extras.textBegins(block, textLength);
        if (reading.by !== 'tool') return say(filter ? filter.push(delta.text) : delta.text);
        // What the model says beside the call that is its answer would not be JSON.
        besides += delta.text;
        return NOTHING;
      }
      if (delta?.toolUse?.input) {
        return block === answerBlock && filter ? say(filter.push(delta.toolUse.input)) : calls.hear(block, delta.toolUse.input);
      }
      if (delta?.reasoningContent) return showsReasoning ? reasoning.hear(block, delta.reasoningContent) : NOTHING;
      if (delta?.citation) extras.cite(block, delta.citation, textLength);
      if (delta?.image) extras.image(block, delta.image);
      return NOTHING;
    },

    stop,

    finish({ stopReason, additionalModelResponseFields }: MessageStopEvent): Step[] {
      const hasCalls = calls.hasUsable(stopReason === 'malformed_tool_use');
      const isUnanswered = reading.by === 'tool' && answerBlock === null && !hasCalls;
      const text = isUnanswered ? besides : (filter?.end() ?? '');
      const rest = [...reasoning.stopAll(), ...calls.stopAll(), ...say(text), ...extras.steps()];
      const reason = toFinishReason(stopReason, hasCalls, isLegacy);
      return [...rest, { kind: 'finish', reason, matchedStop: matchedStopOf(additionalModelResponseFields) }];
    },
  };
}

function filterOf({ reading }: AnswerPlan): TextFilter | null {
  if (reading.by === 'none') return null;
  return reading.by === 'text' ? createJsonText() : createUnwrapping(reading.wrappers);
}

/** Claude's answer to /stop_sequence: the string that ended it. */
function matchedStopOf(fields: unknown): string | null {
  const { stop_sequence, delta } = (fields ?? {}) as { stop_sequence?: unknown; delta?: { stop_sequence?: unknown } };
  const found = stop_sequence ?? delta?.stop_sequence;
  return typeof found === 'string' && found !== '' ? found : null;
}
