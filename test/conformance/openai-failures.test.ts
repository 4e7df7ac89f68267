// The official OpenAI client, the current major and the one before, when something fails or somebody leaves.
import OpenAI from 'openai';
import PreviousOpenAI from 'openai-previous';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HELLO, LONG, SONNET } from './asked.ts';
import { type ClientRun, startClientRun } from './client-run.ts';

const asking = (model: string, content = HELLO) => ({ model, messages: [{ role: 'user' as const, content }] });

describe.each([
  ['openai', OpenAI],
  ['openai, the major before', PreviousOpenAI as unknown as typeof OpenAI],
])('%s', (_name, Client) => {
  let run: ClientRun;
  let client: OpenAI;
  let patient: OpenAI;

  const clientOf = (apiKey: string, maxRetries?: number) => new Client({ baseURL: run.baseURL, apiKey, fetch: run.fetch, maxRetries });

  beforeAll(async () => {
    run = await startClientRun();
    client = clientOf(run.key.secret, 0);
    patient = clientOf(run.key.secret);
  });
  afterAll(() => run.close());

  test.each([
    ['a wrong key', 'sk-wrong', SONNET, 'AuthenticationError', { status: 401, code: 'invalid_api_key' }],
    ['an unknown model', undefined, 'gpt-nonsense', 'NotFoundError', { status: 404, code: 'model_not_found', param: 'model' }],
    ['too long a prompt', undefined, 'standin.fault-context', 'BadRequestError', { status: 400, code: 'context_length_exceeded' }],
    [
      'a model that denies',
      undefined,
      'standin.fault-access-denied',
      'PermissionDeniedError',
      { status: 403, code: 'model_access_denied' },
    ],
  ] as const)('knows %s by its class and code, whole and streamed, and does not try again', async (_what, secret, model, kind, told) => {
    const asker = secret ? clientOf(secret) : patient;
    for (const stream of [false, true]) {
      let failure: unknown;
      const sent = await run.sentBy(async () => {
        failure = await asker.chat.completions.create({ ...asking(model), stream }).catch((error) => error);
      });
      expect(failure).toBeInstanceOf(Client[kind]);
      expect(failure).toMatchObject({ ...told, requestID: expect.stringMatching(/^req_/) });
      expect(sent).toBe(1);
    }
  });

  test('does not try again when the budget is gone, and is told so', async () => {
    const poor = await run.makeKey({ monthlyBudget: '0.000001' });
    let failure: InstanceType<typeof OpenAI.RateLimitError> | undefined;
    const sent = await run.sentBy(async () => {
      failure = await clientOf(poor.secret)
        .chat.completions.create(asking(SONNET))
        .catch((error) => error);
    });
    expect(failure).toBeInstanceOf(Client.RateLimitError);
    expect(failure).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' });
    expect(failure!.message).toContain('Please recharge.');
    expect(sent).toBe(1);
  });

  test('is told when to come back while Bedrock throttles, before anything is streamed', async () => {
    const ask = (stream: boolean) =>
      client.chat.completions.create({ ...asking('standin.fault-throttle'), stream }).catch((error) => error);
    for (const failure of await Promise.all([ask(false), ask(true)])) {
      expect(failure).toBeInstanceOf(Client.RateLimitError);
      expect(failure.code).toBe('rate_limit_exceeded');
      expect(Number(failure.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  test('notices nothing when Bedrock throttled once', async () => {
    const sent = await run.sentBy(() => client.chat.completions.create(asking('standin.fault-throttle-once')));
    expect(sent).toBe(1);
  });

  test('tries again by itself when the model failed, and is charged once', async () => {
    let answer: OpenAI.ChatCompletion | undefined;
    const sent = await run.sentBy(async () => {
      answer = await patient.chat.completions.create(asking('standin.fault-model-error-once'));
    });
    expect(answer!.choices[0]!.finish_reason).toBe('stop');
    expect(sent).toBe(2);
  });

  test.each(['midstream', 'midstream-throttle', 'silent-end', 'reset', 'truncated'])(
    'hears of a stream that broke off (%s) as an error, never as an end',
    async (fault) => {
      const asked = asking(`standin.fault-${fault}`);
      const read = async () => {
        for await (const _ of await client.chat.completions.create({ ...asked, stream: true }));
      };
      await expect(read()).rejects.toBeInstanceOf(Client.APIError);
      await expect(client.chat.completions.stream(asked).finalChatCompletion()).rejects.toBeInstanceOf(Client.OpenAIError);
    },
  );

  test('leaves a stream in the middle; the model is heard to its end', async () => {
    const { saidAtLeave, saidInAll } = await run.leave(async () => {
      for await (const _ of await client.chat.completions.create({ ...asking(SONNET, LONG), stream: true })) break;
    });
    expect(saidAtLeave).toBeLessThan(saidInAll);
  });

  test('ends a stream by a signal without a word, and a whole answer with an error', async () => {
    const ofStream = new AbortController();
    let chunks = 0;
    const left = await run.leave(async () => {
      const asked = { ...asking(SONNET, LONG), stream: true as const };
      for await (const _ of await client.chat.completions.create(asked, { signal: ofStream.signal })) {
        chunks += 1;
        ofStream.abort();
      }
    });
    expect(left.saidAtLeave).toBeLessThan(left.saidInAll);
    expect(chunks).toBeLessThan(left.saidInAll);

    const ofWhole = new AbortController();
    await run.leave(async () => {
      const work = client.chat.completions.create(asking(SONNET, LONG), { signal: ofWhole.signal });
      const refused = expect(work).rejects.toBeInstanceOf(Client.APIUserAbortError);
      await run.untilSpeaking();
      ofWhole.abort();
      await refused;
    });
  });

  test('reaches no other machine, and is charged for what the model said, answers left in the middle too', async () => {
    expect(run.hosts()).toEqual([]);
    await run.expectExactCharges();
  });
});
