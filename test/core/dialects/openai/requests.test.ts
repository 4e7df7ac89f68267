// What clients most often get wrong answers for, one row each: what is asked, of which model, and what must reach Converse. The other files
// of this folder go into the depth of each subject; this one is the list.
import { describe, expect, test } from 'vitest';
import { ask, blocksOf, called, type Json, refusalOf, tool } from './chat.ts';

const SONNET = 'claude-sonnet-4-5';
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown, rest: object = {}) => ({ role: 'assistant', content, ...rest });
const result = (tool_call_id: string, content: unknown) => ({ role: 'tool', tool_call_id, content });
const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const PDF = `data:application/pdf;base64,${Buffer.from('%PDF-1.7').toString('base64')}`;
const file = (filename: string) => ({ type: 'file', file: { filename, file_data: PDF } });
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const asJson = { type: 'json_schema', json_schema: { name: 'answer', schema } };
const round = [user('go'), assistant(null, { tool_calls: [called('a', 'look', '{"x":1}')] }), result('a', 'seen')];

/** `request` is what Converse gets, in part; `absent` are its keys that must not be there. */
type Row = { what: string; model?: string; body: object; request: Json; absent?: string[]; warnings?: string[] };

const ROWS: Row[] = [
  {
    what: 'a plain question is one message of the user, and nothing else is sent',
    body: { messages: [user('hi')] },
    request: { messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
    absent: ['system', 'toolConfig', 'additionalModelRequestFields', 'outputConfig', 'serviceTier'],
  },
  {
    what: 'a system message is the system',
    body: { messages: [{ role: 'system', content: 'Be brief.' }, user('hi')] },
    request: { system: [{ text: 'Be brief.' }], messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
  },
  {
    what: 'a developer message is the system too, in its order',
    body: { messages: [{ role: 'system', content: 'one' }, { role: 'developer', content: 'two' }, user('hi')] },
    request: { system: [{ text: 'one' }, { text: 'two' }], messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
  },
  {
    what: 'an assistant that speaks first is preceded by the user',
    body: { messages: [assistant('How can I help?'), user('hi')] },
    request: { messages: [{ role: 'user', content: [{ text: '(conversation resumed)' }] }, { role: 'assistant' }, { role: 'user' }] },
  },
  {
    what: 'a round with a tool is call and result, its arguments an object',
    body: { tools: [tool('look')], messages: round },
    request: {
      messages: [
        { role: 'user', content: [{ text: 'go' }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'look', input: { x: 1 } } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: 'seen' }] } }] },
      ],
    },
  },
  {
    what: 'two results and what the user says next are one message, results first',
    body: {
      tools: [tool('look')],
      messages: [
        user('go'),
        assistant(null, { tool_calls: [called('a', 'look'), called('b', 'look')] }),
        result('a', 'A'),
        result('b', 'B'),
        user('and?'),
      ],
    },
    request: {
      messages: [
        {},
        {},
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 'a', content: [{ text: 'A' }] } },
            { toolResult: { toolUseId: 'b', content: [{ text: 'B' }] } },
            { text: 'and?' },
          ],
        },
      ],
    },
  },
  {
    what: 'a history with tools but a request without them brings stubs by their names, and the model is told not to call',
    body: { messages: [...round, user('Sum it up.')] },
    request: {
      toolConfig: { tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }] },
      system: [{ text: 'Tools are unavailable now; answer in text.' }],
    },
  },
  {
    what: 'temperature beside top_p goes alone to a model that takes one of them',
    body: { temperature: 0.7, top_p: 0.9 },
    request: { inferenceConfig: { maxTokens: 4096, temperature: 0.7 } },
    warnings: ['top_p;this model takes temperature or top_p'],
  },
  {
    what: 'a temperature above what Claude takes is lowered',
    body: { temperature: 1.5 },
    request: { inferenceConfig: { maxTokens: 4096, temperature: 1 } },
    warnings: ['temperature;lowered to 1'],
  },
  {
    what: 'a temperature is left out for a model without sampling',
    model: 'claude-opus-4-8',
    body: { temperature: 0.5 },
    request: { inferenceConfig: { maxTokens: 4096 } },
    warnings: ['temperature;not taken by this model'],
  },
  {
    what: 'max_completion_tokens wins over max_tokens',
    body: { max_completion_tokens: 50, max_tokens: 100 },
    request: { inferenceConfig: { maxTokens: 50 } },
  },
  {
    what: 'a picture is what its bytes are, whatever the label says',
    body: { messages: [user([{ type: 'image_url', image_url: { url: `data:image/jpg;base64,${PNG.toString('base64')}` } }])] },
    request: { messages: [{ content: [{ image: { format: 'png', source: { bytes: new Uint8Array(PNG) } } }] }] },
  },
  {
    what: 'neighbours of one role are joined: five messages are three',
    body: { messages: [user('0'), user('1'), assistant('2'), assistant('3'), user('4')] },
    request: {
      messages: [
        { role: 'user', content: [{ text: '0' }, { text: '1' }] },
        { role: 'assistant', content: [{ text: '2' }, { text: '3' }] },
        { role: 'user', content: [{ text: '4' }] },
      ],
    },
  },
  {
    what: 'an empty text beside a call is no block',
    body: { tools: [tool('look')], messages: [user('go'), assistant('', { tool_calls: [called('a', 'look')] }), result('a', 'x')] },
    request: { messages: [{}, { content: [{ toolUse: { toolUseId: 'a', name: 'look', input: {} } }] }, {}] },
  },
  {
    what: 'blank words of the user are a placeholder that is not blank',
    body: { messages: [user('   ')] },
    request: { messages: [{ role: 'user', content: [{ text: '(empty)' }] }] },
  },
  {
    what: 'a blank result says that there was none',
    body: { tools: [tool('look')], messages: [...round.slice(0, 2), result('a', '')] },
    request: { messages: [{}, {}, { content: [{ toolResult: { toolUseId: 'a', content: [{ text: '(no output)' }] } }] }] },
  },
  {
    what: 'a system message in the middle stays there, and the system is that of the first turn',
    body: { messages: [{ role: 'system', content: 's' }, user('a'), assistant('b'), { role: 'system', content: 'mind' }, user('c')] },
    request: {
      system: [{ text: 's' }],
      messages: [{}, {}, { role: 'user', content: [{ text: '<system-reminder>\nmind\n</system-reminder>' }, { text: 'c' }] }],
    },
  },
  {
    what: 'a schema goes to the switch of a model that has one, as a string',
    body: { response_format: asJson },
    request: {
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'answer', schema: JSON.stringify({ ...schema, additionalProperties: false }) } },
        },
      },
    },
    absent: ['toolConfig', 'system'],
  },
  {
    what: 'a schema is a tool that must be called where there is no switch',
    model: 'claude-opus-4-7',
    body: { response_format: asJson },
    request: {
      toolConfig: {
        tools: [{ toolSpec: { name: 'json_response', inputSchema: { json: schema } } }],
        toolChoice: { tool: { name: 'json_response' } },
      },
    },
    absent: ['outputConfig'],
  },
  {
    what: 'a schema and tools go together where the model has a switch',
    body: { response_format: asJson, tools: [tool('look')] },
    request: { outputConfig: {}, toolConfig: { tools: [{ toolSpec: { name: 'look' } }] } },
  },
  {
    what: 'any JSON is asked for in the system',
    body: { response_format: { type: 'json_object' } },
    request: { system: [{ text: 'Respond with a single JSON object and nothing else.' }] },
    absent: ['outputConfig', 'toolConfig'],
  },
  {
    what: 'an effort is a budget below max_tokens, without temperature, for a model that thinks by budget',
    body: { reasoning_effort: 'high', max_tokens: 8_000, temperature: 0.3 },
    request: {
      inferenceConfig: { maxTokens: 8_000 },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 7_999 } },
    },
    warnings: ['temperature;not taken while the model thinks'],
  },
  ...(
    [
      ['claude-opus-4-8', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
      ['gpt-oss-120b', { reasoning_effort: 'high' }],
      ['gpt-5.6-sol', { reasoning: { effort: 'high' } }],
      ['nova-2-lite', { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }],
      ['deepseek-v3.2', { reasoning_config: 'high' }],
    ] as const
  ).map(([model, additionalModelRequestFields]) => ({
    what: `an effort is in the words of ${model}`,
    model,
    body: { reasoning_effort: 'high' },
    request: { additionalModelRequestFields },
    warnings: [],
  })),
  {
    what: 'an effort is left out, and told, for a model that does not reason',
    model: 'llama3-3-70b',
    body: { reasoning_effort: 'high' },
    request: {},
    absent: ['additionalModelRequestFields'],
    warnings: ['reasoning_effort;this model does not reason'],
  },
  {
    what: 'signed reasoning given back comes first, byte for byte',
    body: {
      tools: [tool('look')],
      messages: [
        user('go'),
        assistant('Well.', {
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm. ', signature: 'c2ln==', index: 0 }],
          tool_calls: [called('a', 'look')],
        }),
        result('a', 'x'),
      ],
    },
    request: {
      messages: [
        {},
        { content: [{ reasoningContent: { reasoningText: { text: 'Hm. ', signature: 'c2ln==' } } }, { text: 'Well.' }, { toolUse: {} }] },
        {},
      ],
    },
  },
  {
    what: 'unsigned reasoning is not given back to gpt-oss',
    model: 'gpt-oss-120b',
    body: { messages: [user('a'), assistant('b', { reasoning_content: 'secret thought' }), user('c')] },
    request: { messages: [{}, { content: [{ text: 'b' }] }, {}] },
  },
  {
    what: 'a required call is any',
    body: { tools: [tool('f')], tool_choice: 'required' },
    request: { toolConfig: { toolChoice: { any: {} } } },
  },
  {
    what: 'a named tool is that tool',
    body: { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'f' } } },
    request: { toolConfig: { toolChoice: { tool: { name: 'f' } } } },
  },
  {
    what: 'no tools at all are sent where none may be called',
    body: { tools: [tool('f')], tool_choice: 'none' },
    request: {},
    absent: ['toolConfig'],
  },
  {
    what: 'a named tool beside thinking is left to the model',
    body: {
      tools: [tool('f')],
      tool_choice: { type: 'function', function: { name: 'f' } },
      thinking: { type: 'enabled', budget_tokens: 2_000 },
    },
    request: {
      additionalModelRequestFields: {
        thinking: { type: 'enabled', budget_tokens: 2_000 },
        anthropic_beta: ['interleaved-thinking-2025-05-14'],
      },
    },
    absent: ['toolConfig.toolChoice'],
    warnings: ['tool_choice;this model cannot be forced to call a tool here'],
  },
  {
    what: "one call at a time is said to Claude in its own words, and not in Converse's",
    body: { tools: [tool('f')], tool_choice: 'required', parallel_tool_calls: false },
    request: { additionalModelRequestFields: { tool_choice: { type: 'any', disable_parallel_tool_use: true } } },
    absent: ['toolConfig.toolChoice'],
  },
  { what: 'an empty stop is none', body: { stop: '' }, request: {}, absent: ['inferenceConfig.stopSequences'] },
  {
    what: 'of several stops the blank ones go',
    body: { stop: ['a', '', ' '] },
    request: { inferenceConfig: { maxTokens: 4096, stopSequences: ['a'] } },
  },
  {
    what: 'what only tunes is left out and told, but what every agent sends is not worth a word',
    body: { seed: 1, presence_penalty: 1, frequency_penalty: 1, logit_bias: { 5: 1 }, store: true, prompt_cache_key: 'k' },
    request: { inferenceConfig: { maxTokens: 4096 } },
    absent: ['additionalModelRequestFields'],
    warnings: [
      'seed;dropped',
      'store;dropped',
      'presence_penalty;not taken by this model',
      'frequency_penalty;not taken by this model',
      'logit_bias;not taken by this model',
    ],
  },
  {
    what: 'a document gets a legal name, and a text beside it where there is none',
    body: { messages: [user([file('my_report.v2.pdf')])] },
    request: { messages: [{ content: [{ document: { format: 'pdf', name: 'my report v2' } }, { text: 'Use the attached document.' }] }] },
  },
  {
    what: 'two documents of one name get two names',
    body: { messages: [user([file('a.pdf'), file('a.pdf'), { type: 'text', text: 'Compare.' }])] },
    request: { messages: [{ content: [{ document: { name: 'a' } }, { document: { name: 'a (2)' } }, { text: 'Compare.' }] }] },
  },
  {
    what: 'a call id that Bedrock refuses is one legal id on both sides',
    body: {
      tools: [tool('x')],
      messages: [user('go'), assistant(null, { tool_calls: [called('functions.x:0', 'x')] }), result('functions.x:0', 'y')],
    },
    request: {
      messages: [
        {},
        { content: [{ toolUse: { toolUseId: expect.stringMatching(/^t_[A-Za-z0-9_-]{22}$/) } }] },
        { content: [{ toolResult: { toolUseId: expect.stringMatching(/^t_[A-Za-z0-9_-]{22}$/) } }] },
      ],
    },
  },
  {
    what: 'arguments that were cut off are kept as text, so that the chat goes on',
    body: {
      tools: [tool('look')],
      messages: [user('go'), assistant(null, { tool_calls: [called('a', 'look', '{bad')] }), result('a', 'x')],
    },
    request: { messages: [{}, { content: [{ toolUse: { input: { rawInvalidInput: '{bad' } } }] }, {}] },
    warnings: ['messages[1].tool_calls[0];arguments are not a JSON object'],
  },
  {
    what: 'a tool without description and parameters has an empty object for a schema',
    body: { tools: [{ type: 'function', function: { name: 'f', description: '' } }] },
    request: { toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object', properties: {} } } } }] } },
    absent: ['toolConfig.tools.0.toolSpec.description'],
  },
  {
    what: 'marks on system, tool and part are points right after each',
    body: {
      tools: [{ ...tool('f'), cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'system', content: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }] },
        user([
          { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: 'b' },
        ]),
      ],
    },
    request: {
      system: [{ text: 's' }, { cachePoint: { type: 'default' } }],
      toolConfig: { tools: [{ toolSpec: {} }, { cachePoint: { type: 'default' } }] },
      messages: [{ content: [{ text: 'a' }, { cachePoint: { type: 'default' } }, { text: 'b' }] }],
    },
  },
  {
    what: 'Nova gets no point among its tools',
    model: 'nova-2-lite',
    body: { tools: [{ ...tool('f'), cache_control: { type: 'ephemeral' } }] },
    request: { toolConfig: { tools: [{ toolSpec: { name: 'f' } }] } },
  },
  {
    what: 'an assistant that speaks last is followed by the user where the model continues nothing',
    model: 'claude-opus-4-6',
    body: { messages: [user('a'), assistant('It is ')] },
    request: { messages: [{}, { role: 'assistant' }, { role: 'user', content: [{ text: 'Continue.' }] }] },
  },
  {
    what: 'an assistant that speaks last is a beginning, without white space at its end, where the model continues it',
    model: 'claude-haiku-4-5',
    body: { messages: [user('a'), assistant('It is ')] },
    request: { messages: [{}, { role: 'assistant', content: [{ text: 'It is' }] }] },
  },
];

describe('a request', () => {
  test.each(ROWS)('$what', ({ model = SONNET, body, request, absent = [], warnings = [] }) => {
    const asked = ask(model, body);
    expect(asked.request).toMatchObject(request);
    // Of numbers and fields of the model's own, nothing more than is said here.
    for (const key of ['inferenceConfig', 'additionalModelRequestFields'])
      if (request[key]) expect(asked.request[key]).toEqual(request[key]);
    for (const path of absent) expect(asked.request).not.toHaveProperty(path);
    expect(asked.warnings).toEqual(warnings);
  });

  test('of five marks keeps four: the last of tools and system, the last two of the messages', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const part = (text: string) => ({ type: 'text', text, ...mark });
    const asked = ask(SONNET, {
      tools: [{ ...tool('f'), ...mark }],
      messages: [{ role: 'system', content: [part('s')] }, user([part('1'), part('2'), part('3')])],
    });
    expect(JSON.stringify(asked.request).match(/cachePoint/g)).toHaveLength(4);
    expect(asked.request.messages[0].content.map((block: object) => Object.keys(block)[0])).toEqual([
      'text',
      'text',
      'cachePoint',
      'text',
      'cachePoint',
    ]);
  });

  test.each(['functions.exec', `mcp__${'x'.repeat(75)}`])(
    'with the tool %s has one legal name for it in spec, choice and history',
    (name) => {
      const messages = [user('go'), assistant(null, { tool_calls: [called('a', name)] }), result('a', 'x')];
      const asked = ask(SONNET, { tools: [tool(name)], tool_choice: { type: 'function', function: { name } }, messages });
      const legal = asked.request.toolConfig.tools[0].toolSpec.name;
      expect(legal).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(asked.request.toolConfig.toolChoice.tool.name).toBe(legal);
      expect(asked.request.messages[1].content[0].toolUse.name).toBe(legal);
      expect(asked.answer.book.names.toClient(legal)).toBe(name);
    },
  );

  test('for Mistral has nine letters for an id, and two ids with one beginning stay two', () => {
    const ids = ['tooluse_AbCdEfGh1', 'tooluse_AbCdEfGh2'];
    const messages = [user('go'), assistant(null, { tool_calls: ids.map((id) => called(id, 'f')) }), ...ids.map((id) => result(id, id))];
    const asked = ask('mistral-large-3', { tools: [tool('f')], messages });
    const used = blocksOf(asked).flatMap(({ toolUse }) => (toolUse ? [toolUse.toolUseId] : []));
    const answered = blocksOf(asked).flatMap(({ toolResult }) => (toolResult ? [[toolResult.toolUseId, toolResult.content[0].text]] : []));
    expect(new Set(used).size).toBe(2);
    for (const id of used) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(answered).toEqual(used.map((id, index) => [id, ids[index]]));
  });

  test('with a document has the same names on the next turn', () => {
    const first = [user([file('a.pdf'), file('a.pdf')])];
    const namesOf = (messages: object[]) =>
      blocksOf(ask(SONNET, { messages })).flatMap(({ document }) => (document ? [document.name] : []));
    expect(namesOf([...first, assistant('Well.'), user([file('b.pdf')])])).toEqual([...namesOf(first), 'b']);
  });
});

describe('a request is refused', () => {
  test.each([
    ['that wants two answers', { n: 2 }, 'unsupported_value n'],
    ['that wants log probabilities', { logprobs: true }, 'unsupported_parameter logprobs'],
    ['that wants sound', { modalities: ['text', 'audio'], audio: { voice: 'alloy' } }, 'unsupported_value modalities'],
    [
      'that names a tool it does not offer',
      { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'g' } } },
      'invalid_value tool_choice',
    ],
    ['that answers a call nobody made', { messages: [user('a'), result('zzz', 'x')] }, 'invalid_value messages[1].tool_call_id'],
    ['that has tools of a kind nobody can run here', { tools: [{ type: 'web_search' }] }, 'invalid_value tools[0].type'],
    ['that has two tools of one name', { tools: [tool('f'), tool('f')] }, 'invalid_value tools[1].function'],
    [
      'that has a file by its id',
      { messages: [user([{ type: 'file', file: { file_id: 'f' } }])] },
      'unsupported_value messages[0].content[0].file.file_id',
    ],
  ])('%s', (_what, body, refusal) => {
    expect(refusalOf(SONNET, body)).toBe(refusal);
  });
});
