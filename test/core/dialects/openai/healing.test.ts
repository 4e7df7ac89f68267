// What is tried once more after a model refused a request.
import { describe, expect, test } from 'vitest';
import { healingOf } from '../../../../functions/core/dialects/content/healing.ts';
import { toConverse } from '../../../../functions/core/dialects/openai/to-converse.ts';
import { ask, called, type Json, model, parse, tool } from './chat.ts';

const schema = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', properties: {} } } };

describe('a refusal tells about the model', () => {
  test.each([
    [
      'output_config.format: Extra inputs are not permitted',
      'claude-sonnet-4-5',
      { response_format: schema },
      { structuredOutput: 'tool' },
    ],
    [
      'tools.0.custom.strict: Extra inputs are not permitted',
      'claude-opus-4-5',
      { tools: [tool('f', {}, { strict: true })] },
      { strictTools: false },
    ],
    [
      '`temperature` and `top_p` cannot both be specified for this model.',
      'claude-sonnet-4',
      { temperature: 1, top_p: 1 },
      { temperatureAndTopP: false },
    ],
    ['`temperature` is deprecated for this model.', 'claude-sonnet-4-5', { temperature: 0.5 }, { sampling: false }],
    ['This model does not support assistant message prefill.', 'claude-haiku-4-5', {}, { prefill: false }],
    [
      'tool_choice: any is not supported by this model',
      'claude-opus-4-8',
      { tools: [tool('f')], tool_choice: 'required' },
      { forcedTools: false, toolChoice: 'auto' },
    ],
  ])('%s', (message, name, body, abilities) => {
    expect(healingOf(message, ask(name, body).request)).toMatchObject({ abilities, warning: expect.stringMatching(/^[\w.]+;[\w ]+$/) });
  });

  test('and translating again with that makes another request', () => {
    const chat = parse({ response_format: schema });
    const facts = model('claude-sonnet-4-5');
    const { abilities } = healingOf('output_config.format: Extra inputs are not permitted', toConverse(chat, facts).request)!;
    const healed = toConverse(chat, { ...facts, abilities: { ...facts.abilities, ...abilities } }).request;
    expect(healed.toolConfig?.toolChoice).toEqual({ tool: { name: 'json_response' } });
    expect(healed).not.toHaveProperty('outputConfig');
  });
});

describe('a refused field is taken out', () => {
  const request: Json = ask('claude-sonnet-4-5', {
    top_k: 3,
    additionalModelRequestFields: { x: { y: 1 } },
    anthropic_beta: 'effort-2025-11-24',
  }).request;

  test.each([
    ['x.y: Extra inputs are not permitted', 'x'],
    ["Unknown parameter: 'top_k'.", 'top_k'],
    ['Malformed input request: extraneous key [x] is not permitted', 'x'],
    ['invalid beta flag', 'anthropic_beta'],
  ])('%s', (message, field) => {
    const { additionalModelRequestFields: kept } = healingOf(message, request)!.request as Json;
    expect(Object.keys(kept)).toEqual(Object.keys(request.additionalModelRequestFields).filter((key) => key !== field));
  });

  test('reasoning of another model is stripped when its signature is refused', () => {
    const { request: replayed } = ask('claude-sonnet-4-5', {
      reasoning_effort: 'low',
      max_tokens: 8_000,
      tools: [tool('f')],
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', reasoning_content: 'hm', reasoning_signature: 's', tool_calls: [called('a', 'f')] },
        { role: 'tool', tool_call_id: 'a', content: 'y' },
      ],
    });
    const healed = healingOf('messages.1.content.0: Invalid `signature` in `thinking` block', replayed)!.request as Json;
    expect(healed.messages[1].content.map((block: Json) => Object.keys(block)[0])).toEqual(['toolUse']);
    expect(healed.additionalModelRequestFields).not.toHaveProperty('thinking');
    expect(replayed.messages[1].content).toHaveLength(2);
  });

  test('an hour is taken off the cache points, nothing else', () => {
    const { request: cached } = ask('claude-sonnet-4-5', {
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: { ttl: '1h' } }] }],
    });
    const healed = healingOf('cachePoint.ttl is not supported', cached)!.request as Json;
    expect(healed.messages[0].content).toEqual([{ text: 'a' }, { cachePoint: { type: 'default' } }]);
  });
});

test.each([
  ['Input is too long for requested model.'],
  ['strict: Extra inputs are not permitted'],
  ['thinking: unexpected'],
  ['cache_control.ttl: nope'],
])('nothing is tried where nothing can change: %s', (message) => {
  expect(healingOf(message, ask('claude-sonnet-4-5', {}).request)).toBeNull();
});
