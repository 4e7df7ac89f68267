// Answers in JSON: by the model's own switch, by a forced tool, or in words.
import { describe, expect, test } from 'vitest';
import { ask, calls, chunksOf, type Event, type Json, refusalOf, says, stops, streamed, tool, whole } from './chat.ts';

const schema = {
  type: 'object',
  properties: { age: { type: 'integer', minimum: 0 }, one: { oneOf: [{ type: 'string', format: 'phone' }, { const: { oneOf: 1 } }] } },
  required: ['age'],
};
const response_format = { type: 'json_schema', json_schema: { name: 'person', description: 'A person.', schema, strict: true } };

/** The content of the answer, whole and streamed. */
function contentsOf(name: string, body: object, events: Event[]): [string | null, string] {
  const { answer } = ask(name, body);
  const pieces = chunksOf(streamed(events, answer)).map(({ choices }) => choices[0].delta.content ?? '');
  return [whole(events, answer).choices[0].message.content, pieces.join('')];
}

describe('natively', () => {
  test('the schema is a string, made to fit the subset Bedrock takes', () => {
    const { request, warnings } = ask('claude-sonnet-4-5', { response_format });
    expect(request.outputConfig.textFormat.type).toBe('json_schema');
    const { jsonSchema } = request.outputConfig.textFormat.structure;
    expect(jsonSchema).toMatchObject({ name: 'person', description: 'A person.', schema: expect.any(String) });
    expect(JSON.parse(jsonSchema.schema)).toEqual({
      type: 'object',
      properties: {
        age: { type: 'integer', description: '(minimum: 0)' },
        one: { anyOf: [{ type: 'string', description: '(format: "phone")' }, { const: { oneOf: 1 } }] },
      },
      required: ['age'],
      additionalProperties: false,
    });
    expect(warnings).toEqual([]);
    expect(request).not.toHaveProperty('toolConfig');
  });

  test('it goes together with tools', () => {
    const { request } = ask('claude-sonnet-4-5', { response_format, tools: [tool('f')] });
    expect(request.outputConfig).toBeDefined();
    expect(request.toolConfig.tools).toHaveLength(1);
    expect(request.toolConfig).not.toHaveProperty('toolChoice');
  });
});

describe('by a tool', () => {
  const events = [...calls(1, 't', 'json_response', '{"ag', 'e":3}'), stops('tool_use')];

  test('the model must call it, and its input is the content', () => {
    const { request, answer } = ask('claude-opus-4-7', { response_format });
    expect(request.toolConfig).toMatchObject({
      tools: [{ toolSpec: { name: 'json_response' } }],
      toolChoice: { tool: { name: 'json_response' } },
    });
    const [choice] = whole(events, answer).choices;
    expect(choice.message).toEqual({ role: 'assistant', content: '{"age":3}', refusal: null });
    expect(choice.finish_reason).toBe('stop');
    expect(contentsOf('claude-opus-4-7', { response_format }, events)[1]).toBe('{"age":3}');
  });

  test('"JSON mode buffers the stream": fragments are content as they come', () => {
    const { answer } = ask('claude-opus-4-7', { response_format });
    const long = calls(0, 't', 'json_response', '{"age": 3, "some_long_property": 1', ', "b": 2', '}');
    const contents = chunksOf(streamed([...long, stops('tool_use')], answer)).map(({ choices }) => choices[0].delta.content);
    expect(contents.slice(1, 4)).toEqual(['{"age": 3, "some_long_property": 1', ', "b": 2', '}']);
  });

  test("beside the client's tools any may be called, and theirs stay calls", () => {
    const body = { response_format, tools: [tool('f')] };
    const { request, answer } = ask('claude-opus-4-7', body);
    expect(request.toolConfig.toolChoice).toEqual({ any: {} });
    const [choice] = whole([...calls(0, 'x', 'f', '{}'), stops('tool_use')], answer).choices;
    expect(choice).toMatchObject({ message: { content: null, tool_calls: [{ id: 'x' }] }, finish_reason: 'tool_calls' });
  });

  test("a client tool of the same name stays the client's", () => {
    const { request } = ask('claude-opus-4-7', { response_format, tools: [tool('json_response')] });
    expect(request.toolConfig.tools.map(({ toolSpec }: Json) => toolSpec.name)).toEqual(['json_response', 'json_response_2']);
  });

  test.each([['properties'], ['parameters']])('an accidental {"%s": …} around the answer is taken off', (key) => {
    const wrapped = [...calls(0, 't', 'json_response', `{"${key}":`, '{"age":3}}'), stops('tool_use')];
    expect(contentsOf('claude-opus-4-7', { response_format }, wrapped)).toEqual(['{"age":3}', '{"age":3}']);
  });

  test('words beside the answer are left out, and kept where there is no answer', () => {
    const both = [says('Here:'), ...events];
    expect(contentsOf('claude-opus-4-7', { response_format }, both)).toEqual(['{"age":3}', '{"age":3}']);
    expect(contentsOf('claude-opus-4-7', { response_format }, [says('Sorry.'), stops()])).toEqual(['Sorry.', 'Sorry.']);
  });
});

describe('in words', () => {
  test.each([
    ['a model that cannot be forced', 'llama3-3-70b', {}],
    ['a model that cannot be forced, of Claude', 'claude-opus-5-5', {}],
    ['thinking, where the tool cannot be forced', 'claude-opus-4-7', { reasoning_effort: 'high' }],
  ])('%s gets the schema in the system', (_name, name, body) => {
    const { request } = ask(name, {
      response_format,
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'x' },
      ],
      ...body,
    });
    expect(request.system[0]).toEqual({ text: 's' });
    expect(request.system[1].text).toContain(JSON.stringify(schema));
    expect(request).not.toHaveProperty('toolConfig');
  });

  test('any JSON is asked for in words too', () => {
    const { request } = ask('claude-sonnet-4-5', { response_format: { type: 'json_object' } });
    expect(request.system).toEqual([{ text: 'Respond with a single JSON object and nothing else.' }]);
    expect(ask('claude-sonnet-4-5', { response_format: { type: 'text' } }).request).not.toHaveProperty('system');
  });

  test.each([
    ['plain', ['{"a"', ':1}'], '{"a":1}'],
    ['fenced', ['```js', 'on\n{"a":', '1}\n``', '`'], '{"a":1}'],
    ['fenced, in the smallest pieces', [...'```json\n{"a":1}\n```'], '{"a":1}'],
    ['fenced on one line', ['```{"a":1}```'], '{"a":1}'],
    ['fenced, with words after it', ['```json\n{"a":1}\n```\nThat', ' is all.'], '{"a":1}'],
    ['a fence within the JSON', ['```json\n{"a":"```x"}\n```'], '{"a":"```x"}'],
    ['introduced', ['Sure:', ' {"a":1}', ' Done.'], '{"a":1}'],
    ['no JSON at all', ['I cannot', ' {do} that.'], 'I cannot {do} that.'],
    ['nothing', [], ''],
  ])('an answer that is %s', (_name, pieces, content) => {
    const events = [...pieces.map((piece) => says(piece)), stops()];
    expect(contentsOf('claude-sonnet-4-5', { response_format: { type: 'json_object' } }, events)).toEqual([content, content]);
  });
});

test('a model that searches the web is not forced to answer by a tool, which would leave no room for the search', () => {
  const { request } = ask('nova-lite', { response_format, web_search_options: {} });
  expect(request.toolConfig).toEqual({ tools: [{ systemTool: { name: 'nova_grounding' } }] });
  expect(request.system[0].text).toContain(JSON.stringify(schema));
});

test.each([
  [{ type: 'xml' }, 'response_format.type'],
  [{ type: 'json_schema' }, 'response_format.json_schema'],
  [{ type: 'json_schema', json_schema: { name: 'a b', schema } }, 'response_format.json_schema.name'],
  [{ type: 'json_schema', json_schema: { name: 'a' } }, 'response_format.json_schema.schema'],
])('%j is refused', (format, param) => {
  expect(refusalOf('claude-sonnet-4-5', { response_format: format })).toBe(`invalid_value ${param}`);
});
