// What the models behind Bedrock refuse: context length, prefill, sampling, thinking and unknown fields. Pure; throws a Refusal.

import type { Model } from './models.ts';
import { countInput } from './prompt.ts';
import { isForged, thinkingOf } from './reasoning.ts';
import { invalid } from './refusal.ts';
import type { ContentBlock, ConverseRequest } from './wire.ts';

const PREFIX = 'The model returned the following errors: ';
const THINKING_BUDGET_MIN = 1024;
const CLAUDE_FIELDS = new Set(
  'thinking top_k anthropic_beta output_config tools tool_choice context_management metadata stop_sequences speed'.split(' '),
);
const ONE_SAMPLING_KNOB = /claude-(?:opus-4-[1-6]|sonnet-4-[56]|haiku-4-5)/;

export function validateModelRules(model: Model, request: ConverseRequest): void {
  const inputTokens = countInput(request);
  const { maxTokens = 0, temperature, topP } = request.inferenceConfig ?? {};
  if (inputTokens > model.contextTokens) throw invalid('Input is too long for requested model.');
  if (model.vendor !== 'anthropic') {
    if (model.vendor === 'openai' && request.additionalModelRequestFields?.thinking)
      throw invalid(`${PREFIX}Unknown parameter: 'thinking'.`);
    return;
  }
  if (inputTokens + maxTokens > model.contextTokens) {
    throw invalid(`${PREFIX}input length and \`max_tokens\` exceed context limit: ${inputTokens} + ${maxTokens} > ${model.contextTokens}`);
  }
  if (temperature !== undefined && topP !== undefined && ONE_SAMPLING_KNOB.test(model.baseId)) {
    throw invalid(`${PREFIX}\`temperature\` and \`top_p\` cannot both be specified for this model. Please use only one.`);
  }
  for (const field of Object.keys(request.additionalModelRequestFields ?? {})) {
    if (!CLAUDE_FIELDS.has(field)) throw invalid(`${PREFIX}${field}: Extra inputs are not permitted`);
  }
  validatePrefill(request);
  validateThinking(request);
}

function validatePrefill({ messages }: ConverseRequest): void {
  const last = messages.at(-1)!;
  const text = last.role === 'assistant' ? last.content.at(-1)?.text : undefined;
  if (text !== undefined && /\s$/.test(text))
    throw invalid(`${PREFIX}messages: final assistant content cannot end with trailing whitespace`);
}

function validateThinking(request: ConverseRequest): void {
  const thinking = thinkingOf(request);
  const { maxTokens, temperature } = request.inferenceConfig ?? {};
  if (thinking?.type === 'enabled') {
    const budget = Number(thinking.budget_tokens);
    if (!(budget >= THINKING_BUDGET_MIN)) {
      throw invalid(`${PREFIX}thinking.enabled.budget_tokens: Input should be greater than or equal to ${THINKING_BUDGET_MIN}`);
    }
    if (maxTokens !== undefined && maxTokens <= budget)
      throw invalid(`${PREFIX}\`max_tokens\` must be greater than \`thinking.budget_tokens\`.`);
  }
  const isOn = thinking?.type === 'enabled' || thinking?.type === 'adaptive';
  if (isOn && temperature !== undefined && temperature !== 1)
    throw invalid(`${PREFIX}\`temperature\` may only be set to 1 when thinking is enabled.`);
  if (isOn && (request.toolConfig?.toolChoice?.any || request.toolConfig?.toolChoice?.tool)) {
    throw invalid(`${PREFIX}Thinking may not be enabled when tool_choice forces tool use.`);
  }
  const lastAssistant = request.messages.findLastIndex((message) => message.role === 'assistant');
  const content = request.messages[lastAssistant]?.content ?? [];
  if (thinking?.type === 'enabled' && content.some((block) => block.toolUse) && !content[0]?.reasoningContent) {
    throw invalid(
      `${PREFIX}messages.${lastAssistant}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\`.`,
    );
  }
  request.messages.forEach((message, index) => {
    message.content.forEach((block: ContentBlock, at) => {
      if (isForged(block)) throw invalid(`${PREFIX}messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`);
    });
  });
}
