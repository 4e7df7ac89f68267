// The switches of the chat's translation, as users of the official client meet them.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

const MODEL = 'claude-sonnet-4-5';
const HELLO = [{ role: 'user' as const, content: 'Hello' }];
const image = (url: string) => [{ role: 'user' as const, content: [{ type: 'image_url' as const, image_url: { url } }] }];

/** Long enough to be worth caching. */
const LONG = [
  { role: 'system' as const, content: 'You are patient. '.repeat(400) },
  { role: 'user' as const, content: 'Hello' },
];

async function clientOf(gateway: Gateway): Promise<OpenAI> {
  const { secret } = await gateway.makeKey();
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: secret, maxRetries: 0 });
}

describe('as they come', () => {
  let gateway: Gateway;
  let client: OpenAI;
  beforeAll(async () => {
    gateway = await startGateway();
    client = await clientOf(gateway);
  });
  afterAll(() => gateway.close());

  test('what a model does not take is left out and named in a header', async () => {
    const { response } = await client.chat.completions.create({ model: MODEL, messages: HELLO, seed: 1 }).withResponse();
    expect(response.headers.get('x-outcrop-warnings')).toBe('seed;dropped');
  });

  test('nothing is cached that the client did not mark', async () => {
    for (let call = 0; call < 2; call += 1) {
      const { usage } = await client.chat.completions.create({ model: MODEL, messages: LONG });
      expect(usage!.prompt_tokens_details?.cached_tokens).toBe(0);
    }
  });

  test('a picture named by its address is refused with its path and what to do instead', async () => {
    const refusal = client.chat.completions.create({ model: MODEL, messages: image('https://example.com/cat.png') });
    await expect(refusal).rejects.toMatchObject({
      status: 400,
      code: 'invalid_image_url',
      param: 'messages[0].content[0]',
      message: expect.stringContaining('data: URL'),
    });
  });
});

describe('all changed', () => {
  let gateway: Gateway;
  let client: OpenAI;
  beforeAll(async () => {
    gateway = await startGateway({ strict: true, promptCaching: 'auto', fetchesMedia: true });
    client = await clientOf(gateway);
  });
  afterAll(() => gateway.close());

  test.each(['chat', 'completion'])('what a model does not take is an error that names it: %s', async (kind) => {
    const fields = { model: MODEL, seed: 1 };
    const refusal =
      kind === 'chat'
        ? client.chat.completions.create({ ...fields, messages: HELLO })
        : client.completions.create({ ...fields, prompt: 'Hello' });
    await expect(refusal).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'seed' });
  });

  test('what a model turns out not to take is an error too', async () => {
    const refusal = client.chat.completions.create({
      model: 'standin.fault-no-top-k',
      messages: HELLO,
      ...{ additionalModelRequestFields: { top_k: 3 } },
    });
    await expect(refusal).rejects.toMatchObject({ status: 400, message: expect.stringContaining('top_k') });
  });

  test('what pays is cached without a word of the client', async () => {
    await client.chat.completions.create({ model: MODEL, messages: LONG });
    const { usage } = await client.chat.completions.create({ model: MODEL, messages: LONG });
    expect(usage!.prompt_tokens_details!.cached_tokens).toBeGreaterThan(1_000);
  });

  test('pictures are fetched, but from nowhere inside', async () => {
    for (const url of ['https://169.254.169.254/cat.png', `${gateway.url.replace('http:', 'https:')}/cat.png`]) {
      const refusal = client.chat.completions.create({ model: MODEL, messages: image(url) });
      await expect(refusal).rejects.toMatchObject({
        status: 400,
        code: 'invalid_image_url',
        message: expect.not.stringContaining('data:'),
      });
    }
  });
});
