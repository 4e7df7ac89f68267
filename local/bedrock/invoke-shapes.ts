// The bodies that InvokeModel takes and gives, by vendor: each shape reads a request and writes an answer, whole or as stream chunks. Pure.
import type { Generation, Step } from './generation.ts';
import { createMessageEvents, toMessage } from './messages-answer.ts';
import { fromMessagesRequest } from './messages-request.ts';
import type { Model } from './models.ts';
import { invalid } from './refusal.ts';
import type { ContentBlock, ConverseRequest, Message } from './wire.ts';

export interface InvokeShape {
  toRequest(body: unknown): ConverseRequest;
  toAnswer(model: string, generation: Generation): object;
  createEvents(model: string, generation: Generation): (step: Step) => object[];
}

interface ChatBody {
  messages?: { role: string; content: string | ContentBlock[] }[];
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
  stop?: string | string[];
}

interface PromptBody {
  prompt?: string;
  inputText?: string;
  max_gen_len?: number;
  max_tokens?: number;
  textGenerationConfig?: { maxTokenCount?: number; stopSequences?: string[] };
  stop?: string[];
}

export function shapeFor(model: Model, body: unknown): InvokeShape {
  if (model.vendor === 'anthropic' || (body as { anthropic_version?: string }).anthropic_version) return messages;
  if (model.baseId.startsWith('amazon.nova')) return nova;
  if ((body as ChatBody).messages) return chat;
  return model.vendor === 'meta' ? llama : model.baseId.startsWith('amazon.titan') ? titan : completion;
}

const messages: InvokeShape = { toRequest: fromMessagesRequest, toAnswer: toMessage, createEvents: createMessageEvents };

/** Nova's own schema is Converse's. */
const nova: InvokeShape = {
  toRequest: (body) => body as ConverseRequest,
  toAnswer: (_model, { output }) => ({ output: output.output, stopReason: output.stopReason, usage: output.usage }),
  createEvents: () => (step) => [step.event],
};

/** What the vendors with OpenAI-shaped bodies have in common (OpenAI, Qwen, DeepSeek, Mistral …). */
const chat: InvokeShape = {
  toRequest(unknownBody) {
    const body = unknownBody as ChatBody;
    const toBlocks = (content: string | ContentBlock[]) => (typeof content === 'string' ? [{ text: content }] : content);
    const [system, turns] = [body.messages!.filter(isSystem), body.messages!.filter((message) => !isSystem(message))];
    return {
      messages: turns.map(({ role, content }) => ({ role: role as Message['role'], content: toBlocks(content) })),
      system: system.flatMap(({ content }) => toBlocks(content)),
      inferenceConfig: {
        maxTokens: body.max_completion_tokens ?? body.max_tokens,
        temperature: body.temperature,
        topP: body.top_p,
        stopSequences: body.stop === undefined ? undefined : [body.stop].flat(),
      },
    };
  },
  toAnswer: (model, generation) => ({
    ...chatHead(model, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: textOf(generation) },
        finish_reason: finishReasonOf(generation.output.stopReason),
      },
    ],
    usage: chatUsage(generation),
  }),
  createEvents: (model, generation) => (step) => {
    const head = chatHead(model, 'chat.completion.chunk');
    const choice = (delta: object, finish_reason: string | null) => ({ ...head, choices: [{ index: 0, delta, finish_reason }] });
    const { messageStart, contentBlockDelta, messageStop, metadata } = step.event;
    if (messageStart) return [choice({ role: 'assistant', content: '' }, null)];
    if (contentBlockDelta?.delta.text) return [choice({ content: contentBlockDelta.delta.text }, null)];
    if (messageStop) return [choice({}, finishReasonOf(messageStop.stopReason))];
    return metadata ? [{ ...head, choices: [], usage: chatUsage(generation) }] : [];
  },
};

const llama = promptShape((text, stopReason, { usage }) => ({
  generation: text,
  prompt_token_count: usage.inputTokens,
  generation_token_count: usage.outputTokens,
  stop_reason: stopReason && finishReasonOf(stopReason),
}));

const titan = promptShape((text, stopReason, { usage }) => ({
  inputTextTokenCount: usage.inputTokens,
  results: [{ tokenCount: usage.outputTokens, outputText: text, completionReason: stopReason === 'max_tokens' ? 'LENGTH' : 'FINISH' }],
}));

const completion = promptShape((text, stopReason) => ({ outputs: [{ text, stop_reason: stopReason && finishReasonOf(stopReason) }] }));

/** Models that continue a prompt; a chunk looks like the answer with a part of its text. */
function promptShape(toBody: (text: string, stopReason: string | null, generation: Generation) => object): InvokeShape {
  return {
    toRequest(unknownBody) {
      const body = unknownBody as PromptBody;
      const prompt = body.prompt ?? body.inputText;
      if (typeof prompt !== 'string')
        throw invalid('Malformed input request: #: required key [prompt] not found, please reformat your input and try again.');
      const config = body.textGenerationConfig;
      const maxTokens = body.max_gen_len ?? body.max_tokens ?? config?.maxTokenCount;
      return {
        messages: [{ role: 'user', content: [{ text: prompt }] }],
        inferenceConfig: { maxTokens, stopSequences: body.stop ?? config?.stopSequences },
      };
    },
    toAnswer: (_model, generation) => toBody(textOf(generation), generation.output.stopReason, generation),
    createEvents: (_model, generation) => (step) => {
      const { contentBlockDelta, messageStop } = step.event;
      if (contentBlockDelta?.delta.text) return [toBody(contentBlockDelta.delta.text, null, generation)];
      return messageStop ? [toBody('', messageStop.stopReason, generation)] : [];
    },
  };
}

function isSystem({ role }: { role: string }): boolean {
  return role === 'system' || role === 'developer';
}

function chatHead(model: string, object: string): object {
  return { id: 'chatcmpl-standin', object, created: 1_750_000_000, model };
}

function chatUsage({ usage }: Generation): object {
  return { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens, total_tokens: usage.totalTokens };
}

function finishReasonOf(stopReason: string): string {
  return stopReason === 'max_tokens' ? 'length' : stopReason === 'tool_use' ? 'tool_calls' : 'stop';
}

function textOf({ output }: Generation): string {
  return output.output.message.content.map((block) => block.text ?? '').join('');
}
