// Embeddings family by family: the bodies that are sent, how texts are dealt out to calls, and what is read from the answers.
import { describe, expect, test } from 'vitest';
import { type EmbedRequest, planEmbedding } from '../../../functions/core/bedrock/embed.ts';
import type { Invoked } from '../../../functions/core/bedrock/invoke.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';

const PLAIN: EmbedRequest = { texts: ['a', 'b', 'c'], dimensions: null, inputType: null };

/** The bodies a request becomes. Every call is answered with something the family cannot read. */
async function bodiesOf(family: string, request: Partial<EmbedRequest> = {}): Promise<object[]> {
  const bodies: object[] = [];
  const { calls } = planEmbedding(family, { ...PLAIN, ...request });
  for (const { run } of calls) {
    const sent = run(async (_, body) => ({ answer: void bodies.push(body), inputTokens: undefined }), 'a.model');
    await expect(sent).rejects.toThrow('one vector for each text');
  }
  return bodies;
}

describe('the bodies of a family', () => {
  test.each<[family: string, request: Partial<EmbedRequest>, bodies: object[]]>([
    ['titan-embed-v1', {}, [{ inputText: 'a' }, { inputText: 'b' }, { inputText: 'c' }]],
    ['titan-embed-v2', { texts: ['a'] }, [{ inputText: 'a' }]],
    [
      'titan-embed-v2',
      { texts: ['a', 'b'], dimensions: 512 },
      [
        { inputText: 'a', dimensions: 512 },
        { inputText: 'b', dimensions: 512 },
      ],
    ],
    ['titan-embed-image', { texts: ['a'] }, [{ inputText: 'a' }]],
    ['titan-embed-image', { texts: ['a'], dimensions: 384 }, [{ inputText: 'a', embeddingConfig: { outputEmbeddingLength: 384 } }]],
    ['cohere-embed-v3', {}, [{ texts: ['a', 'b', 'c'], input_type: 'search_document' }]],
    ['cohere-embed-v3', { inputType: 'query' }, [{ texts: ['a', 'b', 'c'], input_type: 'search_query' }]],
    ['cohere-embed-v3', { inputType: 'clustering' }, [{ texts: ['a', 'b', 'c'], input_type: 'clustering' }]],
    ['cohere-embed-v4', { texts: ['a'] }, [{ texts: ['a'], input_type: 'search_document', embedding_types: ['float'] }]],
    [
      'cohere-embed-v4',
      { texts: ['a'], dimensions: 1536, inputType: 'classification' },
      [{ texts: ['a'], input_type: 'classification', embedding_types: ['float'], output_dimension: 1536 }],
    ],
    ['nova-embed', { texts: ['a'] }, [novaBody('GENERIC_INDEX', 3072)]],
    ['nova-embed', { texts: ['a'], dimensions: 256, inputType: 'query' }, [novaBody('GENERIC_RETRIEVAL', 256)]],
  ])('%s, asked for %j', async (family, request, bodies) => {
    expect(await bodiesOf(family, request)).toEqual(bodies);
  });

  function novaBody(embeddingPurpose: string, embeddingDimension: number): object {
    const text = { truncationMode: 'END', value: 'a' };
    return { taskType: 'SINGLE_EMBEDDING', singleEmbeddingParams: { embeddingPurpose, embeddingDimension, text } };
  }

  test('hold at most 96 texts for Cohere, in their order', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `text ${index}`);
    const bodies = (await bodiesOf('cohere-embed-v4', { texts })) as { texts: string[] }[];
    expect(bodies.map((body) => body.texts.length)).toEqual([96, 96, 8]);
    expect(bodies.flatMap((body) => body.texts)).toEqual(texts);
  });
});

describe('what a family does not take', () => {
  test.each([
    ['titan-embed-v1', 1536, 'its vectors have one length only'],
    ['titan-embed-v2', 300, '256, 512, 1024'],
    ['titan-embed-image', 512, '256, 384, 1024'],
    ['cohere-embed-v3', 1024, 'its vectors have one length only'],
    ['cohere-embed-v4', 3072, '256, 512, 1024, 1536'],
    ['nova-embed', 512, '256, 384, 1024, 3072'],
  ])('%s refuses %i dimensions and says what would do', (family, dimensions, rule) => {
    const refusal = thrownBy(() => planEmbedding(family, { ...PLAIN, dimensions }));
    expect(refusal.code).toBe('invalid_value');
    expect(refusal.details.param).toBe('dimensions');
    expect(refusal.message).toContain(rule);
  });

  test('an input type is left out for Titan, with a warning', () => {
    expect(planEmbedding('titan-embed-v2', { ...PLAIN, inputType: 'query' }).warnings).toEqual(['input_type;not taken by this model']);
    expect(planEmbedding('nova-embed', { ...PLAIN, inputType: 'query' }).warnings).toEqual([]);
  });

  test('a family of other bodies is refused before any call', () => {
    expect(thrownBy(() => planEmbedding('nova-2', PLAIN)).code).toBe('unsupported_value');
  });

  function thrownBy(plan: () => unknown): GatewayError {
    try {
      plan();
    } catch (thrown) {
      return thrown as GatewayError;
    }
    throw new Error('Nothing was thrown.');
  }
});

describe('an answer', () => {
  const runOn = (family: string, invoked: Invoked, texts = ['a']) =>
    planEmbedding(family, { ...PLAIN, texts }).calls[0]!.run(async () => invoked, 'a.model');

  test.each<[what: string, family: string, answer: unknown, inputTokens: number | undefined]>([
    ['Titan counts in its body', 'titan-embed-v2', { embedding: [1, 2], inputTextTokenCount: 5 }, 5],
    ['Titan that does not count is counted by the header', 'titan-embed-v1', { embedding: [1, 2] }, 9],
    ['Titan’s nonsense count is not believed', 'titan-embed-v1', { embedding: [1, 2], inputTextTokenCount: -3 }, 9],
    ['Cohere is counted by the header', 'cohere-embed-v3', { embeddings: [[1, 2]] }, 9],
    ['Cohere answers by type', 'cohere-embed-v4', { embeddings: { float: [[1, 2]] } }, 9],
    ['Nova counts in its body', 'nova-embed', { embeddings: [{ embeddingType: 'TEXT', embedding: [1, 2] }], inputTokenCount: 4 }, 4],
  ])('%s', async (_, family, answer, inputTokens) => {
    expect(await runOn(family, { answer, inputTokens: 9 })).toEqual({ vectors: [[1, 2]], inputTokens });
  });

  test('without any count says so', async () => {
    const { inputTokens } = await runOn('cohere-embed-v3', { answer: { embeddings: [[1]] }, inputTokens: undefined });
    expect(inputTokens).toBeUndefined();
  });

  test.each<[what: string, answer: unknown]>([
    ['nothing', null],
    ['fewer vectors than texts', { embeddings: [[1]] }],
    ['an empty vector', { embeddings: [[1], []] }],
    ['a vector that holds no numbers', { embeddings: [[1], ['x']] }],
    ['vectors of another type only', { embeddings: { int8: [[1], [2]] } }],
  ])('of %s is the model’s failure, and may be billed', async (_, answer) => {
    const failure = await runOn('cohere-embed-v4', { answer, inputTokens: 1 }, ['a', 'b']).catch((thrown) => thrown);
    expect(failure.code).toBe('model_error');
    expect(failure.details.mayBeBilled).toBe(true);
  });

  test('that the text is too long names the input, for there are no messages', async () => {
    const tooLong = new GatewayError('context_length_exceeded', 'Too many input tokens.', { param: 'messages', cause: 'kept' });
    const failure = await planEmbedding('titan-embed-v2', PLAIN)
      .calls[0]!.run(() => Promise.reject(tooLong), 'a.model')
      .catch((thrown) => thrown);
    expect([failure.code, failure.details]).toEqual(['context_length_exceeded', { param: 'input', cause: 'kept' }]);
  });
});
