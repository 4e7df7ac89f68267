// What a relayed body asks for of what is switched off, and where it says so.
import { describe, expect, test } from 'vitest';
import { FEATURES, type Feature } from '../../../functions/core/platform/features.ts';
import { refuseSwitchedOffFields } from '../../../functions/core/relay/switched-off.ts';

const user = (...content: unknown[]) => ({ messages: [{ role: 'user', content: 'Hello' }, null, { role: 'user', content }] });
const input = (...content: unknown[]) => ({ input: [{ role: 'user', content }] });

const ASKING: [body: Record<string, unknown>, feature: Feature, param: string][] = [
  [
    user({ type: 'text', text: 'x' }, { type: 'image_url', image_url: { url: 'https://a.example/b.png' } }),
    'vision',
    'messages[2].content[1]',
  ],
  [user({ type: 'image', source: {} }), 'vision', 'messages[2].content[0]'],
  [user({ type: 'video_url' }), 'vision', 'messages[2].content[0]'],
  [input({ type: 'input_image', image_url: 'x' }), 'vision', 'input[0].content[0]'],
  [{ input: [{ type: 'input_image', image_url: 'x' }] }, 'vision', 'input[0]'],
  [user({ type: 'file', file: {} }), 'documents', 'messages[2].content[0]'],
  [input({ type: 'input_file', file_data: 'x' }), 'documents', 'input[0].content[0]'],
  [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools', 'tools'],
  [{ functions: [{ name: 'f' }] }, 'tools', 'functions'],
  [{ reasoning_effort: 'low' }, 'thinking', 'reasoning_effort'],
  [{ reasoning: { effort: 'high' } }, 'thinking', 'reasoning'],
  [{ thinking: { type: 'enabled', budget_tokens: 2_000 } }, 'thinking', 'thinking'],
];

describe.each(ASKING)('%j', (body, feature, param) => {
  test(`is refused where ${feature} is off, and only there`, () => {
    expect(() => refuseSwitchedOffFields(body, [feature])).toThrow(
      expect.objectContaining({ code: 'feature_disabled', message: expect.stringContaining(`"${feature}"`), details: { param } }),
    );
    const others = FEATURES.filter((one) => one !== feature);
    for (const off of [undefined, [], others]) expect(() => refuseSwitchedOffFields(body, off)).not.toThrow();
  });
});

test.each([
  { messages: [{ role: 'user', content: 'Hello' }], input: 'Hello', tools: [], functions: null },
  { reasoning_effort: 'none', reasoning: { effort: 'none' }, thinking: { type: 'disabled' } },
  { reasoning: { enabled: false }, reasoning_effort: null },
  { messages: [{ role: 'user', content: [{ type: 'text' }, { type: 5 }, { type: 'constructor' }, 'x', null] }] },
])('%j asks for nothing that could be off', (body) => {
  expect(() => refuseSwitchedOffFields(body, FEATURES)).not.toThrow();
});
