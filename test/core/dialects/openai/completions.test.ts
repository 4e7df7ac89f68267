// OpenAI's legacy completions: which chats they become, what is refused, and the answer, whole and streamed.
import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, test } from 'vitest';
import { createCompletionStream, toCompletionResponse } from '../../../../functions/core/dialects/openai/completion-response.ts';
import { foldCompletion, parseCompletionRequest } from '../../../../functions/core/dialects/openai/completions.ts';
import type { GatewayError } from '../../../../functions/core/platform/errors.ts';

function refusalOf(fields: object): GatewayError {
  try {
    parseCompletionRequest({ model: 'm', prompt: 'a', ...fields });
  } catch (thrown) {
    return thrown as GatewayError;
  }
  throw new Error('It was taken.');
}

describe('a completion', () => {
  test('is a chat of one message, of 16 tokens where none are asked for', () => {
    const { chats } = parseCompletionRequest({ model: 'm', prompt: 'Once', echo: false, suffix: null, best_of: 1 });
    expect(chats).toEqual([{ model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'Once' }] }]);
  });

  test('of several prompts is a chat for each, with the same settings', () => {
    const { chats } = parseCompletionRequest({ model: 'm', prompt: ['a', 'b'], max_tokens: 5, temperature: 0.2, stop: ['\n'], unknown: 1 });
    const shared = { model: 'm', max_tokens: 5, temperature: 0.2, stop: ['\n'] };
    expect(chats).toEqual(['a', 'b'].map((content) => ({ ...shared, messages: [{ role: 'user', content }] })));
  });

  test.each<[fields: object, code: string, param: string]>([
    [{ prompt: undefined }, 'missing_required_parameter', 'prompt'],
    [{ prompt: [] }, 'invalid_value', 'prompt'],
    [{ prompt: [1, 2, 3] }, 'invalid_value', 'prompt'],
    [{ prompt: [[1, 2, 3]] }, 'invalid_value', 'prompt'],
    [{ prompt: ['a', null] }, 'invalid_value', 'prompt[1]'],
    [{ prompt: { text: 'a' } }, 'invalid_value', 'prompt'],
    [{ prompt: Array.from({ length: 129 }, () => 'a') }, 'invalid_value', 'prompt'],
    [{ prompt: ['a', 'b'], stream: true }, 'unsupported_value', 'prompt'],
    [{ suffix: 'end' }, 'unsupported_value', 'suffix'],
    [{ echo: true }, 'unsupported_value', 'echo'],
    [{ best_of: 2 }, 'unsupported_value', 'best_of'],
    [{ logprobs: 0 }, 'unsupported_value', 'logprobs'],
    [{ logprobs: 5 }, 'unsupported_value', 'logprobs'],
    [{ max_tokens: 0 }, 'invalid_value', 'max_tokens'],
  ])('with %j is refused', (fields, code, param) => {
    const refusal = refusalOf(fields);
    expect([refusal.status, refusal.code, refusal.details.param]).toEqual([400, code, param]);
  });
});

const HEAD = { id: 'cmpl-1', created: 9, model: 'm' };
const EVENTS = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'hm' } } } },
  { contentBlockDelta: { contentBlockIndex: 1, delta: { text: 'Hello' } } },
  { contentBlockDelta: { contentBlockIndex: 1, delta: { text: ' you' } } },
  { contentBlockStop: { contentBlockIndex: 1 } },
  { messageStop: { stopReason: 'max_tokens' } },
  { metadata: { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5, cacheReadInputTokens: 4 }, metrics: { latencyMs: 1 } } },
] as ConverseStreamOutput[];

describe('the answer of a completion', () => {
  test('has a choice for each prompt, in their order, and the sum of what they used', () => {
    const folds = [foldCompletion(), foldCompletion()];
    for (const event of EVENTS) for (const fold of folds) fold.hear(event);
    folds[1]!.hear({ messageStop: { stopReason: 'end_turn' } });
    expect(toCompletionResponse(HEAD, folds)).toEqual({
      ...HEAD,
      object: 'text_completion',
      choices: [
        { text: 'Hello you', index: 0, logprobs: null, finish_reason: 'length' },
        { text: 'Hello you', index: 1, logprobs: null, finish_reason: 'stop' },
      ],
      usage: expect.objectContaining({ prompt_tokens: 14, completion_tokens: 4, total_tokens: 18 }),
    });
  });

  test('that is streamed is text_completion chunks, the last with its reason, then [DONE]', () => {
    const chunks = framesOf(false);
    expect(chunks.pop()).toBe('[DONE]');
    const choice = { index: 0, logprobs: null };
    expect(chunks.map((chunk) => JSON.parse(chunk))).toEqual([
      { ...HEAD, object: 'text_completion', choices: [{ ...choice, text: 'Hello', finish_reason: null }] },
      { ...HEAD, object: 'text_completion', choices: [{ ...choice, text: ' you', finish_reason: null }] },
      { ...HEAD, object: 'text_completion', choices: [{ ...choice, text: '', finish_reason: 'length' }] },
    ]);
  });

  test('that is streamed tells its usage before [DONE] where that was asked for', () => {
    const chunks = framesOf(true);
    expect(chunks.pop()).toBe('[DONE]');
    expect(JSON.parse(chunks.pop()!)).toMatchObject({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } });
    for (const chunk of chunks) expect(JSON.parse(chunk).usage).toBeNull();
  });

  function framesOf(includeUsage: boolean): string[] {
    const stream = createCompletionStream(HEAD, includeUsage);
    const bytes = EVENTS.map(stream.frames).join('') + stream.end();
    return bytes
      .split('\n\n')
      .slice(0, -1)
      .map((frame) => frame.replace(/^data: /, ''));
  }
});
