// Requests for embeddings and the ledger: one hold, one entry, and what is charged when some of the calls fail.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Key } from '../../../functions/core/access/principal.ts';
import type { EmbedRequest } from '../../../functions/core/bedrock/embed.ts';
import type { Invoke } from '../../../functions/core/bedrock/invoke.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { embedTexts } from '../../../functions/core/turn/embed-texts.ts';
import { textsBoundOf } from '../../../functions/core/turn/input-bound.ts';
import { openTill } from '../../support/till.ts';

const catalog = createShippedCatalog();
const TITAN = 'titan-embed-text-v2';
const RATE = catalog.resolve(TITAN)!.price!.input;

let till: Awaited<ReturnType<typeof openTill>>;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

/** Titan with a vector of the text's length and as many tokens, so that every answer tells which text it is of. */
const titan: Invoke = async (_, body) => {
  const { inputText } = body as { inputText: string };
  return { answer: { embedding: [inputText.length], inputTextTokenCount: inputText.length }, inputTokens: undefined };
};

function embed(key: Key, texts: string[], invoke: Invoke = titan, modelName = TITAN) {
  const requestId = till.ids('req');
  const request: EmbedRequest = { texts, dimensions: null, inputType: null };
  return embedTexts({ catalog, invoke, ...till }, { requestId, key, modelName, request });
}

async function failureOf(work: Promise<unknown>): Promise<GatewayError> {
  const thrown = await work.then(
    () => undefined,
    (error) => error,
  );
  expect(thrown).toBeInstanceOf(GatewayError);
  return thrown;
}

describe('a request for embeddings', () => {
  test('of many texts keeps their order and is one entry with the sum of the counts', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const texts = Array.from({ length: 40 }, (_, index) => 'x'.repeat(40 - index));
    const { vectors, inputTokens } = await embed(key, texts, async (model, body) => {
      // The later texts are answered first.
      for (let turns = (body as { inputText: string }).inputText.length; turns > 0; turns -= 1) await Promise.resolve();
      return titan(model, body);
    });
    expect(vectors).toEqual(texts.map(({ length }) => [length]));
    expect(inputTokens).toBe(820);
    const entries = await till.entriesOf(key);
    expect(entries).toMatchObject([{ status: 'succeeded', isEstimated: false, usage: { input: 820 }, cost: 820n * RATE, model: TITAN }]);
    expect(await till.readAccount(key)).toEqual({ spent: 820n * RATE, held: 0n, open: 0 });
  });

  test('never has more than eight calls under way', async () => {
    const { key } = await till.makeKey();
    let running = 0;
    let most = 0;
    await embed(
      key,
      Array.from({ length: 50 }, () => 'x'),
      async (model, body) => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
        return titan(model, body);
      },
    );
    expect(most).toBe(8);
  });

  test('holds the bound of all its texts while it runs', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const texts = ['one', 'two', 'three'];
    let held: bigint | undefined;
    await embed(key, texts, async (model, body) => {
      held = (await till.readAccount(key)).held;
      return titan(model, body);
    });
    expect(held).toBe(BigInt(textsBoundOf(texts)) * RATE);
  });

  test('is refused, and no call made, where the money left is less than its bound', async () => {
    const texts = ['one', 'two', 'three'];
    const { key } = await till.makeKey({ monthlyBudget: BigInt(textsBoundOf(texts)) * RATE - 1n });
    let calls = 0;
    const counting: Invoke = (model, body) => {
      calls += 1;
      return titan(model, body);
    };
    const refusal = await failureOf(embed(key, texts, counting));
    expect(refusal.code).toBe('insufficient_quota');
    expect(calls).toBe(0);
    expect(await till.entriesOf(key)).toEqual([]);
    await embed(key, texts.slice(1), counting);
    expect(calls).toBe(2);
  });

  test('that fails half way is charged what was done, once, and nothing for what was refused', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const texts = ['a', 'bb', 'ccc', 'dddd'];
    const failure = await failureOf(
      embed(key, texts, async (model, body) => {
        if ((body as { inputText: string }).inputText === 'ccc') throw new GatewayError('rate_limit_exceeded', 'Slow down.');
        return titan(model, body);
      }),
    );
    expect(failure.code).toBe('rate_limit_exceeded');
    const entries = await till.entriesOf(key);
    expect(entries).toMatchObject([{ status: 'failed', error: 'rate_limit_exceeded', isEstimated: false, usage: { input: 7 } }]);
    expect(await till.readAccount(key)).toEqual({ spent: 7n * RATE, held: 0n, open: 0 });
  });

  test('of which a call was lost on the way is charged that call’s bound, and says that it is estimated', async () => {
    const { key } = await till.makeKey();
    const lost = new GatewayError('upstream_unreachable', 'Lost.', { mayBeBilled: true });
    await failureOf(embed(key, ['a', 'bb'], failFor('bb', lost)));
    const [entry] = await till.entriesOf(key);
    expect(entry).toMatchObject({ status: 'failed', isEstimated: true, usage: { input: 1 + textsBoundOf(['bb']) } });
  });

  test('whose count nobody told is charged its bound, and reports it', async () => {
    const { key } = await till.makeKey();
    const { inputTokens } = await embed(key, ['abc'], async () => ({ answer: { embedding: [1] }, inputTokens: undefined }));
    expect(inputTokens).toBe(textsBoundOf(['abc']));
    expect(await till.entriesOf(key)).toMatchObject([{ status: 'succeeded', isEstimated: true, usage: { input: inputTokens } }]);
  });

  test.each<[what: string, modelName: string, code: string, status: number]>([
    ['nobody knows', 'no-such-model', 'model_not_found', 404],
    ['the key may not call', 'cohere-embed-v4', 'model_not_allowed', 403],
    ['answers chats', 'claude-sonnet-4-5', 'invalid_value', 400],
  ])('for a model that %s is refused before anything is held', async (_, modelName, code, status) => {
    const { key } = await till.makeKey({}, [TITAN, 'claude-sonnet-4-5']);
    const refusal = await failureOf(embed(key, ['a'], titan, modelName));
    expect([refusal.code, refusal.status, refusal.details.param]).toEqual([code, status, 'model']);
    expect(await till.readAccount(key)).toEqual({ spent: 0n, held: 0n, open: 0 });
  });

  function failFor(text: string, failure: GatewayError): Invoke {
    return async (model, body) => {
      if ((body as { inputText: string }).inputText === text) throw failure;
      return titan(model, body);
    };
  }
});

test('the bound of a text is at least one token for each byte, also of what its characters are spelled out to', () => {
  expect(textsBoundOf(['abc'])).toBeGreaterThanOrEqual(3);
  expect(textsBoundOf(['漢字'])).toBeGreaterThanOrEqual(6);
  // One character of three bytes that normalization turns into eighteen characters.
  expect(textsBoundOf(['\uFDFA'])).toBeGreaterThanOrEqual(Buffer.byteLength('\uFDFA'.normalize('NFKC')));
});
