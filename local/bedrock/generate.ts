// One model call: request in, generation out, with the usage that will be billed.
import { draftAnswer } from './answers.ts';
import { createGeneration, type Generation } from './generation.ts';
import { limitAnswer } from './limit-answer.ts';
import type { Model } from './models.ts';
import { playRecording } from './playback.ts';
import { largestInput, partsOf } from './prompt.ts';
import type { PromptCache } from './prompt-cache.ts';
import { invalid } from './refusal.ts';
import { validateConverse } from './validate-converse.ts';
import type { ConverseRequest, JsonObject, Usage } from './wire.ts';

const DEFAULT_MAX_TOKENS = 4096;

export interface Generator {
  cache: PromptCache;
  recordingsFolder: string;
}

export function generate({ cache, recordingsFolder }: Generator, model: Model, request: ConverseRequest): Generation {
  if (model.kind !== 'chat') {
    throw invalid("This action doesn't support the model that you provided. Try again with a supported text or chat model.");
  }
  validateConverse(model, request);
  if (model.recording) return playRecording(recordingsFolder, model.recording);
  const { maxTokens = DEFAULT_MAX_TOKENS, stopSequences = [] } = request.inferenceConfig ?? {};
  const answer = limitAnswer(draftAnswer(model, request), maxTokens, stopSequences);
  const isLargest = model.baseId === 'standin.usage-max';
  const usage = isLargest ? largestUsage(request, maxTokens) : usageOf(cache, model, request, answer.outputTokens);
  return createGeneration(answer, usage, stopFieldsOf(request, answer.stopSequence));
}

function usageOf(cache: PromptCache, model: Model, request: ConverseRequest, outputTokens: number): Usage {
  const parts = partsOf(request);
  const totalInput = parts.reduce((sum, part) => sum + part.tokens, 0);
  const { readTokens, writeTokens, ttl } = cache.use(model.id, parts);
  return {
    inputTokens: totalInput - readTokens - writeTokens,
    outputTokens,
    totalTokens: totalInput + outputTokens,
    cacheReadInputTokens: readTokens,
    cacheWriteInputTokens: writeTokens,
    ...(ttl && writeTokens > 0 && { cacheDetails: [{ ttl, inputTokens: writeTokens }] }),
  };
}

/** The dearest usage that any model could report for this request. */
function largestUsage(request: ConverseRequest, maxTokens: number): Usage {
  const inputTokens = largestInput(request);
  return { inputTokens, outputTokens: maxTokens, totalTokens: inputTokens + maxTokens };
}

/** Claude names the stop sequence that hit, to those who ask for the field; its path differs between the two operations. */
function stopFieldsOf(request: ConverseRequest, stopSequence?: string): { output?: JsonObject; stream?: JsonObject } {
  const paths = request.additionalModelResponseFieldPaths ?? [];
  const value = stopSequence ?? null;
  return {
    output: paths.includes('/stop_sequence') ? { stop_sequence: value } : undefined,
    stream: paths.includes('/delta/stop_sequence') ? { delta: { stop_sequence: value } } : undefined,
  };
}
