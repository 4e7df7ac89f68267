// Recorded Converse streams as OpenAI's clients get them, whole and streamed, byte for byte. A difference is a decision:
// UPDATE_GOLDEN=1 writes the files anew.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ask, type Event, type Json, model, streamed, tool, whole } from './chat.ts';

const RECORDINGS = fileURLToPath(new URL('../../../recordings/', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../../../golden/openai-chat/', import.meta.url));
const isUpdating = process.env.UPDATE_GOLDEN === '1';

/** A recording's events; the SDK makes bytes of base64. */
function readRecording(name: string): { modelId: string; events: Event[] } {
  const [head, ...lines] = readFileSync(`${RECORDINGS}${name}`, 'utf8').split('\n').filter(Boolean);
  const events = lines.map((line) => {
    const event: Json = JSON.parse(line);
    const reasoning = event.contentBlockDelta?.delta.reasoningContent;
    if (reasoning?.redactedContent) reasoning.redactedContent = Buffer.from(reasoning.redactedContent, 'base64');
    return event as Event;
  });
  return { modelId: JSON.parse(head!).request.modelId, events };
}

function expectGolden(name: string, text: string): void {
  const path = `${GOLDEN}${name}`;
  if (isUpdating) writeFileSync(path, text);
  expect(existsSync(path), `${path} is missing; UPDATE_GOLDEN=1 writes it.`).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe.each(readdirSync(RECORDINGS).filter((name) => name.endsWith('.jsonl')))('%s', (recording) => {
  const { modelId, events } = readRecording(recording);
  const { answer } = ask(modelId, { tools: [tool('get_weather'), tool('get_time')] });
  const name = recording.replace('.jsonl', '');

  test('streamed', () => expectGolden(`${name}.sse`, streamed(events, answer, true)));
  test('whole', () => expectGolden(`${name}.json`, `${JSON.stringify(whole(events, answer), null, 2)}\n`));
});

describe('requests', () => {
  const conversation = {
    max_completion_tokens: 2_000,
    temperature: 0.2,
    stop: ['END'],
    tools: [tool('get_weather', { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }), tool('mcp.search')],
    tool_choice: 'required',
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'report', schema: { type: 'object', properties: { ok: { type: 'boolean' } } } },
    },
    reasoning_effort: 'medium',
    service_tier: 'priority',
    metadata: { team: 'blue' },
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Rain?' },
          { type: 'file', file: { filename: 'map_1.txt', file_data: 'UGFyaXM=' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning_details: [{ type: 'reasoning.text', text: 'Look it up.', signature: 'sig==', format: 'anthropic-claude-v1', index: 0 }],
        tool_calls: [{ id: 'functions.get_weather:0', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } }],
      },
      { role: 'tool', tool_call_id: 'functions.get_weather:0', content: 'Rain.' },
      { role: 'system', content: 'The user is in a hurry.' },
      { role: 'user', content: 'So?' },
    ],
  };

  test.each([
    'claude-sonnet-4-5',
    'claude-opus-4-8',
    'claude-opus-5-5',
    'nova-2-lite',
    'gpt-5.6-sol',
    'gpt-oss-120b',
    'mistral-large-3',
    'llama3-3-70b',
    'qwen3-32b',
    'deepseek-v3.2',
  ])('of one conversation for %s', (name) => {
    const body = model(name).abilities.documents ? conversation : withoutDocument(conversation);
    const { request, warnings } = ask(name, body);
    const bytes = (_key: string, value: unknown) =>
      value instanceof Uint8Array ? `base64:${Buffer.from(value).toString('base64')}` : value;
    expectGolden(`request.${name}.json`, `${JSON.stringify({ request, warnings }, toPlain(bytes), 2)}\n`);
  });
});

/** Buffers say what they are before a replacer sees them. */
function toPlain(replace: (key: string, value: unknown) => unknown) {
  return function plain(this: Json, key: string, value: unknown): unknown {
    return replace(key, this[key] instanceof Uint8Array ? this[key] : value);
  };
}

function withoutDocument(conversation: { messages: Json[] }): object {
  return {
    ...conversation,
    messages: conversation.messages.map((message) => (message.role === 'user' ? { role: 'user', content: 'Rain?' } : message)),
  };
}
