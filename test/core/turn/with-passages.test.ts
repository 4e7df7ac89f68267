// What a knowledge base adds to a request, and that its bound is never below it.
import { describe, expect, test } from 'vitest';
import type { Passage } from '../../../functions/core/bedrock/retrieve.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { inputBoundOf } from '../../../functions/core/turn/input-bound.ts';
import type { Turn } from '../../../functions/core/turn/turn.ts';
import { passagesBoundOf, withPassages } from '../../../functions/core/turn/with-passages.ts';

const PLAIN = createShippedCatalog().resolve('claude-sonnet-4-5')!.model;
const MODEL = { ...PLAIN, knowledgeBase: { id: 'KB12345678', region: null } };
const REQUEST = { messages: [{ role: 'user' as const, content: [{ text: 'When?' }] }] };
const TURN = { toConverse: () => ({ request: REQUEST, warnings: ['w'] }) } as unknown as Turn;

const told = (passages: Passage[], request: typeof REQUEST = REQUEST) => withPassages(async () => passages, MODEL, { turn: TURN, request });

describe('the bound', () => {
  test.each<[string, Passage[]]>([
    ['no passage', []],
    ['one', [{ text: 'At nine.', source: null }]],
    ['many', Array(8).fill({ text: 'word '.repeat(5_000), source: 's3://bucket/a' })],
    ['long sources', Array(8).fill({ text: 'x', source: 'é'.repeat(9_000) })],
    ['characters of four bytes', [{ text: '𝕏'.repeat(20_000), source: 'a' }]],
    ['broken characters', [{ text: `x${'\uD800'.repeat(20_000)}`, source: null }]],
  ])('pays for %s', async (_, passages) => {
    const { request } = await told(passages);
    const added = inputBoundOf(request) - inputBoundOf(REQUEST);
    expect(added).toBeGreaterThan(100);
    expect(added).toBeLessThanOrEqual(passagesBoundOf(MODEL));
  });

  test('is nothing for every other model', () => {
    expect(passagesBoundOf(PLAIN)).toBe(0);
  });
});

test('a request that is translated once more is told the same, and what was translated before stays as it was', async () => {
  const { turn, request } = await told([{ text: 'At nine.', source: null }]);
  expect(turn.toConverse(MODEL)).toEqual({ request, warnings: ['w'] });
  expect(request.system).toEqual([{ text: expect.stringMatching(/\n\n\[1\]\nAt nine\.$/) }]);
  expect(REQUEST).not.toHaveProperty('system');
});

test('nothing is asked where the user said nothing in words', async () => {
  const image = { messages: [{ role: 'user' as const, content: [{ text: ' ' }] }] };
  const retrieve = () => Promise.reject(new Error('asked'));
  const { request } = await withPassages(retrieve, MODEL, { turn: TURN, request: image });
  expect(request.system![0]!.text).toContain('found no passages');
});

test('a gateway that asks no knowledge bases says so', async () => {
  await expect(withPassages(undefined, MODEL, { turn: TURN, request: REQUEST })).rejects.toMatchObject({ code: 'unsupported_value' });
});
