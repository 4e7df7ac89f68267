// Every top-level field of a chat request and what becomes of it: mapped, dropped with a warning, or refused.
import { describe, expect, test } from 'vitest';
import { ask, refusalOf } from './chat.ts';

const SONNET = 'claude-sonnet-4-5';
const OPUS = 'claude-opus-4-8';

describe('a field is mapped', () => {
  test('a plain question becomes one message and a limit, nothing else', () => {
    const { request, warnings } = ask(SONNET, {});
    expect(request).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      inferenceConfig: { maxTokens: expect.any(Number) },
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['max_completion_tokens wins over max_tokens', { max_completion_tokens: 50, max_tokens: 100 }, { maxTokens: 50 }],
    ['null is absent', { max_completion_tokens: null, max_tokens: 100, temperature: null, stop: null }, { maxTokens: 100 }],
    ['temperature', { max_tokens: 9, temperature: 0.5 }, { maxTokens: 9, temperature: 0.5 }],
    ['top_p', { max_tokens: 9, top_p: 0.9 }, { maxTokens: 9, topP: 0.9 }],
    [
      '"temperature and top_p cannot both be specified": temperature alone',
      { max_tokens: 9, temperature: 0.5, top_p: 0.9 },
      { maxTokens: 9, temperature: 0.5 },
    ],
    ['stop, without blank members', { max_tokens: 9, stop: ['a', '', ' '] }, { maxTokens: 9, stopSequences: ['a'] }],
    ['stop as one string', { max_tokens: 9, stop: 'END' }, { maxTokens: 9, stopSequences: ['END'] }],
    ['a blank stop is none', { max_tokens: 9, stop: '' }, { maxTokens: 9 }],
  ])('%s', (_name, body, inferenceConfig) => {
    expect(ask(SONNET, body).request.inferenceConfig).toEqual(inferenceConfig);
  });

  test.each([
    [SONNET, { top_k: 5 }, { top_k: 5 }],
    ['nova-lite', { top_k: 5 }, { inferenceConfig: { topK: 5 } }],
    ['command-r', { top_k: 5 }, { k: 5 }],
    ['command-r', { presence_penalty: 1, logit_bias: { 5: 1 } }, { presence_penalty: 1, logitBias: { 5: 1 } }],
    ['jamba-1-5-mini', { frequency_penalty: 1 }, { frequencyPenalty: { scale: 1 } }],
  ])('%s takes %j among its own fields', (name, body, fields) => {
    expect(ask(name, body)).toMatchObject({ request: { additionalModelRequestFields: fields }, warnings: [] });
  });

  test.each([
    ['flex', { serviceTier: { type: 'flex' } }],
    ['reserved', { serviceTier: { type: 'reserved' } }],
    ['auto', {}],
  ])('service_tier %s', (tier, expected) => {
    const { request, warnings } = ask(SONNET, { service_tier: tier });
    expect({ serviceTier: request.serviceTier }).toEqual({ serviceTier: undefined, ...expected });
    expect(warnings).toEqual([]);
  });

  test('metadata goes into the log of invocations, without pairs Bedrock refuses', () => {
    const { request, warnings } = ask(SONNET, { metadata: { team: 'a', bad: '{"x":1}' } });
    expect(request.requestMetadata).toEqual({ team: 'a' });
    expect(warnings).toEqual(['metadata;pairs that Amazon Bedrock does not take were left out']);
  });

  test('a user is sent only where the operator wants it, and as a hash', () => {
    expect(ask(SONNET, { user: 'ann@example.com' }).request.requestMetadata).toBeUndefined();
    const { request } = ask(SONNET, { user: 'ann@example.com' }, { sendsUser: true });
    expect(request.requestMetadata.user_id).toMatch(/^[0-9a-f]{64}$/);
    expect(request.additionalModelRequestFields).toEqual({ metadata: request.requestMetadata });
    expect(ask('nova-lite', { user: 'ann@example.com' }, { sendsUser: true }).request).not.toHaveProperty('additionalModelRequestFields');
  });

  test('guardrails come in the body or as headers', () => {
    const fromBody = ask(SONNET, {
      stream: true,
      guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1', trace: 'enabled', streamProcessingMode: 'async' },
    });
    expect(fromBody.request.guardrailConfig).toEqual({
      guardrailIdentifier: 'g',
      guardrailVersion: '1',
      trace: 'enabled',
      streamProcessingMode: 'async',
    });
    const fromHeaders = ask(SONNET, {}, {}, { 'x-bedrock-guardrail-id': 'g', 'x-bedrock-guardrail-version': 'DRAFT' });
    expect(fromHeaders.request.guardrailConfig).toEqual({ guardrailIdentifier: 'g', guardrailVersion: 'DRAFT' });
  });

  test('fields of Bedrock pass as they are, and the client has the last word on additional ones', () => {
    const { request } = ask(SONNET, {
      top_k: 5,
      additional_model_request_fields: { top_k: 7, x: { y: 1 } },
      additionalModelResponseFieldPaths: ['/a'],
      performance_config: { latency: 'optimized' },
      promptVariables: { v: { text: 't' } },
    });
    expect(request).toMatchObject({
      additionalModelRequestFields: { top_k: 7, x: { y: 1 } },
      additionalModelResponseFieldPaths: ['/a'],
      performanceConfig: { latency: 'optimized' },
      promptVariables: { v: { text: 't' } },
    });
  });

  test('Claude is asked which stop string it met, streamed or not', () => {
    expect(ask(SONNET, { stop: 'x' }).request.additionalModelResponseFieldPaths).toEqual(['/stop_sequence']);
    expect(ask(SONNET, { stop: 'x', stream: true }).request.additionalModelResponseFieldPaths).toEqual(['/delta/stop_sequence']);
    expect(ask('nova-lite', { stop: 'x' }).request.additionalModelResponseFieldPaths).toBeUndefined();
  });

  test('betas reach Claude as far as Bedrock takes them', () => {
    const { request, warnings } = ask(SONNET, {}, {}, { 'anthropic-beta': 'context-1m-2025-08-07, files-api-2025-04-14' });
    expect(request.additionalModelRequestFields).toEqual({ anthropic_beta: ['context-1m-2025-08-07'] });
    expect(warnings).toHaveLength(1);
    expect(ask('nova-lite', { anthropic_beta: ['x'] }).warnings).toEqual(['anthropic_beta;not taken by this model']);
  });

  test('web search is asked of Nova, also by an empty object', () => {
    expect(ask('nova-lite', { web_search_options: {} }).request.toolConfig.tools).toEqual([{ systemTool: { name: 'nova_grounding' } }]);
    expect(refusalOf(SONNET, { web_search_options: {} })).toBe('unsupported_parameter web_search_options');
  });
});

describe('a field is dropped with a warning', () => {
  test.each([
    [
      'temperature and top_p on a model that takes one',
      SONNET,
      { temperature: 0.7, top_p: 0.9 },
      ['top_p;this model takes temperature or top_p'],
    ],
    ['a temperature above 1', SONNET, { temperature: 1.5 }, ['temperature;lowered to 1']],
    ['a temperature on a model without sampling', OPUS, { temperature: 0.5 }, ['temperature;not taken by this model']],
    ['the default temperature is worth no warning', OPUS, { temperature: 1, top_p: 1 }, []],
    ['more tokens than there are', SONNET, { max_tokens: 1e6 }, ['max_tokens;lowered to 64000']],
    [
      'tuning',
      SONNET,
      { seed: 1, prediction: {}, verbosity: 'low', store: true, presence_penalty: 1, frequency_penalty: 1, logit_bias: { 5: 1 } },
      [
        'seed;dropped',
        'prediction;dropped',
        'verbosity;dropped',
        'store;dropped',
        'presence_penalty;not taken by this model',
        'frequency_penalty;not taken by this model',
        'logit_bias;not taken by this model',
      ],
    ],
    [
      'values that ask for nothing',
      SONNET,
      { store: false, presence_penalty: 0, logit_bias: {}, logprobs: false, top_logprobs: 0, n: 1 },
      [],
    ],
    [
      'what agents always send',
      SONNET,
      { prompt_cache_key: 'k', unknown_field: 1, modalities: ['text'], audio: {}, parallel_tool_calls: true },
      [],
    ],
    ['a tier that does not exist', SONNET, { service_tier: 'scale' }, ['service_tier;there is no such tier; the default is used']],
    [
      'a limit above the most, by the name the client used',
      SONNET,
      { max_completion_tokens: 1e6 },
      ['max_completion_tokens;lowered to 64000'],
    ],
    [
      'an answer in sound given back',
      SONNET,
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', audio: { id: 'audio_1' } },
          { role: 'user', content: 'b' },
        ],
      },
      ['messages[1].audio;dropped'],
    ],
    ['top_k on Llama', 'llama3-3-70b', { top_k: 3 }, ['top_k;not taken by this model']],
  ])('%s', (_name, name, body, warnings) => {
    expect(ask(name, body).warnings).toEqual(warnings);
  });

  test('and strictness makes an error of it', () => {
    expect(refusalOf(SONNET, { seed: 1 }, { strict: true })).toBe('unsupported_parameter seed');
    expect(refusalOf(SONNET, { temperature: 1.5 }, { strict: true })).toBe('unsupported_parameter temperature');
  });
});

describe('a field is refused', () => {
  test.each([
    [{ n: 2 }, 'unsupported_value n'],
    [{ logprobs: true }, 'unsupported_parameter logprobs'],
    [{ top_logprobs: 3 }, 'unsupported_parameter top_logprobs'],
    [{ modalities: ['text', 'audio'] }, 'unsupported_value modalities'],
    [{ model: '' }, 'missing_required_parameter model'],
    [{ messages: [] }, 'invalid_value messages'],
    [{ messages: [{ role: 'system', content: 's' }] }, 'invalid_value messages'],
    [{ max_tokens: 0 }, 'invalid_value max_tokens'],
    [{ max_tokens: 1.5 }, 'invalid_value max_tokens'],
    [{ temperature: 3 }, 'invalid_value temperature'],
    [{ top_p: 2 }, 'invalid_value top_p'],
    [{ presence_penalty: 3 }, 'invalid_value presence_penalty'],
    [{ stop: [1] }, 'invalid_value stop[0]'],
    [{ stream: 'yes' }, 'invalid_value stream'],
    [{ stream_options: { include_usage: true } }, 'invalid_value stream_options'],
    [{ reasoning_effort: 'extreme' }, 'invalid_value reasoning_effort'],
    [{ service_tier: 'gold' }, 'invalid_value service_tier'],
    [{ metadata: { a: 1 } }, 'invalid_value metadata.a'],
    [{ thinking: { type: 'on' } }, 'invalid_value thinking.type'],
    [{ guardrailConfig: {} }, 'invalid_value guardrailConfig'],
    [{ additionalModelRequestFields: [] }, 'invalid_value additionalModelRequestFields'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'invalid_value messages[0].role'],
    [{ messages: [{ role: 'user', content: [{ type: 'hologram' }] }] }, 'invalid_value messages[0].content[0].type'],
    [
      {
        messages: [
          { role: 'system', content: [{ type: 'image_url' }] },
          { role: 'user', content: 'x' },
        ],
      },
      'invalid_value messages[0].content[0].type',
    ],
  ])('%j → %s', (body, refusal) => {
    expect(refusalOf(SONNET, body)).toBe(refusal);
  });
});
