// OpenAI's embeddings: what is taken, what is refused and how, and the bytes of the answer.
import { describe, expect, test } from 'vitest';
import { parseEmbeddingsRequest, toEmbeddingsResponse } from '../../../../functions/core/dialects/openai/embeddings.ts';
import type { GatewayError } from '../../../../functions/core/platform/errors.ts';

const read = (fields: object) => parseEmbeddingsRequest({ model: 'm', input: 'a', ...fields });

function refusalOf(body: unknown): GatewayError {
  try {
    parseEmbeddingsRequest(body);
  } catch (thrown) {
    return thrown as GatewayError;
  }
  throw new Error('It was taken.');
}

describe('a request for embeddings', () => {
  test.each<[fields: object, read: object]>([
    [{ input: 'a' }, { texts: ['a'], dimensions: null, inputType: null, encoding: 'float' }],
    [{ input: ['a', ' ', 'c'] }, { texts: ['a', ' ', 'c'] }],
    [{ input: 'lone \ud800 surrogate' }, { texts: ['lone \ufffd surrogate'] }],
    [
      { dimensions: 512, encoding_format: 'base64', user: 'u' },
      { dimensions: 512, encoding: 'base64' },
    ],
    [
      { dimensions: null, encoding_format: null, input_type: null },
      { dimensions: null, encoding: 'float', inputType: null },
    ],
    [{ input_type: 'search_query' }, { inputType: 'query' }],
    [{ input_type: 'passage' }, { inputType: 'document' }],
  ])('with %j is read', (fields, expected) => {
    expect(read(fields)).toMatchObject(expected);
  });

  test('takes 2048 texts and not one more', () => {
    const texts = Array.from({ length: 2049 }, () => 'a');
    expect(read({ input: texts.slice(1) }).texts).toHaveLength(2048);
    expect(refusalOf({ model: 'm', input: texts }).message).toContain('at most 2048');
  });

  test.each<[body: unknown, code: string, param: string | undefined]>([
    [[], 'invalid_value', undefined],
    [null, 'invalid_value', undefined],
    [{ input: 'a' }, 'missing_required_parameter', 'model'],
    [{ model: 7, input: 'a' }, 'invalid_value', 'model'],
    [{ model: 'm' }, 'missing_required_parameter', 'input'],
    [{ model: 'm', input: '' }, 'invalid_value', 'input'],
    [{ model: 'm', input: [] }, 'invalid_value', 'input'],
    [{ model: 'm', input: ['a', ''] }, 'invalid_value', 'input[1]'],
    [{ model: 'm', input: ['a', null] }, 'invalid_value', 'input[1]'],
    [{ model: 'm', input: { text: 'a' } }, 'invalid_value', 'input'],
    [{ model: 'm', input: [[]] }, 'invalid_value', 'input[0]'],
    [{ model: 'm', input: 'a', dimensions: 0 }, 'invalid_value', 'dimensions'],
    [{ model: 'm', input: 'a', dimensions: '512' }, 'invalid_value', 'dimensions'],
    [{ model: 'm', input: 'a', encoding_format: 'hex' }, 'invalid_value', 'encoding_format'],
    [{ model: 'm', input: 'a', input_type: 'toString' }, 'invalid_value', 'input_type'],
  ])('%j is refused', (body, code, param) => {
    const refusal = refusalOf(body);
    expect([refusal.status, refusal.code, refusal.details.param]).toEqual([400, code, param]);
  });

  test.each([[[1, 2, 3]], [[[1, 2], [3]]], [['a', [1]]]])('of token ids %j is refused with what to do', (input) => {
    const refusal = refusalOf({ model: 'm', input });
    expect([refusal.status, refusal.code, refusal.details.param]).toEqual([400, 'invalid_value', 'input']);
    expect(refusal.message).toContain('send strings');
    expect(refusal.message).toContain('check_embedding_ctx_length=False');
  });

  test('never repeats a text in its refusal', () => {
    expect(refusalOf({ model: 'm', input: ['a'.repeat(100), 5] }).message).not.toContain('aaaa');
  });
});

describe('an answer of embeddings', () => {
  const vectors = [
    [0.1, -2.5, 0],
    [3.4028234663852886e38, 1e-45, 1],
  ];

  test('of floats is OpenAI’s list, under the name the client used', () => {
    expect(toEmbeddingsResponse(read({ model: 'my-name' }), { vectors, inputTokens: 7 })).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: vectors[0] },
        { object: 'embedding', index: 1, embedding: vectors[1] },
      ],
      model: 'my-name',
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
  });

  test('in base64 is float32 with the lowest byte first', () => {
    const { data } = toEmbeddingsResponse(read({ encoding_format: 'base64' }), { vectors, inputTokens: 7 }) as {
      data: { embedding: string }[];
    };
    expect(data[0]!.embedding).toBe(Buffer.from('cdcccc3d000020c000000000', 'hex').toString('base64'));
    const bytes = Buffer.from(data[1]!.embedding, 'base64');
    expect([0, 4, 8].map((at) => bytes.readFloatLE(at))).toEqual(vectors[1]!.map(Math.fround));
  });
});
