// An answer as chat.completion.chunk frames, exactly as OpenAI sends them: role first, one id, a finish chunk, the usage chunk if asked for,
// [DONE]. Pure. The unchanging parts of a frame are written once, for this runs for every token.
import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { type AnswerHead, type AnswerPlan, plainPlan } from './answer-plan.ts';
import { createAnswerReader } from './answer-reader.ts';
import { extrasOf } from './read-extras.ts';
import type { Step } from './steps.ts';
import { toOpenAiUsage, toServiceTier } from './usage.ts';

export const DONE = 'data: [DONE]\n\n';

export type ChatStream = {
  /** The frames an event becomes; empty when it says nothing to the client. */
  frames(event: ConverseStreamOutput): string;
  /** What follows the last event: usage if asked for, with what it cost in USD where that is given, and [DONE]. */
  end(costUsd?: string): string;
};

export function createChatStream(
  { id, created, model }: AnswerHead,
  includeUsage: boolean,
  planOf: () => AnswerPlan = plainPlan,
): ChatStream {
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1);
  const usageNull = includeUsage ? ',"usage":null' : '';
  const before = `data: ${head},"choices":[{"index":0,"delta":`;
  const after = `,"logprobs":null,"finish_reason":null}]${usageNull}}\n\n`;
  const reader = createAnswerReader(planOf);
  let plan: AnswerPlan | undefined;
  let hasBegun = false;
  let hasText = false;
  let hasCalls = false;

  const frame = (delta: string) => before + delta + after;

  /** Content is null until there is text, so that what clients put together equals the whole answer. */
  function roleFrame(step: Step): string {
    hasBegun = true;
    const saysText = step.kind === 'text' || step.kind === 'finish';
    if (saysText) hasText = true;
    return frame(`{"role":"assistant","content":${saysText ? '""' : 'null'}}`);
  }

  function frameOf(step: Step): string {
    if (step.kind === 'text') {
      hasText = true;
      return frame(`{"content":${JSON.stringify(step.text)}}`);
    }
    if (step.kind === 'finish') return finishFrames(step);
    if (step.kind === 'call') hasCalls = true;
    return frame(deltaOf(step, plan!));
  }

  function finishFrames({ reason, matchedStop }: Extract<Step, { kind: 'finish' }>): string {
    const empty = hasText || hasCalls ? '' : frame('{"content":""}');
    const matched = matchedStop === null ? '' : `,"matched_stop":${JSON.stringify(matchedStop)}`;
    return `${empty}${before}{},"logprobs":null,"finish_reason":"${reason}"${matched}}]${usageNull}}\n\n`;
  }

  return {
    frames(event) {
      plan ??= planOf();
      let frames = '';
      for (const step of reader.hear(event)) frames += hasBegun ? frameOf(step) : roleFrame(step) + frameOf(step);
      return frames;
    },
    end(costUsd) {
      if (!includeUsage) return DONE;
      const tier = toServiceTier(reader.serviceTier());
      const tail = tier === undefined ? '' : `,"service_tier":${JSON.stringify(tier)}`;
      const usage = { ...toOpenAiUsage(reader.usage()), ...(costUsd !== undefined && { cost_usd: costUsd }) };
      return `data: ${head},"choices":[],"usage":${JSON.stringify(usage)}${tail}}\n\n${DONE}`;
    },
  };
}

function deltaOf(step: Exclude<Step, { kind: 'text' | 'finish' }>, { isLegacy, reasoningFormat: format }: AnswerPlan): string {
  const mark = format === null ? '' : `,"format":"${format}"`;
  switch (step.kind) {
    case 'reasoning': {
      const text = JSON.stringify(step.text);
      return `{"reasoning_content":${text},"reasoning":${text},"reasoning_details":[{"type":"reasoning.text","text":${text},"index":${step.index}${mark}}]}`;
    }
    case 'signature':
      return `{"reasoning_details":[{"type":"reasoning.text","signature":${JSON.stringify(step.signature)},"index":${step.index}${mark}}]}`;
    case 'encrypted':
      return `{"reasoning_details":[{"type":"reasoning.encrypted","data":"${step.bytes}","index":${step.index}${mark}}]}`;
    case 'call': {
      const { index, id, name, isCustom } = step;
      if (isLegacy) return JSON.stringify({ function_call: { name, arguments: '' } });
      const called = isCustom ? { type: 'custom', custom: { name, input: '' } } : { type: 'function', function: { name, arguments: '' } };
      return JSON.stringify({ tool_calls: [{ index, id, ...called }] });
    }
    case 'input': {
      const text = JSON.stringify(step.text);
      if (isLegacy) return `{"function_call":{"arguments":${text}}}`;
      const fragment = step.isCustom ? `"custom":{"input":${text}}` : `"function":{"arguments":${text}}`;
      return `{"tool_calls":[{"index":${step.index},${fragment}}]}`;
    }
    case 'extras':
      return JSON.stringify(extrasOf(step));
  }
}
