// Whatever a client sends, it is translated or refused in words of ours; nothing else is ever thrown.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../../../../functions/core/platform/errors.ts';
import { ask, called, type Json, refusalOf, tool } from './chat.ts';

const BODY = {
  model: 'm',
  stream: true,
  stream_options: { include_usage: true },
  max_tokens: 100,
  temperature: 0.5,
  stop: ['a'],
  tools: [
    { ...tool('look'), cache_control: { type: 'ephemeral' } },
    { type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar: { definition: 'x' } } } },
  ],
  tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'look' } }] } },
  response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', properties: { a: { type: 'string' } } } } },
  reasoning: { effort: 'low', max_tokens: 2_000, enabled: true, exclude: false },
  thinking: { type: 'enabled', budget_tokens: 1_024 },
  metadata: { a: 'b' },
  guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
  service_tier: 'flex',
  prompt_cache_options: { mode: 'explicit', ttl: '1h' },
  logit_bias: { 1: 1 },
  additionalModelRequestFields: { a: { b: 1 } },
  additionalModelResponseFieldPaths: ['/a'],
  anthropic_beta: ['x'],
  messages: [
    { role: 'system', content: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'JVBERi0=' } },
        { type: 'doc', doc: { name: 'd', format: 'pdf', source: { bytes: { 0: 37 } } } },
      ],
    },
    {
      role: 'assistant',
      content: 'b',
      reasoning_details: [
        { type: 'reasoning.text', text: 't', signature: 's', index: 0 },
        { type: 'reasoning.encrypted', data: 'QQ==' },
      ],
      tool_calls: [called('a', 'look'), { id: 'b', type: 'custom', custom: { name: 'patch', input: 'x' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'r' }], is_error: true },
    { role: 'tool', tool_call_id: 'b', content: 'r' },
  ],
};

const pathsOf = (value: Json, path: string[] = []): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).flatMap((key) => [[...path, key], ...pathsOf(value[key], [...path, key])])
    : [];
const PATHS = pathsOf(BODY);

const junk = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    '',
    ' ',
    'x',
    [],
    {},
    [null],
    [[]],
    { type: 'text' },
    { type: null },
    { text: 1 },
    'toString',
    '__proto__',
    'constructor',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** The body with junk at some of its places. */
function spoiled(changes: { at: number; value: unknown }[]): Json {
  const body = structuredClone(BODY) as Json;
  for (const { at, value } of changes) {
    const path = PATHS[at % PATHS.length]!;
    const holder = path.slice(0, -1).reduce((node: Json, key) => (typeof node === 'object' && node !== null ? node[key] : undefined), body);
    if (typeof holder === 'object' && holder !== null) holder[path.at(-1)!] = structuredClone(value);
  }
  return body;
}

test.each(['claude-sonnet-4-5', 'claude-opus-4-7', 'nova-2-lite', 'gpt-5.6-sol'])(
  '%s: junk anywhere in a body is no bug of ours',
  (name) => {
    const changes = fc.array(fc.record({ at: fc.nat(1_000), value: junk }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (spoiling) => {
        try {
          JSON.stringify(ask(name, spoiled(spoiling)).request);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GatewayError);
          expect((thrown as GatewayError).status).toBeLessThan(500);
        }
      }),
      { numRuns: 500 },
    );
  },
);

test.each([
  ['a schema of a tool', (deep: Json) => ({ tools: [tool('f', { type: 'object', properties: deep })] }), 'tools[0].function.parameters'],
  [
    'a schema of the answer',
    (deep: Json) => ({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema: deep } } }),
    'response_format.json_schema.schema',
  ],
  ['further fields', (deep: Json) => ({ additionalModelRequestFields: { deep } }), 'additionalModelRequestFields'],
])('%s that is nested without end is refused, not a crash', (_name, bodyOf, param) => {
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
  expect(refusalOf('claude-sonnet-4-5', bodyOf(deep))).toBe(`invalid_value ${param}`);
});
