// The bound of input tokens is never below what the upstream counts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConverseRequest } from '../../../functions/core/bedrock/converse.ts';
import { cacheWriteOf, inputBoundOf } from '../../../functions/core/turn/input-bound.ts';
import { countTokens } from '../../../local/bedrock/tokens.ts';

const requestOf = (texts: string[], system: string[] = []): ConverseRequest => ({
  system: system.map((text) => ({ text })),
  messages: texts.map((text, index) => ({ role: index % 2 ? 'assistant' : 'user', content: [{ text }] })),
});

describe('the bound of input tokens', () => {
  test('covers every byte of every text, something for each message, and being asked to go on', () => {
    expect(inputBoundOf(requestOf(['abc']))).toBe(64 + 16 + 3);
    expect(inputBoundOf(requestOf(['你好', 'ok'], ['é']))).toBe(64 + 16 + 6 + 16 + 2 + 2 + 80);
  });

  test('is never below the count of tokens plus eight a message', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(texts, texts, (messages, system) => {
        const counted = [...messages, ...system].reduce((sum, text) => sum + countTokens(text), 8 * messages.length);
        expect(inputBoundOf(requestOf(messages, system))).toBeGreaterThanOrEqual(counted);
      }),
    );
  });

  test('counts tools and further fields by their JSON', () => {
    const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] };
    const bound = inputBoundOf({ ...requestOf(['a']), toolConfig });
    expect(bound).toBeGreaterThanOrEqual(64 + 17 + JSON.stringify(toolConfig).length);
  });
});

describe('the rate of a request that may write to the prompt cache', () => {
  const point = (ttl?: '5m' | '1h') => ({ cachePoint: { type: 'default' as const, ttl } });
  const plain = requestOf(['a']);

  test.each([
    ['no cache point', plain, 'none'],
    ['one in the system', { ...plain, system: [{ text: 's' }, point()] }, '5m'],
    ['one in a message', { ...plain, messages: [{ role: 'user' as const, content: [{ text: 'a' }, point('5m')] }] }, '5m'],
    ['one among the tools for an hour', { ...plain, toolConfig: { tools: [point('1h')] } }, '1h'],
    ['both kinds', { ...plain, system: [point('1h'), { text: 's' }, point()] }, '1h'],
  ])('with %s is that of %s', (_what, request, expected) => {
    expect(cacheWriteOf(request as ConverseRequest)).toBe(expected);
  });
});
