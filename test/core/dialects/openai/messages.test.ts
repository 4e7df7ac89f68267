// How messages become turns. Named after what users of other gateways saw where there is such a report.
import { describe, expect, test } from 'vitest';
import { ask, blocksOf, called, refusalOf, tool } from './chat.ts';

const SONNET = 'claude-sonnet-4-5';
const tools = [tool('look')];
const round = [
  { role: 'user', content: 'go' },
  { role: 'assistant', content: null, tool_calls: [called('a', 'look', '{"x":1}')] },
  { role: 'tool', tool_call_id: 'a', content: 'seen' },
];

describe('system and developer', () => {
  test('the developer prompt was lost: the leading run of both becomes system, in order, blank ones left out', () => {
    const { request } = ask(SONNET, {
      messages: [
        { role: 'system', content: 'one' },
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'two' },
            { type: 'text', text: ' ' },
          ],
        },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(request.system).toEqual([{ text: 'one' }, { text: 'two' }]);
  });

  test('the prompt cache collapsed after a reminder: a later system message stays in its place', () => {
    const first = [
      { role: 'system', content: 's' },
      { role: 'user', content: 'a' },
    ];
    const { request } = ask(SONNET, {
      messages: [...first, { role: 'assistant', content: 'b' }, { role: 'system', content: 'mind' }, { role: 'user', content: 'c' }],
    });
    expect(request.system).toEqual(ask(SONNET, { messages: first }).request.system);
    expect(request.messages[2].content).toEqual([{ text: '<system-reminder>\nmind\n</system-reminder>' }, { text: 'c' }]);
  });

  test('one between a call and its result waits until after the results', () => {
    const { request } = ask(SONNET, { tools, messages: [...round.slice(0, 2), { role: 'system', content: 'mind' }, round[2]] });
    expect(request.messages[2].content.map((block: object) => Object.keys(block)[0])).toEqual(['toolResult', 'text']);
  });
});

describe('turns', () => {
  test('"roles must alternate": neighbours of one role are joined', () => {
    const messages = ['user', 'user', 'assistant', 'assistant', 'user'].map((role, index) => ({ role, content: `${index}` }));
    expect(ask(SONNET, { messages }).request.messages).toEqual([
      { role: 'user', content: [{ text: '0' }, { text: '1' }] },
      { role: 'assistant', content: [{ text: '2' }, { text: '3' }] },
      { role: 'user', content: [{ text: '4' }] },
    ]);
  });

  test('"a conversation must start with a user message": one is put before an assistant that speaks first', () => {
    const { request } = ask(SONNET, {
      messages: [
        { role: 'assistant', content: 'hello' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(request.messages[0]).toEqual({ role: 'user', content: [{ text: '(conversation resumed)' }] });
  });

  test.each([
    ['text of white space alone is a placeholder', [{ role: 'user', content: '   ' }], [{ role: 'user', text: '(empty)' }]],
    [
      'blank parts are left out',
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: '' },
            { type: 'text', text: 'x' },
          ],
        },
      ],
      [{ role: 'user', text: 'x' }],
    ],
    [
      'a blank assistant is left out, and its neighbours joined',
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'b' },
      ],
      [
        { role: 'user', text: 'a' },
        { role: 'user', text: 'b' },
      ],
    ],
    ['lone surrogates are replaced', [{ role: 'user', content: 'a\ud800' }], [{ role: 'user', text: 'a\ufffd' }]],
    [
      'a refusal is what the assistant said',
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', refusal: 'no' },
        { role: 'user', content: 'b' },
      ],
      [
        { role: 'user', text: 'a' },
        { role: 'assistant', text: 'no' },
        { role: 'user', text: 'b' },
      ],
    ],
  ])('"the text field in the ContentBlock is blank": %s', (_name, messages, blocks) => {
    expect(blocksOf(ask(SONNET, { messages }))).toEqual(blocks);
  });

  test('a trailing assistant message is a beginning where the model continues one, without white space at its end', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'It is ' },
    ];
    expect(ask('claude-haiku-4-5', { messages }).request.messages.at(-1)).toEqual({ role: 'assistant', content: [{ text: 'It is' }] });
  });

  test.each(['claude-opus-4-6', 'claude-opus-5-5', 'nova-lite'])(
    '"does not support assistant message prefill": %s is asked to go on',
    (name) => {
      const messages = [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'It is ' },
      ];
      expect(ask(name, { messages }).request.messages.slice(1)).toEqual([
        { role: 'assistant', content: [{ text: 'It is ' }] },
        { role: 'user', content: [{ text: 'Continue.' }] },
      ]);
    },
  );
});

describe('tool calls and results', () => {
  test('a round becomes toolUse and toolResult, arguments as an object, no blank text beside the call', () => {
    expect(ask(SONNET, { tools, messages: round }).request.messages.slice(1)).toEqual([
      { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'look', input: { x: 1 } } }] },
      { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: 'seen' }] } }] },
    ]);
  });

  test('"Expected toolResult blocks": results of parallel calls and the text after them are one turn, results first', () => {
    const { request } = ask(SONNET, {
      tools,
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: '', tool_calls: [called('a', 'look'), called('b', 'look')] },
        { role: 'tool', tool_call_id: 'b', content: 'B' },
        {
          role: 'tool',
          tool_call_id: 'a',
          content: [
            { type: 'text', text: 'A' },
            { type: 'text', text: '2' },
          ],
        },
        { role: 'user', content: 'and?' },
      ],
    });
    expect(request.messages).toHaveLength(3);
    expect(request.messages[2].content).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: 'A' }, { text: '2' }] } },
      { toolResult: { toolUseId: 'b', content: [{ text: 'B' }] } },
      { text: 'and?' },
    ]);
  });

  test('calls split over two assistant messages are answered together', () => {
    const { request } = ask(SONNET, {
      tools,
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', tool_calls: [called('a', 'look')] },
        { role: 'assistant', content: 'and', tool_calls: [called('b', 'look')] },
        { role: 'tool', tool_call_id: 'a', content: 'A' },
        { role: 'tool', tool_call_id: 'b', content: 'B' },
      ],
    });
    expect(request.messages[1].content.map((block: object) => Object.keys(block)[0])).toEqual(['text', 'toolUse', 'toolUse']);
    expect(request.messages[2].content).toHaveLength(2);
  });

  test.each([
    ['arguments: ""', '', {}],
    ['arguments: "null"', 'null', {}],
    ['a call that was cut off', '{"x":', { rawInvalidInput: '{"x":' }],
    ['no object', '[1]', { rawInvalidInput: '[1]' }],
  ])('"toolUse.input is empty": %s', (_name, args, input) => {
    const { request, warnings } = ask(SONNET, {
      tools,
      messages: [round[0], { role: 'assistant', tool_calls: [called('a', 'look', args)] }, round[2]],
    });
    expect(request.messages[1].content[0].toolUse.input).toEqual(input);
    expect(warnings).toEqual('rawInvalidInput' in input ? ['messages[1].tool_calls[0];arguments are not a JSON object'] : []);
  });

  test('an empty result says so, also when it is an error', () => {
    const { request } = ask(SONNET, {
      tools,
      messages: [...round.slice(0, 2), { role: 'tool', tool_call_id: 'a', content: '', is_error: true }],
    });
    expect(request.messages[2].content).toEqual([{ toolResult: { toolUseId: 'a', content: [{ text: '(no output)' }], status: 'error' } }]);
  });

  test('"tool_use ids were found without tool_result": a missing result is made up and told', () => {
    const { request, warnings } = ask(SONNET, { tools, messages: [...round.slice(0, 2), { role: 'user', content: 'stop that' }] });
    expect(request.messages[2].content).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: '[no result provided]' }], status: 'error' } },
      { text: 'stop that' },
    ]);
    expect(warnings).toEqual(['messages[1].tool_calls[0];no result was given']);
    const qwen = ask('qwen3-32b', { tools, messages: round.slice(0, 2) }).request.messages[2].content[0].toolResult;
    expect(qwen).not.toHaveProperty('status');
  });

  test('a result of no call is refused with its path', () => {
    expect(
      refusalOf(SONNET, { tools, messages: [...round, { role: 'user', content: 'x' }, { role: 'assistant', content: 'y' }, round[2]] }),
    ).toBe('invalid_value messages[5].tool_call_id');
  });

  test('a second result for a call is added to the first', () => {
    const { request } = ask(SONNET, { tools, messages: [...round, { role: 'tool', tool_call_id: 'a', content: 'more' }] });
    expect(request.messages[2].content[0].toolResult.content).toEqual([{ text: 'seen' }, { text: 'more' }]);
  });

  test('functions of the older form are answered by name, the latest call first', () => {
    const { request } = ask(SONNET, {
      functions: [{ name: 'look' }],
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null, function_call: { name: 'look', arguments: '{}' } },
        { role: 'function', name: 'look', content: 'seen' },
      ],
    });
    expect(request.messages[2].content[0].toolResult).toEqual({ toolUseId: 'call_fc_1', content: [{ text: 'seen' }] });
    expect(request.messages[1].content[0].toolUse.toolUseId).toBe('call_fc_1');
  });

  test('pictures from tools reach Claude, and are refused for models that take text alone', () => {
    const png = `data:image/png;base64,${Buffer.from('\x89PNG....', 'latin1').toString('base64')}`;
    const messages = [...round.slice(0, 2), { role: 'tool', tool_call_id: 'a', content: [{ type: 'image_url', image_url: { url: png } }] }];
    expect(ask(SONNET, { tools, messages }).request.messages[2].content[0].toolResult.content[0].image.format).toBe('png');
    expect(refusalOf('mistral-large-3', { tools, messages })).toBe('unsupported_value messages[2].content');
  });
});
