// A chat request as Converse wants it, for the model it named: what the model does not take is left out and told in the warnings. Pure.
import type { ConverseCommandInput, InferenceConfiguration } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { type CachePlacement, settleCachePoints } from '../content/cache-points.ts';
import { composeSystem, composeTurns } from '../content/compose-turns.ts';
import { closeWithUser } from '../content/end-of-turns.ts';
import { type Fields, mergeFields } from '../content/fields.ts';
import type { CacheTtl, SystemMessage } from '../content/message.ts';
import type { ModelFacts } from '../content/model-facts.ts';
import type { Reasoning } from '../content/reasoning.ts';
import { reasoningFormatOf } from '../content/replayed-reasoning.ts';
import { type Sampling, samplingOf } from '../content/sampling.ts';
import { structuredOutputOf } from '../content/structured-output.ts';
import { createToolBook, type OfferedTool } from '../content/tool-book.ts';
import { type AskedTools, planTools } from '../content/tool-config.ts';
import { createWarnings, type Warnings } from '../content/warnings.ts';
import type { AnswerPlan } from './answer-plan.ts';
import type { ChatRequest } from './chat-request.ts';
import { betasOf, extensionFields, metadataOf, refuseFields, serviceTierOf, userFieldOf } from './extensions.ts';
import { settleReasoning } from './settle-reasoning.ts';

export type ConverseRequest = Omit<ConverseCommandInput, 'modelId'>;

export type TranslationOptions = {
  /** What would be dropped with a warning is an error. */
  strict: boolean;
  /** Where the client marks no cache points: none, or where they pay. */
  promptCaching: CachePlacement;
  /** For how long, where the request does not say it; `null` is the usual time. */
  cacheTtl?: CacheTtl;
  /** A hash of `user` goes into AWS's log of invocations. */
  sendsUser: boolean;
};

/** `warnings` name each field that was dropped or changed, as `field;reason`. */
export type Translated = { request: ConverseRequest; warnings: string[]; answer: AnswerPlan };

export const DEFAULT_OPTIONS: TranslationOptions = { strict: false, promptCaching: 'explicit', sendsUser: false };

/** What a key says of caching goes before what the gateway says; what a request says goes before both. */
export function withCaching(options: TranslationOptions, ofKey: CacheTtl | 'disabled'): TranslationOptions {
  if (ofKey === null) return options;
  return ofKey === 'disabled' ? { ...options, promptCaching: 'none' } : { ...options, promptCaching: 'auto', cacheTtl: ofKey };
}

/** Throws what the model cannot do. Files that lie elsewhere must have been fetched (`resolveMedia`). */
export function toConverse(chat: ChatRequest, model: ModelFacts, options: TranslationOptions = DEFAULT_OPTIONS): Translated {
  const warnings = createWarnings(options.strict);
  for (const field of chat.dropped) warnings.drop(field, 'dropped');
  if (chat.maxTokens !== null && chat.maxTokens > model.limits.maxOutputTokens)
    warnings.drop(chat.maxTokensField, `lowered to ${model.limits.maxOutputTokens}`);

  const book = createToolBook(chat.tools.offered, model.family, warnings);
  const leading = chat.messages.findIndex(({ role }) => role !== 'system');
  const messages = composeTurns(chat.messages.slice(leading), { model, book, warnings });
  const reasoning = settleReasoning(chat, model, messages, warnings);
  closeWithUser(messages, model.abilities.prefill && !reasoning.isThinking);
  const mayForce = model.abilities.forcedTools && !reasoning.isThinking;
  // A forced answer would leave no room for the search.
  const output = structuredOutputOf(chat.format, model, mayForce && !chat.searchesWeb, new Set(chat.tools.offered.map(({ name }) => name)));
  if (output.tool) book.offer(output.tool);
  const plan = planTools(askedTools(chat, model, output.tool), { model, book, warnings, mayForce });

  const told = [output.instruction, plan.instruction].filter((block) => block !== null);
  const system = [...composeSystem(chat.messages.slice(0, leading) as SystemMessage[]), ...told];
  const placement = chat.caching.placement ?? options.promptCaching;
  const cacheTtl = chat.caching.ttl ?? options.cacheTtl;
  const cacheable = settleCachePoints({ system, tools: plan.tools, messages }, model, placement, cacheTtl);
  if (placement === 'auto') tellCacheTime(chat, model, warnings);
  const sampling = samplingOf(chat.sampling, model, reasoning.refusesSampling, warnings);
  const choice = plan.nativeChoice ? { tool_choice: plan.nativeChoice } : {};
  const fields = fieldsOf(
    chat,
    model,
    [sampling.fields, reasoning.fields, choice, userFieldOf(chat, model, options.sendsUser)],
    reasoning,
    warnings,
  );
  const request: ConverseRequest = {
    messages: cacheable.messages,
    ...(cacheable.system.length > 0 && { system: cacheable.system }),
    inferenceConfig: inferenceConfigOf(chat, sampling, reasoning),
    ...(cacheable.tools.length > 0 && { toolConfig: { tools: cacheable.tools, ...(plan.toolChoice && { toolChoice: plan.toolChoice }) } }),
    ...(Object.keys(fields).length > 0 && { additionalModelRequestFields: fields as ConverseRequest['additionalModelRequestFields'] }),
    ...(output.outputConfig && { outputConfig: output.outputConfig }),
    ...extensionFields(chat, model),
    ...serviceTierOf(chat, warnings),
    ...metadataOf(chat, options.sendsUser, warnings),
  };
  const answer: AnswerPlan = {
    book,
    reading: output.reading,
    isLegacy: chat.tools.isLegacy,
    ignoresCalls: plan.ignoresCalls,
    showsReasoning: chat.showsReasoning,
    reasoningFormat: reasoningFormatOf(model.vendor),
  };
  return { request, warnings: warnings.list(), answer };
}

/** Bedrock caches for minutes or, with some models, an hour; OpenAI's other times become the nearest of these. */
function tellCacheTime({ caching: { wish } }: ChatRequest, { abilities: { promptCaching } }: ModelFacts, warnings: Warnings): void {
  if (!wish || !promptCaching) return;
  if (!promptCaching.oneHour) warnings.drop(wish.field, 'this model caches for minutes only');
  else if (!wish.isHour) warnings.note(wish.field, 'cached for an hour');
}

function inferenceConfigOf({ stop }: ChatRequest, { temperature, topP }: Sampling, { maxTokens }: Reasoning): InferenceConfiguration {
  return {
    // Never left out: Bedrock would take the model's maximum, reserve quota for all of it, and the hold would have to pay for it.
    maxTokens,
    ...(temperature !== null && { temperature }),
    ...(topP !== null && { topP }),
    ...(stop.length > 0 && { stopSequences: stop }),
  };
}

function askedTools({ tools, messages, searchesWeb }: ChatRequest, { vendor }: ModelFacts, answerTool: OfferedTool | null): AskedTools {
  if (searchesWeb && vendor !== 'amazon')
    throw new GatewayError('unsupported_parameter', 'This model does not search the web.', { param: 'web_search_options' });
  const pastNames = messages.flatMap((message) => (message.role === 'assistant' ? message.calls.map(({ name }) => name) : []));
  return { ...tools, pastNames, answerTool, searchesWeb };
}

/** Everything beside Converse's own fields; what the client itself put there comes last and wins. */
function fieldsOf(chat: ChatRequest, model: ModelFacts, parts: Fields[], { isThinking }: Reasoning, warnings: Warnings): Fields {
  const { outputConfig, additionalFields } = chat.extensions;
  refuseFields(additionalFields, model);
  const betas = betasOf(chat, model, isThinking, warnings);
  if (outputConfig && model.vendor !== 'anthropic') warnings.drop('output_config', 'not taken by this model');
  const own = outputConfig && model.vendor === 'anthropic' ? { output_config: outputConfig } : {};
  return [...parts, betas, own, additionalFields ?? {}].reduce(mergeFields, {});
}
