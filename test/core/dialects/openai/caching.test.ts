// Cache points: where the client marks them, where they pay, and where a model would refuse them.
import { describe, expect, test } from 'vitest';
import { type Asked, ask, called, type Json, tool } from './chat.ts';

const SONNET = 'claude-sonnet-4-5';
const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } });
const POINT = { cachePoint: { type: 'default' } };
const text = (content: string, rest: object = {}) => ({ type: 'text', text: content, ...rest });

/** Where points stand: `tools`, `system` or the number of a message, each with its ttl. */
function pointsOf({ request }: Asked): string[] {
  const places: [string, Json[]][] = [
    ['tools', request.toolConfig?.tools ?? []],
    ['system', request.system ?? []],
    ...request.messages.map(({ content }: Json, index: number) => [`${index}`, content]),
  ];
  return places.flatMap(([place, blocks]) =>
    blocks.flatMap((block, at) => (block.cachePoint ? [`${place}/${at}${block.cachePoint.ttl ? ` ${block.cachePoint.ttl}` : ''}`] : [])),
  );
}

const marked = {
  tools: [{ ...tool('f'), ...mark() }, tool('g')],
  messages: [
    { role: 'system', content: [text('s', mark())] },
    { role: 'user', content: [text('a', mark()), text('b')] },
  ],
};

describe('marked by the client', () => {
  test('"cachePoint dropped for tools and parts": a point follows what was marked', () => {
    const asked = ask(SONNET, marked);
    expect(pointsOf(asked)).toEqual(['tools/1', 'system/1', '0/1']);
    expect(asked.request.messages[0].content).toEqual([{ text: 'a' }, POINT, { text: 'b' }]);
  });

  test.each([
    ['prompt_cache_breakpoint', { prompt_cache_breakpoint: { mode: 'explicit' } }],
    ['cachePoint', { cachePoint: { type: 'default' } }],
  ])('%s says the same', (_name, spelling) => {
    expect(pointsOf(ask(SONNET, { messages: [{ role: 'user', content: [text('a', spelling)] }] }))).toEqual(['0/1']);
  });

  test('a mark on a whole message closes it', () => {
    expect(pointsOf(ask(SONNET, { messages: [{ role: 'user', content: 'a', ...mark() }] }))).toEqual(['0/1']);
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', tool_calls: [called('x', 'f')] },
      { role: 'tool', tool_call_id: 'x', content: 'y', ...mark() },
    ];
    expect(pointsOf(ask(SONNET, { tools: [tool('f')], messages }))).toEqual(['2/1']);
  });

  test('Nova takes none in its tools, nor beside calls and results', () => {
    expect(pointsOf(ask('nova-lite', marked))).toEqual(['system/1', '0/1']);
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', tool_calls: [called('x', 'f')] },
      { role: 'tool', tool_call_id: 'x', content: 'y', ...mark() },
    ];
    expect(pointsOf(ask('nova-lite', { tools: [tool('f')], messages }))).toEqual([]);
  });

  test('a model without caching gets none, silently', () => {
    const asked = ask('llama3-3-70b', marked);
    expect(pointsOf(asked)).toEqual([]);
    expect(asked.warnings).toEqual([]);
  });

  test('more than four: the last of tools and system and the last two of the messages stay', () => {
    const messages = [
      { role: 'system', content: [text('s', mark()), text('t', mark())] },
      { role: 'user', content: ['a', 'b', 'c'].map((content) => text(content, mark())) },
    ];
    expect(pointsOf(ask(SONNET, { tools: [{ ...tool('f'), ...mark() }], messages }))).toEqual(['tools/1', 'system/2', '0/2', '0/4']);
  });

  test('"1 h TTL 400": an hour is said only to models that know it, and only before minutes', () => {
    const messages = [{ role: 'user', content: [text('a', mark('1h')), text('b', mark('5m')), text('c', mark('1h'))] }];
    expect(pointsOf(ask(SONNET, { messages }))).toEqual(['0/1 1h', '0/3', '0/5']);
    expect(pointsOf(ask('claude-3-7-sonnet', { messages }))).toEqual(['0/1', '0/3', '0/5']);
  });

  test('a point that would stand alone, or twice, is left out', () => {
    const messages = [{ role: 'user', content: [text(' ', mark()), text('a', mark()), text('', mark())] }];
    expect(pointsOf(ask(SONNET, { messages }))).toEqual(['0/1']);
  });
});

describe('placed by the gateway', () => {
  const body = {
    tools: [tool('f')],
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'd' },
      { role: 'user', content: 'e' },
    ],
  };

  test('at the end of tools, system and the last two messages of the user', () => {
    expect(pointsOf(ask(SONNET, body, { promptCaching: 'auto' }))).toEqual(['tools/1', 'system/1', '2/1', '4/1']);
    expect(pointsOf(ask(SONNET, body))).toEqual([]);
  });

  test('not where the client marks its own, or asks to be left alone', () => {
    expect(pointsOf(ask(SONNET, marked, { promptCaching: 'auto' }))).toEqual(['tools/1', 'system/1', '0/1']);
    expect(pointsOf(ask(SONNET, { ...body, prompt_cache_options: { mode: 'explicit' } }, { promptCaching: 'auto' }))).toEqual([]);
  });

  test('for as long as the client wants', () => {
    expect(pointsOf(ask(SONNET, { ...body, prompt_cache_retention: '24h' }, { promptCaching: 'auto' }))[0]).toBe('tools/1 1h');
  });

  test.each([
    [SONNET, { prompt_cache_retention: '24h' }, ['prompt_cache_retention;cached for an hour']],
    [SONNET, { prompt_cache_options: { ttl: '30m' } }, ['prompt_cache_options.ttl;cached for an hour']],
    [SONNET, { prompt_cache_options: { ttl: '1h' } }, []],
    [SONNET, { prompt_cache_retention: 'in_memory' }, []],
    ['nova-lite', { prompt_cache_retention: '24h' }, ['prompt_cache_retention;this model caches for minutes only']],
    ['llama3-3-70b', { prompt_cache_retention: '24h' }, []],
  ])('%s, asked for %j, tells what time it became', (name, wish, warnings) => {
    expect(ask(name, { ...body, ...wish }, { promptCaching: 'auto' }).warnings).toEqual(warnings);
  });
});
