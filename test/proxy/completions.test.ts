// Legacy completions as users see them: the official client, the stand-in, and an entry in the journal for every prompt.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerCompletion } from '../../functions/proxy/completions.ts';
import { type House, openHouse } from '../support/open-ai-house.ts';

const MODEL = 'claude-sonnet-4-5';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function makeCaller(limits: Parameters<House['makeKey']>[0] = {}) {
  const { key, secret } = await house.makeKey(limits);
  return { key, client: house.clientOf('/v1/completions', answerCompletion, secret) };
}

describe('the official client', () => {
  test('gets a text for a prompt, of 16 tokens where it asks for none', async () => {
    const { key, client } = await makeCaller();
    const completion = await client.completions.create({ model: MODEL, prompt: 'write 100 words' });
    expect(completion).toMatchObject({ object: 'text_completion', model: MODEL, choices: [{ index: 0, finish_reason: 'length' }] });
    expect(completion.id).toMatch(/^cmpl-/);
    expect(completion.choices[0]!.text).not.toBe('');
    expect(completion.usage!.completion_tokens).toBe(16);
    expect(await house.entriesOf(key)).toMatchObject([{ usage: { output: 16 }, status: 'succeeded' }]);
  });

  test.each([
    ['as many calls at a time as it likes', null],
    ['one call at a time', 1],
    ['three calls at a time', 3],
  ])('with a key that may run %s gets a choice for each prompt, and each is an entry', async (_, maxParallel) => {
    const { key, client } = await makeCaller({ maxParallel, monthlyBudget: 10n ** 12n });
    const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliett'];
    const completion = await client.completions.create({ model: MODEL, prompt: words.map((word) => `say ${word}`), max_tokens: 50 });
    expect(completion.choices.map(({ index }) => index)).toEqual(words.map((_, index) => index));
    for (const [index, word] of words.entries()) expect(completion.choices[index]!.text).toContain(word);
    const entries = await house.entriesOf(key);
    expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(10);
    const sum = (of: (usage: { input: number; output: number }) => number) => entries.reduce((total, { usage }) => total + of(usage), 0);
    expect(completion.usage).toMatchObject({ prompt_tokens: sum(({ input }) => input), completion_tokens: sum(({ output }) => output) });
    const { spent, held } = await house.readAccount(key);
    expect([spent, held]).toEqual([entries.reduce((total, { cost }) => total + cost, 0n), 0n]);
  });

  test('reads a stream of the same text', async () => {
    const { key, client } = await makeCaller();
    const request = { model: MODEL, prompt: 'say hello there', max_tokens: 50 };
    const whole = await client.completions.create(request);
    let text = '';
    let reason: string | null = null;
    let total: number | undefined;
    for await (const { choices, usage } of await client.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    })) {
      text += choices[0]?.text ?? '';
      reason = choices[0]?.finish_reason ?? reason;
      total = usage?.total_tokens ?? total;
    }
    expect(text).toBe(whole.choices[0]!.text);
    expect([reason, total]).toEqual(['stop', whole.usage!.total_tokens]);
    expect((await house.entriesOf(key)).map(({ isStream }) => isStream).sort()).toEqual([false, true]);
  });

  test.each<[fields: object, status: number, param: string]>([
    [{ best_of: 3 }, 400, 'best_of'],
    [{ n: 2 }, 400, 'n'],
    [{ temperature: 3 }, 400, 'temperature'],
    [{ model: 'titan-embed-text-v2' }, 400, 'model'],
    [{ model: 'no-such-model' }, 404, 'model'],
  ])('that asks for %j is told what is at fault, and nothing is charged', async (fields, status, param) => {
    const { key, client } = await makeCaller();
    const refusal = await client.completions.create({ model: MODEL, prompt: 'a', ...fields }).catch((thrown) => thrown);
    expect([refusal.status, refusal.param]).toEqual([status, param]);
    expect(await house.entriesOf(key)).toEqual([]);
  });

  test('whose money is gone is told so, and the prompts that were answered are charged', async () => {
    const probe = await makeCaller();
    await probe.client.completions.create({ model: MODEL, prompt: 'say alpha', max_tokens: 20 });
    const { cost } = (await house.entriesOf(probe.key))[0]!;
    const { key, client } = await makeCaller({ monthlyBudget: cost * 6n });
    const prompt = Array.from({ length: 20 }, () => 'say alpha');
    const refusal = await client.completions.create({ model: MODEL, prompt, max_tokens: 20 }).catch((thrown) => thrown);
    expect([refusal.status, refusal.code]).toEqual([429, 'insufficient_quota']);
    const entries = await house.entriesOf(key);
    const { spent, held } = await house.readAccount(key);
    expect(entries).not.toEqual([]);
    expect(spent).toBeLessThanOrEqual(cost * 6n);
    expect([spent, held]).toEqual([entries.reduce((total, entry) => total + entry.cost, 0n), 0n]);
  });
});
