// The steps of an answer collected into one chat.completion. Pure.
import type { ConverseStreamOutput, StopReason } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { type AnswerHead, type AnswerPlan, plainPlan } from './answer-plan.ts';
import { createAnswerReader } from './answer-reader.ts';
import { isJson } from './json-text.ts';
import { extrasOf } from './read-extras.ts';
import type { Step } from './steps.ts';
import { toOpenAiUsage, toServiceTier } from './usage.ts';

/** `completion` throws where the model failed to say anything usable. */
export type Fold = { hear(event: ConverseStreamOutput): void; completion(): object };

type Call = { id: string; name: string; input: string; isCustom: boolean };
type Detail = { type: string; text?: string; signature?: string; data?: string; index: number; format?: string };

const MALFORMED: Partial<Record<StopReason, string>> = {
  malformed_model_output: 'The model gave an answer that could not be read. Please try again.',
  malformed_tool_use: 'The model called a tool in a way that could not be read. Please try again.',
};

export function foldChatResponse({ id, created, model }: AnswerHead, planOf: () => AnswerPlan = plainPlan): Fold {
  const reader = createAnswerReader(planOf);
  let content = '';
  let reasoning = '';
  let extras: object = {};
  let finish: Extract<Step, { kind: 'finish' }> = { kind: 'finish', reason: 'stop', matchedStop: null };
  let plan: AnswerPlan | undefined;
  const calls: Call[] = [];
  const details = new Map<string, Detail>();

  function detail(type: string, index: number): Detail {
    const key = `${type} ${index}`;
    const format = plan?.reasoningFormat ?? null;
    const found = details.get(key) ?? { type, index, ...(format !== null && { format }) };
    details.set(key, found);
    return found;
  }

  function take(step: Step): void {
    if (step.kind === 'text') content += step.text;
    else if (step.kind === 'reasoning') {
      reasoning += step.text;
      const block = detail('reasoning.text', step.index);
      block.text = (block.text ?? '') + step.text;
    } else if (step.kind === 'signature') {
      const block = detail('reasoning.text', step.index);
      block.signature = (block.signature ?? '') + step.signature;
    } else if (step.kind === 'encrypted') detail('reasoning.encrypted', step.index).data = step.bytes;
    else if (step.kind === 'call') calls.push({ id: step.id, name: step.name, input: '', isCustom: step.isCustom });
    else if (step.kind === 'input') calls[step.index]!.input += step.text;
    else if (step.kind === 'extras') extras = extrasOf(step);
    else finish = step;
  }

  return {
    hear(event) {
      plan ??= planOf();
      for (const step of reader.hear(event)) take(step);
    },

    completion() {
      const stopReason = reader.stopReason();
      const usable = calls.filter(({ input, isCustom }) => stopReason !== 'malformed_tool_use' || isCustom || isJson(input || '{}'));
      const failure = stopReason && MALFORMED[stopReason];
      if (failure !== undefined && content === '' && usable.length === 0) throw new GatewayError('model_error', failure);
      const message = {
        role: 'assistant',
        content: content === '' && usable.length > 0 ? null : content,
        refusal: null,
        // By both names: some clients, the Agents SDK among them, know only the second.
        ...(reasoning !== '' && { reasoning_content: reasoning, reasoning }),
        ...(details.size > 0 && { reasoning_details: [...details.values()] }),
        ...(usable.length > 0 && (plan?.isLegacy ? { function_call: toFunction(usable[0]!) } : { tool_calls: usable.map(toToolCall) })),
        ...extras,
      };
      const { reason, matchedStop } = finish;
      const choice = {
        index: 0,
        message,
        logprobs: null,
        finish_reason: reason,
        ...(matchedStop !== null && { matched_stop: matchedStop }),
      };
      const tier = toServiceTier(reader.serviceTier());
      const usage = toOpenAiUsage(reader.usage());
      return { id, object: 'chat.completion', created, model, choices: [choice], usage, ...(tier !== undefined && { service_tier: tier }) };
    },
  };
}

function toFunction({ name, input }: Call): object {
  return { name, arguments: input || '{}' };
}

function toToolCall(call: Call): object {
  const { id, name, input, isCustom } = call;
  return isCustom ? { id, type: 'custom', custom: { name, input } } : { id, type: 'function', function: toFunction(call) };
}
