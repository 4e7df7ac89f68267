// What is held for a relayed request and what is sent for it: never less held than what is sent can cost.
import { describe, expect, it } from 'vitest';
import { planRequest } from '../../../functions/core/relay/plan-request.ts';

const LIMITS = { contextTokens: 100_000, maxOutputTokens: 8_000, defaultMaxTokens: 4_000 };
const TO = { model: 'target', maxTokensField: 'max_completion_tokens', limits: LIMITS };
const EMBED = { ...TO, limits: { contextTokens: 8_000, maxOutputTokens: 0, defaultMaxTokens: 0 } };
const HELLO = [{ role: 'user', content: 'Hello' }];

function plan(path: string, fields: object, to = TO) {
  const text = JSON.stringify({ model: 'name', ...fields });
  return planRequest(path, { text, fields: JSON.parse(text) }, to);
}
const chat = (fields: object) => plan('chat/completions', { messages: HELLO, ...fields });
const sent = (fields: object, most: number) => JSON.parse(chat(fields).toBody(most));

describe('the limit of the answer', () => {
  it.each([
    [{}, 4_000, { max_completion_tokens: 4_000 }],
    [{ max_tokens: null }, 4_000, { max_completion_tokens: 4_000 }],
    [{ max_tokens: 50 }, 50, { max_tokens: 50 }],
    [{ max_completion_tokens: 50 }, 50, { max_completion_tokens: 50 }],
    [{ max_tokens: 90, max_completion_tokens: 50 }, 90, { max_tokens: 90, max_completion_tokens: 50 }],
    [{ max_tokens: 9_000 }, 8_000, { max_tokens: 8_000 }],
  ])('of %j is held as %i and sent as %j', (fields, maxTokens, members) => {
    expect(chat(fields).maxTokens).toBe(maxTokens);
    expect(sent(fields, maxTokens)).toMatchObject(members);
  });

  it('is lowered in every field that says one', () => {
    expect(sent({ max_tokens: 90, max_completion_tokens: 50 }, 20)).toMatchObject({ max_tokens: 20, max_completion_tokens: 20 });
    expect(sent({}, 20)).toMatchObject({ max_completion_tokens: 20 });
  });

  it('above what the model can is lowered with a warning', () => {
    expect(chat({ max_tokens: 9_000 }).warnings).toEqual(["max_tokens;above the model's maximum"]);
    expect(chat({ max_tokens: 8_000 }).warnings).toEqual([]);
  });

  it.each([
    { max_tokens: '5' },
    { max_completion_tokens: 0 },
    { max_tokens: 1.5 },
    { n: '2' },
    { n: 0 },
    { stream: 'yes' },
    { best_of: [1] },
  ])('and what multiplies it is never guessed: %j is refused', (fields) => {
    expect(() => chat(fields)).toThrow(expect.objectContaining({ code: 'invalid_value', status: 400 }));
  });

  it('is held once for each answer', () => {
    expect(chat({ n: 3 }).choices).toBe(3);
    expect(plan('completions', { prompt: ['a', 'b'], n: 2, best_of: 4 }).choices).toBe(8);
    expect(plan('completions', { prompt: [1, 2, 3] }).choices).toBe(1);
    expect(plan('completions', { prompt: [[1, 2], [3]] }).choices).toBe(2);
    expect(plan('completions', { prompt: 'a' })).toMatchObject({ maxTokens: 16, choices: 1 });
  });

  it('does not exist for embeddings', () => {
    expect(plan('embeddings', { input: 'a' }, EMBED)).toMatchObject({ maxTokens: 0, isLowerable: false, hidesUsage: false });
  });

  it("is the model's own on a path nobody knows, and that cannot be shortened", () => {
    expect(plan('unknown', { input: 'a' })).toMatchObject({ maxTokens: 8_000, isLowerable: false });
    expect(plan('unknown', { input: 'a', max_tokens: 9 })).toMatchObject({ maxTokens: 9, isLowerable: true });
  });
});

it('is read one way only: a body that says something twice is refused', () => {
  const text = '{"model":"name","max_tokens":9000,"messages":[],"max_tokens":1}';
  expect(() => planRequest('chat/completions', { text, fields: JSON.parse(text) }, TO)).toThrow('twice');
});

describe('the usage of a stream', () => {
  it.each([
    [{ stream: true }, true, { include_usage: true }],
    [
      { stream: true, stream_options: { include_usage: false, include_obfuscation: true } },
      true,
      { include_usage: true, include_obfuscation: true },
    ],
    [{ stream: true, stream_options: { include_usage: true } }, false, { include_usage: true }],
    [{}, false, undefined],
    [{ stream: false }, false, undefined],
  ])('with %j is hidden: %s, and asked for by %j', (fields, hidesUsage, options) => {
    expect(chat(fields).hidesUsage).toBe(hidesUsage);
    expect(sent(fields, 10).stream_options).toEqual(options);
  });
});

describe('the bound of the input', () => {
  const inputOf = (fields: object) => chat(fields).inputTokens;
  const empty = inputOf({ messages: [] });

  it.each([
    ['text', { messages: [{ role: 'user', content: 'é'.repeat(5_000) }] }, 10_000],
    ['parts of text', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a'.repeat(5_000) }] }] }, 5_000],
    [
      'the arguments of calls',
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: 'a'.repeat(5_000) } }] }] },
      5_000,
    ],
    ['tools', { tools: [{ type: 'function', function: { name: 'f', description: 'a'.repeat(5_000) } }] }, 5_000],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { schema: { description: 'a'.repeat(5_000) } } } }, 5_000],
    ['fields of a vendor', { chat_template_kwargs: { note: 'a'.repeat(5_000) } }, 5_000],
    ['the names of fields', { logit_bias: { ['9'.repeat(5_000)]: 1 } }, 5_000],
    [
      'text that calls itself a picture where there can be none',
      { tools: [{ type: 'custom', image_url: { url: `data:image/png;${'a'.repeat(60_000)}` } }] },
      60_000,
    ],
    [
      'text beside a picture',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: '' }, note: 'a'.repeat(9_000) }] }] },
      59_000,
    ],
  ])('covers every byte of %s', (_what, fields, bytes) => {
    expect(inputOf(fields)).toBeGreaterThanOrEqual(Math.min(bytes, LIMITS.contextTokens));
    expect(inputOf(fields)).toBeLessThan(bytes + empty + 500);
  });

  it('counts a picture by what one costs, not by its bytes', () => {
    const picture = (url: string) => inputOf({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });
    expect(picture(`data:image/png;base64,${'A'.repeat(90_000)}`)).toBe(picture('https://example.com/a.png'));
    expect(picture('https://example.com/a.png')).toBeGreaterThanOrEqual(50_000);
  });

  it.each([
    ['a file', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] }],
    ['a film', { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'https://example.com' } }] }] }],
    ['a megabyte of text', { messages: [{ role: 'user', content: 'a'.repeat(1_000_000) }] }],
  ])('is all of the window for %s', (_what, fields) => {
    expect(inputOf(fields)).toBe(LIMITS.contextTokens);
  });

  it.each([{ previous_response_id: 'resp_1' }, { conversation: { id: 'c' } }, { prompt: { id: 'p' } }])(
    'is all of the window for %j',
    (fields) => {
      expect(plan('responses', { input: 'Hi', ...fields }).inputTokens).toBe(LIMITS.contextTokens);
    },
  );

  it('of embeddings has no window, for each text has its own, and covers characters that are spelled out', () => {
    expect(plan('embeddings', { input: Array(100).fill('a'.repeat(1_000)) }, EMBED).inputTokens).toBeGreaterThan(100_000);
    const spelledOut = '\ufdfa'.repeat(100);
    expect(plan('embeddings', { input: spelledOut }, EMBED).inputTokens).toBeGreaterThanOrEqual(
      Buffer.byteLength(spelledOut.normalize('NFKC')),
    );
  });

  it('of a path nobody knows covers that everything is read for each member of a list', () => {
    const documents = Array(10).fill('d'.repeat(100));
    expect(plan('rerank', { query: 'q'.repeat(1_000), documents }).inputTokens).toBeGreaterThanOrEqual(10 * 1_000 + 1_000);
  });

  it('takes a body that is nested deeper than the stack', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = `{"model":"name","messages":[],"x":${deep}}`;
    expect(planRequest('chat/completions', { text, fields: JSON.parse(text) }, TO).inputTokens).toBe(LIMITS.contextTokens);
  });
});

describe('what the ledger could not price', () => {
  it.each([
    { web_search_options: {} },
    { plugins: [{ id: 'web' }] },
    { modalities: ['text', 'audio'] },
    { audio: { voice: 'alloy' } },
    { service_tier: 'priority' },
    { prediction: { type: 'content', content: 'a' } },
    { background: true },
    { models: ['a dearer one'] },
    { n_predict: -1 },
    { tools: [{ type: 'web_search' }] },
    { tools: [null] },
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }] }] },
  ])('%j is refused with its field', (fields) => {
    const [param] = Object.keys(fields) as [string];
    expect(() => chat(fields)).toThrow(
      expect.objectContaining({ code: 'unsupported_value', details: { param: expect.stringContaining(param) } }),
    );
  });

  it.each([{ modalities: ['text'] }, { service_tier: 'auto' }, { background: false }, { prediction: null }, { tools: [] }])(
    '%j is not',
    (fields) => {
      expect(() => chat(fields)).not.toThrow();
    },
  );
});
