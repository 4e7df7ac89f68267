// Tools: their specs, the choice among them, and names and ids that must be changed and changed back.
import { describe, expect, test } from 'vitest';
import { createToolIds } from '../../../../functions/core/dialects/content/tool-ids.ts';
import { ask, called, calls, type Json, refusalOf, stops, tool, whole } from './chat.ts';

const SONNET = 'claude-sonnet-4-5';
const messages = [
  { role: 'user', content: 'go' },
  { role: 'assistant', tool_calls: [called('a', 'look')] },
  { role: 'tool', tool_call_id: 'a', content: 'seen' },
];
const specsOf = (asked: { request: Json }): Json[] => asked.request.toolConfig.tools.map(({ toolSpec }: Json) => toolSpec);

describe('a spec', () => {
  test('has no blank description and always an object as its schema', () => {
    const [spec] = specsOf(ask(SONNET, { tools: [{ type: 'function', function: { name: 'f', description: '' } }] }));
    expect(spec).toEqual({ name: 'f', inputSchema: { json: { type: 'object', properties: {} } } });
  });

  test.each([
    [{ properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
    [{ type: ['object', 'null'] }, { type: 'object' }],
    [{ type: 'custom' }, { type: 'object' }],
    [
      { $schema: 's', type: 'object', properties: { a: { exclusiveMinimum: 0 } } },
      { $schema: 's', type: 'object', properties: { a: { exclusiveMinimum: 0 } } },
    ],
    [
      { anyOf: [{ $ref: '#/$defs/x' }], $defs: { x: {} } },
      { type: 'object', properties: { input: { anyOf: [{ $ref: '#/$defs/x' }] } }, required: ['input'], $defs: { x: {} } },
    ],
  ])('schema %j', (parameters, json) => {
    expect(specsOf(ask(SONNET, { tools: [tool('f', parameters)] }))[0].inputSchema.json).toEqual(json);
  });

  test('Nova gets only the keys it knows at the top', () => {
    const parameters = { $schema: 's', type: 'object', properties: {}, required: [], additionalProperties: false };
    expect(specsOf(ask('nova-lite', { tools: [tool('f', parameters)] }))[0].inputSchema.json).toEqual({
      type: 'object',
      properties: {},
      required: [],
    });
  });

  test('a schema that is no object is wrapped, and calls and history with it', () => {
    const tools = [tool('f', { type: 'array', items: { type: 'number' } })];
    const history = [
      { role: 'user', content: 'x' },
      { role: 'assistant', tool_calls: [called('a', 'f', '[1,2]')] },
      { role: 'tool', tool_call_id: 'a', content: 'y' },
    ];
    const asked = ask(SONNET, { tools, messages: history });
    expect(asked.request.messages[1].content[0].toolUse.input).toEqual({ input: [1, 2] });
    const { message } = whole([...calls(0, 'b', 'f', '{"input":', '[3]}'), stops('tool_use')], asked.answer).choices[0];
    expect(message.tool_calls[0].function.arguments).toBe('[3]');
  });

  test('strict is kept where the model takes it, and told where not', () => {
    const tools = [tool('f', { type: 'object' }, { strict: true })];
    expect(specsOf(ask('claude-opus-4-5', { tools }))[0].strict).toBe(true);
    const refused = ask('claude-opus-4-8', { tools });
    expect(specsOf(refused)[0]).not.toHaveProperty('strict');
    expect(refused.warnings).toEqual(['tools.strict;this model does not take strict tools']);
  });

  test.each([
    [{ tools: [tool('f'), tool('f')] }, SONNET, 'invalid_value tools[1].function'],
    [{ tools: [{ type: 'mcp' }] }, SONNET, 'invalid_value tools[0].type'],
    [{ tools: [tool('f')] }, 'mistral-7b', 'unsupported_parameter tools'],
    [{ messages }, 'mistral-7b', 'unsupported_parameter messages'],
  ])('%j on %s is refused', (body, name, refusal) => {
    expect(refusalOf(name, body)).toBe(refusal);
  });
});

describe('custom tools', () => {
  const tools = [
    {
      type: 'custom',
      custom: { name: 'patch', description: 'Patches.', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: X' } } },
    },
  ];

  test('are functions of one string for the model, with their grammar in words', () => {
    const [spec] = specsOf(ask(SONNET, { tools }));
    expect(spec.inputSchema.json).toEqual({ type: 'object', properties: { input: { type: 'string' } }, required: ['input'] });
    expect(spec.description).toBe('Patches.\n\nThe input must follow this grammar:\nstart: X');
  });

  test('are called and replayed as free text', () => {
    const asked = ask(SONNET, {
      tools,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'patch', input: 'say "hi"' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'ok' },
      ],
    });
    expect(asked.request.messages[1].content[0].toolUse.input).toEqual({ input: 'say "hi"' });
    const { message } = whole([...calls(0, 'b', 'patch', '{"input":"a\\', 'nb"}'), stops('tool_use')], asked.answer).choices[0];
    expect(message.tool_calls).toEqual([{ id: 'b', type: 'custom', custom: { name: 'patch', input: 'a\nb' } }]);
  });
});

describe('the choice', () => {
  const tools = [tool('look'), tool('other')];
  const choiceOf = (name: string, body: object) => ask(name, { tools, ...body });

  test.each([
    ['absent', undefined, undefined],
    ['auto', 'auto', undefined],
    ['required', 'required', { any: {} }],
    ['named', { type: 'function', function: { name: 'look' } }, { tool: { name: 'look' } }],
    [
      'allowed, required',
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'look' } }] } },
      { any: {} },
    ],
  ])('%s on Claude', (_name, tool_choice, expected) => {
    expect(choiceOf(SONNET, { tool_choice }).request.toolConfig.toolChoice).toEqual(expected);
  });

  test('allowed tools are the only ones sent', () => {
    const tool_choice = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'other' } }] },
    };
    expect(specsOf(choiceOf(SONNET, { tool_choice })).map(({ name }) => name)).toEqual(['other']);
  });

  test('a name that is not offered is refused', () => {
    expect(refusalOf(SONNET, { tools, tool_choice: { type: 'function', function: { name: 'nothing' } } })).toBe(
      'invalid_value tool_choice',
    );
    expect(refusalOf(SONNET, { tools, tool_choice: 'sometimes' })).toBe('invalid_value tool_choice');
    expect(refusalOf(SONNET, { tool_choice: { type: 'function', function: { name: 'f' } } })).toBe('invalid_value tool_choice');
    expect(refusalOf(SONNET, { function_call: { name: 'f' } })).toBe('invalid_value function_call');
  });

  test.each(['llama3-3-70b', 'gpt-oss-120b', 'claude-opus-5-5'])(
    '"tool_choice any/tool gives 400": %s is left to decide, with a warning',
    (name) => {
      const { request, warnings } = choiceOf(name, { tool_choice: 'required' });
      expect(request.toolConfig).not.toHaveProperty('toolChoice');
      expect(warnings).toEqual(['tool_choice;this model cannot be forced to call a tool here']);
    },
  );

  test('Mistral cannot be told which tool: it gets only that one, and must call', () => {
    const { request } = choiceOf('mistral-large-3', { tool_choice: { type: 'function', function: { name: 'other' } } });
    expect(request.toolConfig).toMatchObject({ tools: [{ toolSpec: { name: 'other' } }], toolChoice: { any: {} } });
  });

  test("one call at a time is said in Claude's own words, instead of in toolConfig", () => {
    const { request } = choiceOf(SONNET, { parallel_tool_calls: false, tool_choice: { type: 'function', function: { name: 'look' } } });
    expect(request.additionalModelRequestFields).toEqual({ tool_choice: { type: 'tool', name: 'look', disable_parallel_tool_use: true } });
    expect(request.toolConfig).not.toHaveProperty('toolChoice');
    expect(choiceOf('nova-lite', { parallel_tool_calls: false }).warnings).toHaveLength(1);
  });

  test('none without tools in the history sends none', () => {
    expect(choiceOf(SONNET, { tool_choice: 'none' }).request).not.toHaveProperty('toolConfig');
  });

  test('none with tools in the history keeps them, and calls the model makes all the same are left out', () => {
    const { request, answer } = choiceOf(SONNET, { tool_choice: 'none', messages });
    expect(request.toolConfig.tools).toHaveLength(2);
    expect(request.additionalModelRequestFields).toEqual({ tool_choice: { type: 'none' } });
    const { message, finish_reason } = whole([...calls(0, 'x', 'look', '{}'), stops('tool_use')], answer).choices[0];
    expect([message.tool_calls, message.content, finish_reason]).toEqual([undefined, '', 'stop']);
  });

  test('"toolConfig field must be defined": tools are made up from the history, and the model is told not to call them', () => {
    for (const body of [{ messages }, { messages, tools: [] }]) {
      const { request } = ask(SONNET, body);
      expect(request.toolConfig).toEqual({ tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }] });
      expect(request.system).toEqual([{ text: 'Tools are unavailable now; answer in text.' }]);
    }
  });
});

describe('names and ids', () => {
  test.each([['functions.exec'], [`mcp__${'x'.repeat(80)}`]])(
    '"tool name rejected": %s is made legal in spec, choice and history, and comes back as it was',
    (name) => {
      const asked = ask(SONNET, {
        tools: [tool(name)],
        tool_choice: { type: 'function', function: { name } },
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', tool_calls: [called('a', name)] },
          { role: 'tool', tool_call_id: 'a', content: 'y' },
        ],
      });
      const [legal] = specsOf(asked).map((spec) => spec.name);
      expect(legal).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(asked.request.toolConfig.toolChoice.tool.name).toBe(legal);
      expect(asked.request.messages[1].content[0].toolUse.name).toBe(legal);
      const { message } = whole([...calls(0, 'b', legal, '{}'), stops('tool_use')], asked.answer).choices[0];
      expect(message.tool_calls[0].function.name).toBe(name);
    },
  );

  test('names that differ only in illegal letters stay apart', () => {
    const names = specsOf(ask(SONNET, { tools: [tool('a.b'), tool('a b'), tool('a_b')] })).map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
  });

  test('gpt-oss appends its channel to a name; it is taken off', () => {
    const { answer } = ask('gpt-oss-120b', { tools: [tool('look')] });
    const { message } = whole([...calls(0, 'b', 'look<|channel|>commentary', '{}'), stops('tool_use')], answer).choices[0];
    expect(message.tool_calls[0].function.name).toBe('look');
  });

  test('an illegal id is the same legal one in call and result', () => {
    const id = 'functions.look:0';
    const { request } = ask(SONNET, {
      tools: [tool('look')],
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', tool_calls: [called(id, 'look')] },
        { role: 'tool', tool_call_id: id, content: 'y' },
      ],
    });
    const { toolUseId } = request.messages[1].content[0].toolUse;
    expect(toolUseId).toMatch(/^t_[a-zA-Z0-9_-]{22}$/);
    expect(request.messages[2].content[0].toolResult.toolUseId).toBe(toolUseId);
  });

  test('Mistral gets nine letters, and ids with the same beginning do not collide', () => {
    const idOf = createToolIds('mistral');
    const ids = [idOf('tooluse_AbCdEfGh1'), idOf('tooluse_AbCdEfGh2')];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  });

  test('an id that looks like one the gateway made is kept apart from it', () => {
    const idOf = createToolIds('nova');
    const made = idOf('functions.x:0');
    expect(idOf(made)).not.toBe(made);
  });

  test('two calls of one id in one message are answered in their order', () => {
    const { request } = ask(SONNET, {
      tools: [tool('look')],
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', tool_calls: [called('a', 'look'), called('a', 'look')] },
        { role: 'tool', tool_call_id: 'a', content: 'first' },
        { role: 'tool', tool_call_id: 'a', content: 'second' },
      ],
    });
    const results = request.messages[2].content.map(({ toolResult }: Json) => toolResult.content[0].text);
    expect(results).toEqual(['first', 'second']);
  });

  test('an id that a client uses for a later call again gets another one', () => {
    const round = [
      { role: 'assistant', tool_calls: [called('call_0', 'look')] },
      { role: 'tool', tool_call_id: 'call_0', content: 'y' },
    ];
    const { request } = ask(SONNET, { tools: [tool('look')], messages: [{ role: 'user', content: 'x' }, ...round, ...round] });
    const used = request.messages.filter(({ role }: Json) => role === 'assistant').map(({ content }: Json) => content[0].toolUse.toolUseId);
    expect(used[0]).toBe('call_0');
    expect(new Set(used).size).toBe(2);
    expect(request.messages[4].content[0].toolResult.toolUseId).toBe(used[1]);
  });
});
