// Embeddings as users see them: the official client, the real SDK towards the stand-in, and the ledger in between.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import { answerEmbeddings } from '../../functions/proxy/embeddings.ts';
import { type House, openHouse } from '../support/open-ai-house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function makeCaller(monthlyBudget: bigint | null = null) {
  const { key, secret } = await house.makeKey({ monthlyBudget });
  return { key, client: house.clientOf('/v1/embeddings', answerEmbeddings, secret) };
}

describe('the official client', () => {
  test('gets three vectors of 512 from Titan, which it asks for in base64 by default, and they are those of the floats', async () => {
    const { key, client } = await makeCaller();
    const request = { model: 'titan-embed-text-v2', input: ['the cat', 'a dog', 'le chat'], dimensions: 512 };
    const before = house.standin.tally();
    const { data, usage, model } = await client.embeddings.create(request);
    const floats = await client.embeddings.create({ ...request, encoding_format: 'float' });
    expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 512],
      [1, 512],
      [2, 512],
    ]);
    expect(data).toEqual(floats.data);
    expect(model).toBe('titan-embed-text-v2');

    const after = house.standin.tally();
    expect(after.requests - before.requests).toBe(6);
    const entries = await house.entriesOf(key);
    expect(entries.map((entry) => entry.usage.input)).toEqual([usage.prompt_tokens, floats.usage.prompt_tokens]);
    expect(usage.prompt_tokens * 2).toBe(after.inputTokens - before.inputTokens);
  });

  // nova-2-multimodal-embeddings has no price in the list; a key without limits may call it.
  test.each([
    ['titan-embed-text-v1', 1536, 3],
    ['titan-embed-image', 1024, 3],
    ['cohere-embed-english-v3', 1024, 1],
    ['cohere-embed-v4', 1536, 1],
    ['nova-2-multimodal-embeddings', 3072, 3],
  ])('gets what %s makes, and the charge is what was counted upstream', async (model, length, calls) => {
    const { key, client } = await makeCaller();
    const before = house.standin.tally();
    const { data, usage } = await client.embeddings.create({ model, input: ['one', 'two two', 'three three three'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([length, length, length]);
    const after = house.standin.tally();
    expect(after.requests - before.requests).toBe(calls);
    expect(usage.prompt_tokens).toBe(after.inputTokens - before.inputTokens);
    const price = createShippedCatalog().resolve(model)!.price;
    const cost = BigInt(usage.prompt_tokens) * (price?.input ?? 0n);
    expect(await house.entriesOf(key)).toMatchObject([
      { usage: { input: usage.prompt_tokens }, cost, isEstimated: false, isStream: false },
    ]);
  });

  test('gets the vector of each text at its place, for hundreds of them', async () => {
    const { client } = await makeCaller();
    const input = Array.from({ length: 250 }, (_, index) => `text number ${index}`);
    const [many, last] = await Promise.all([
      client.embeddings.create({ model: 'cohere-embed-v4', input }),
      client.embeddings.create({ model: 'cohere-embed-v4', input: input[249]! }),
    ]);
    expect(many.data.map(({ index }) => index)).toEqual(input.map((_, index) => index));
    expect(many.data[249]!.embedding).toEqual(last.data[0]!.embedding);
  });

  test('is told which field is at fault, and nothing is charged', async () => {
    const { key, client } = await makeCaller(10n ** 12n);
    const faults = [
      { model: 'titan-embed-text-v2', input: 'a', dimensions: 300 },
      { model: 'titan-embed-text-v2', input: [1, 2] },
      { model: 'claude-sonnet-4-5', input: 'a' },
    ];
    const refusals = await Promise.all(faults.map((fault) => client.embeddings.create(fault).catch((thrown) => thrown)));
    expect(refusals.map(({ status, param }) => [status, param])).toEqual([
      [400, 'dimensions'],
      [400, 'input'],
      [400, 'model'],
    ]);
    expect(await house.entriesOf(key)).toEqual([]);
  });

  test('is told by a header what was left out', async () => {
    const { client } = await makeCaller();
    const request = { model: 'titan-embed-text-v2', input: 'a', input_type: 'query' };
    const { response } = await client.embeddings.create(request).withResponse();
    expect(response.headers.get('x-outcrop-warnings')).toBe('input_type;not taken by this model');
  });
});
