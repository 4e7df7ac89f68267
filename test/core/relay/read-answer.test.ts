// What is understood of an answer: usage, end and failure.
import { describe, expect, it, test } from 'vitest';
import { readEvent, readWhole } from '../../../functions/core/relay/read-answer.ts';
import { usageOf } from '../../../functions/core/relay/read-usage.ts';

const told = (input: number, output: number, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0) => ({
  input,
  output,
  cacheRead,
  cacheWrite5m,
  cacheWrite1h,
});

describe('the usage', () => {
  it.each([
    ['of a chat', { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 }, told(10, 4)],
    [
      'with cached tokens, which are part of the prompt',
      { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 6 } },
      told(4, 4, 6),
    ],
    ['of a response', { input_tokens: 10, output_tokens: 4, input_tokens_details: { cached_tokens: 6 } }, told(4, 4, 6)],
    ['of DeepSeek', { prompt_tokens: 10, completion_tokens: 4, prompt_cache_hit_tokens: 3 }, told(7, 4, 3)],
    ['with thoughts that only the total has', { prompt_tokens: 10, completion_tokens: 4, total_tokens: 20 }, told(10, 10)],
    ['of embeddings', { prompt_tokens: 10, total_tokens: 10 }, told(10, 0)],
    ['of a reranking', { total_tokens: 10 }, told(10, 0)],
    [
      'of another Outcrop, with what it wrote to the cache',
      {
        prompt_tokens: 20,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 9, cache_creation_token_details: { ephemeral_1h_input_tokens: 2 } },
      },
      told(7, 1, 4, 7, 2),
    ],
    [
      'that cannot be, with more cached than asked',
      { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
      told(0, 1, 5),
    ],
    ['in strings', { prompt_tokens: '10', completion_tokens: '4' }, undefined],
    ['below nothing', { prompt_tokens: -1, completion_tokens: 4 }, undefined],
    ['that is empty', {}, undefined],
    ['that is null', null, undefined],
  ])('%s is read', (_what, usage, expected) => {
    expect(usageOf({ usage })).toEqual(expected);
    expect(usageOf({ type: 'response.completed', response: { usage } })).toEqual(expected);
  });
});

describe('an event of a stream', () => {
  const chunk = (fields: object) => `data: ${JSON.stringify({ id: 'a', ...fields })}`;
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  const choices = [{ index: 0, delta: { content: 'x' } }];

  it.each([
    ['a comment', ': ping', ': ping\n\n'],
    ['words', chunk({ choices }), `${chunk({ choices })}\n\n`],
    ['words beside an empty usage', chunk({ choices, usage: null }), `${chunk({ choices })}\n\n`],
    ['words beside a usage so far', chunk({ choices, usage }), `${chunk({ choices })}\n\n`],
    ['the usage alone', chunk({ choices: [], usage }), undefined],
    [
      "Azure's word about the prompt",
      chunk({ choices: [], usage: null, prompt_filter_results: [] }),
      `${chunk({ choices: [], prompt_filter_results: [] })}\n\n`,
    ],
  ])('%s is shown without the usage, where that is hidden, and as it came otherwise', (_what, event, frame) => {
    expect(readEvent(event, true).frame).toBe(frame);
    expect(readEvent(event, false).frame).toBe(`${event}\n\n`);
  });

  it.each([
    ['data: [DONE]', true],
    ['event: response.completed\ndata: {"type":"response.completed","response":{"error":null}}', true],
    ['data: {"type":"response.incomplete","response":{}}', true],
    [chunk({ choices }), false],
  ])('%s ends the answer: %s', (event, isEnd) => {
    expect(readEvent(event, false).isEnd).toBe(isEnd);
  });

  it.each([
    ['a usage alone', chunk({ choices: [], usage }), true],
    ['a usage beside the last words', chunk({ choices: [{ index: 0, finish_reason: 'stop' }], usage }), true],
    ['a usage so far, beside words', chunk({ choices: [{ index: 0, finish_reason: null }], usage }), false],
    ['the last words without a usage', chunk({ choices: [{ index: 0, finish_reason: 'stop' }] }), false],
  ])('%s says that all has been said: %s', (_what, event, isComplete) => {
    expect(readEvent(event, false).isComplete).toBe(isComplete);
  });

  test.each([
    'data: {"error":{"message":"secret"}}',
    'event: error\ndata: {"type":"error","message":"secret"}',
    'data: {"type":"response.failed","response":{"error":{"message":"secret"}}}',
    'data: secret',
    'data: 7',
  ])('%s is a failure that may have been billed, and keeps its words to itself', (event) => {
    let failure: unknown;
    try {
      readEvent(event, false);
    } catch (thrown) {
      failure = thrown;
    }
    expect(failure).toMatchObject({ code: 'model_stream_error', details: { mayBeBilled: true } });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('secret');
  });
});

test('a whole answer is shown as it came, and one that holds an error is a failure', () => {
  const text = '{ "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2} }';
  expect(readWhole(text)).toEqual({ frame: text, usage: told(1, 2), isEnd: true, isComplete: true });
  expect(() => readWhole('{"error":{"message":"secret"}}')).toThrow('failed while it answered');
});
