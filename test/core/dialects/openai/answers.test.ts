// Answers: what a model says, streamed and whole.
import { describe, expect, test } from 'vitest';
import { ask, calls, chunksOf, counts, type Event, ends, type Json, says, stops, streamed, thinks, tool, whole } from './chat.ts';

const start = { messageStart: { role: 'assistant' } } as Event;
const deltasOf = (events: Event[], body: object = {}, name = 'claude-sonnet-4-5'): Json[] =>
  chunksOf(streamed(events, ask(name, body).answer)).map(({ choices }) => choices[0].delta);
const messageOf = (events: Event[], body: object = {}, name = 'claude-sonnet-4-5') =>
  whole(events, ask(name, body).answer).choices[0].message;

describe('a streamed answer', () => {
  test('is role, text, finish and [DONE], all of one id', () => {
    const sse = streamed([start, says('Hel'), says('lo'), ends(), stops(), counts({ inputTokens: 1, outputTokens: 2 })]);
    const chunks = chunksOf(sse);
    expect(chunks.map(({ choices }) => choices[0])).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: 'Hel' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: 'lo' }, logprobs: null, finish_reason: null },
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
    ]);
    expect(new Set(chunks.map(({ id, created, model, object }) => `${id} ${created} ${model} ${object}`)).size).toBe(1);
    expect(sse.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
    expect(sse).not.toContain('usage');
  });

  test('"usage missing or extra": the usage chunk comes last, only when asked for, wherever metadata stood', () => {
    const events = [counts({ inputTokens: 1, outputTokens: 2 }, { serviceTier: { type: 'reserved' } }), says('a'), stops()];
    const chunks = chunksOf(streamed(events, undefined, true));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 }, service_tier: 'default' });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test('"tool_calls index starts at 1, or −1": calls are counted from 0 without gaps, whatever blocks came before', () => {
    const deltas = deltasOf([
      thinks({ text: 'hm' }, 0),
      says('ok', 1),
      ...calls(2, 'a', 'f', '{"x"', ':1}'),
      ...calls(5, 'b', 'g', '{}'),
      stops('tool_use'),
    ]);
    expect(deltas.flatMap(({ tool_calls }) => tool_calls ?? [])).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 0, function: { arguments: '{"x"' } },
      { index: 0, function: { arguments: ':1}' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
      { index: 1, function: { arguments: '{}' } },
    ]);
    expect(deltasOf([...calls(0, 'a', 'f', '{}'), stops('tool_use')])[1].tool_calls[0].index).toBe(0);
  });

  test('interleaved calls keep their own fragments', () => {
    const piece = (block: number, input: string) =>
      ({ contentBlockDelta: { contentBlockIndex: block, delta: { toolUse: { input } } } }) as Event;
    const begun = [0, 1].map(
      (block) => ({ contentBlockStart: { contentBlockIndex: block, start: { toolUse: { toolUseId: `${block}`, name: 'f' } } } }) as Event,
    );
    const events = [...begun, piece(0, '{"a":'), piece(1, '{"b":'), piece(0, '1}'), piece(1, '2}'), ends(0), ends(1), stops('tool_use')];
    expect(messageOf(events).tool_calls.map((call: Json) => call.function.arguments)).toEqual(['{"a":1}', '{"b":2}']);
  });

  test.each([
    ['no fragment', []],
    ['an empty fragment', ['']],
  ])('a tool without arguments: %s still makes an object', (_name, pieces) => {
    const events = [...calls(0, 'a', 'f', ...pieces), stops('tool_use')];
    expect(messageOf(events).tool_calls[0].function.arguments).toBe('{}');
    expect(
      deltasOf(events)
        .map((delta) => delta.tool_calls?.[0].function.arguments ?? '')
        .join(''),
    ).toBe('{}');
    expect(
      deltasOf(events.filter(({ contentBlockStop }) => !contentBlockStop))
        .map((delta) => delta.tool_calls?.[0].function.arguments ?? '')
        .join(''),
    ).toBe('{}');
  });

  test('events nobody knows say nothing', () => {
    expect(
      streamed([{ $unknown: ['x', {}] } as unknown as Event, start, { contentBlockStart: { contentBlockIndex: 0, start: {} } } as Event]),
    ).toBe('data: [DONE]\n\n');
  });
});

describe('a whole answer', () => {
  test('joins text without anything between, beside calls too', () => {
    expect(messageOf([says('a', 0), says('b', 1), ...calls(2, 'x', 'f'), stops('tool_use')])).toMatchObject({
      content: 'ab',
      tool_calls: [{ id: 'x' }],
    });
  });

  test('has null for content beside calls alone, and an empty string for nothing at all', () => {
    expect(messageOf([...calls(0, 'x', 'f'), stops('tool_use')]).content).toBeNull();
    expect(messageOf([stops()])).toEqual({ role: 'assistant', content: '', refusal: null });
  });

  test('"tokens add up wrong": cached tokens are part of the prompt', () => {
    const usage = {
      inputTokens: 12,
      outputTokens: 9,
      cacheReadInputTokens: 100,
      cacheWriteInputTokens: 5,
      cacheDetails: [{ ttl: '1h', inputTokens: 5 }],
    };
    expect(whole([says('a'), stops(), counts(usage)]).usage).toEqual({
      prompt_tokens: 117,
      completion_tokens: 9,
      total_tokens: 126,
      prompt_tokens_details: {
        cached_tokens: 100,
        cache_write_tokens: 5,
        audio_tokens: 0,
        cache_creation_token_details: { ephemeral_1h_input_tokens: 5 },
      },
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_1h_input_tokens: 5 },
    });
  });

  test('tells the tier that served it', () => {
    expect(whole([says('a'), stops(), counts({}, { serviceTier: { type: 'flex' } })]).service_tier).toBe('flex');
  });

  test('in the older form has one function_call', () => {
    const body = { functions: [{ name: 'f', parameters: {} }] };
    const events = [...calls(0, 'a', 'f', '{"x":1}'), ...calls(1, 'b', 'f', '{}'), stops('tool_use')];
    const [choice] = whole(events, ask('claude-sonnet-4-5', body).answer).choices;
    expect(choice.message).toEqual({ role: 'assistant', content: null, refusal: null, function_call: { name: 'f', arguments: '{"x":1}' } });
    expect(choice.finish_reason).toBe('function_call');
    expect(
      deltasOf(events, body)
        .map(({ function_call }) => function_call?.arguments ?? '')
        .join(''),
    ).toBe('{"x":1}');
  });

  test('leaves out tools that ran at Bedrock, and keeps what they cite', () => {
    const events = [
      {
        contentBlockStart: {
          contentBlockIndex: 0,
          start: { toolUse: { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' } },
        },
      } as Event,
      { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{}' } } } } as Event,
      ends(0),
      says('It rains. ', 1),
      says('Really.', 2),
      {
        contentBlockDelta: {
          contentBlockIndex: 2,
          delta: { citation: { title: 'Weather', location: { web: { url: 'https://w.example' } } } },
        },
      } as Event,
      { contentBlockDelta: { contentBlockIndex: 2, delta: { citation: { title: 'Doc', sourceContent: [{ text: 'p. 1' }] } } } } as Event,
      ends(2),
      stops(),
    ];
    const message = messageOf(events);
    expect(message).not.toHaveProperty('tool_calls');
    expect(message.annotations).toEqual([
      { type: 'url_citation', url_citation: { url: 'https://w.example', title: 'Weather', start_index: 10, end_index: 17 } },
    ]);
    expect(message.citations).toEqual([{ title: 'Doc', cited_text: 'p. 1' }]);
    expect(deltasOf(events).find(({ annotations }) => annotations)).toEqual({
      annotations: message.annotations,
      citations: message.citations,
    });
  });

  test('has pictures as data: URLs', () => {
    const bytes = (text: string) =>
      ({ contentBlockDelta: { contentBlockIndex: 0, delta: { image: { source: { bytes: Buffer.from(text) } } } } }) as Event;
    const events = [
      { contentBlockStart: { contentBlockIndex: 0, start: { image: { format: 'png' } } } } as Event,
      bytes('a'),
      bytes('bc'),
      ends(),
      stops(),
    ];
    expect(messageOf(events).images).toEqual([
      { type: 'image_url', image_url: { url: `data:image/png;base64,${Buffer.from('abc').toString('base64')}` } },
    ]);
  });
});

describe('reasoning', () => {
  const events = [
    thinks({ text: 'h' }),
    thinks({ text: 'm' }),
    thinks({ signature: 'sig' }),
    ends(0),
    thinks({ redactedContent: Buffer.from('ab') }, 1),
    thinks({ redactedContent: Buffer.from('c') }, 1),
    ends(1),
    says('ok', 2),
    stops(),
  ];

  test('"thinking.signature: Field required": text, signature and sealed bytes all reach the client, and can be sent back', () => {
    const message = messageOf(events);
    expect(message.reasoning_content).toBe('hm');
    expect(message.reasoning_details).toEqual([
      { type: 'reasoning.text', index: 0, format: 'anthropic-claude-v1', text: 'hm', signature: 'sig' },
      { type: 'reasoning.encrypted', index: 1, format: 'anthropic-claude-v1', data: Buffer.from('abc').toString('base64') },
    ]);
    const back = ask('claude-sonnet-4-5', { messages: [{ role: 'user', content: 'x' }, message, { role: 'user', content: 'y' }] });
    expect(back.request.messages[1].content).toEqual([
      { reasoningContent: { reasoningText: { text: 'hm', signature: 'sig' } } },
      { reasoningContent: { redactedContent: expect.objectContaining({ 0: 97, 2: 99 }) } },
      { text: 'ok' },
    ]);
  });

  test('streams as fragments, the signature on its own and the seal once', () => {
    const deltas = deltasOf(events);
    expect(deltas[1]).toEqual({
      reasoning_content: 'h',
      reasoning: 'h',
      reasoning_details: [{ type: 'reasoning.text', text: 'h', index: 0, format: 'anthropic-claude-v1' }],
    });
    expect(deltas[3]).toEqual({
      reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0, format: 'anthropic-claude-v1' }],
    });
    expect(deltas.filter(({ reasoning_details }) => reasoning_details?.[0].data)).toHaveLength(1);
  });

  test('counts its own blocks, whatever stands between', () => {
    const { reasoning_details } = messageOf([says('a', 0), thinks({ text: 'x' }, 2), thinks({ text: 'y' }, 5), stops()]);
    expect(reasoning_details.map(({ index }: Json) => index)).toEqual([0, 1]);
  });

  test('is not shown where the client does not want it', () => {
    expect(messageOf(events, { reasoning: { exclude: true } })).toEqual({ role: 'assistant', content: 'ok', refusal: null });
    expect(deltasOf(events, { reasoning: { exclude: true } }).join()).not.toContain('reasoning');
  });
});

describe('the finish reason', () => {
  const reasonOf = (events: Event[]) => whole(events).choices[0].finish_reason;

  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['tool_use', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['content_filtered', 'content_filter'],
    ['guardrail_intervened', 'content_filter'],
    ['malformed_model_output', 'stop'],
    ['malformed_tool_use', 'stop'],
    ['a_word_of_the_future', 'stop'],
  ])('"guardrail reported as stop": %s with text is %s, streamed and whole', (stopReason, finish) => {
    const events = [says('a'), stops(stopReason)];
    expect(reasonOf(events)).toBe(finish);
    expect(chunksOf(streamed(events)).at(-1).choices[0].finish_reason).toBe(finish);
  });

  test.each(['tool_use', 'end_turn'])('calls make it tool_calls, also where the model says %s', (stopReason) => {
    expect(reasonOf([...calls(0, 'a', 'f'), stops(stopReason)])).toBe('tool_calls');
  });

  test('an answer cut off within a call is length', () => {
    expect(reasonOf([...calls(0, 'a', 'f', '{"x'), stops('max_tokens')])).toBe('length');
  });

  test('the stop string that was met is told', () => {
    const events = [says('a'), stops('stop_sequence', { stop_sequence: 'END' })];
    expect(whole(events).choices[0].matched_stop).toBe('END');
    expect(
      chunksOf(streamed([says('a'), stops('stop_sequence', { delta: { stop_sequence: 'END' } })])).at(-1).choices[0].matched_stop,
    ).toBe('END');
  });

  test('a call that cannot be read is left out; where nothing else was said, the model has failed', () => {
    const broken = [...calls(0, 'a', 'f', '{"x'), stops('malformed_tool_use')];
    expect(() => whole(broken)).toThrow('could not be read');
    const [choice] = whole([says('b', 1), ...broken]).choices;
    expect([choice.message.content, choice.message.tool_calls, choice.finish_reason]).toEqual(['b', undefined, 'stop']);
    expect(() => whole([stops('malformed_model_output')])).toThrow('could not be read');
  });
});

test('tools are named as the client named them, streamed too', () => {
  const { answer, request } = ask('claude-sonnet-4-5', { tools: [tool('a.b')] });
  const events = [...calls(0, 'x', request.toolConfig.tools[0].toolSpec.name), stops('tool_use')];
  expect(chunksOf(streamed(events, answer))[1].choices[0].delta.tool_calls[0].function.name).toBe('a.b');
});
