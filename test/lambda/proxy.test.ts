// The proxy's bundle as Lambda runs it: streaming, the front door's secret, and the charge written before the process is frozen.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BlobServer, startBlobServer } from '../support/blob-server.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/open-ai-server.ts';
import { delta, EVENT_STREAM, start as opening, stop, usage } from './bedrock-frames.ts';
import { type Database, startDatabase } from './database.ts';
import type { Emulator } from './runtime/emulator.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { start } from './shipped.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const ORIGIN_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:origin';
const ORIGIN_SECRET = 'the-secret-of-the-front-door';
const RELAY_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:relay-AbCdEf';
const RELAY_SECRET = 'sk-the-shared-key-of-the-relay';
const CHAT = { model: 'nova-lite', messages: [{ role: 'user', content: 'Hello' }], stream: true };

let database: Database;
let blobs: BlobServer;
let secrets: Secrets;
let bedrock: Upstream;
let relayed: OpenAiServer;
let emulator: Emulator;
let key: { id: string; secret: string };

beforeAll(async () => {
  [database, blobs, secrets, bedrock, relayed] = await Promise.all([
    startDatabase(),
    startBlobServer('emulated'),
    startSecrets({ [ORIGIN_SECRET_ARN]: ORIGIN_SECRET, [RELAY_SECRET_ARN]: RELAY_SECRET }),
    startUpstream(EVENT_STREAM),
    startOpenAiServer(),
  ]);
  const price = { input: '1', output: '2' };
  const relays = {
    relays: { up: { baseUrl: `${relayed.url}/v1`, key: RELAY_SECRET_ARN } },
    models: { gpt: { relay: 'up', target: 'echo', contextTokens: 9_000, maxOutputTokens: 900, price } },
  };
  emulator = await start('functions/proxy/index.ts', {
    ...database.environment,
    ...blobs.environment,
    LOGGING: 'full',
    ORIGIN_SECRET_ARN,
    OUTCROP_STRICT: 'on',
    OUTCROP_PROMPT_CACHING: 'explicit',
    OUTCROP_SEND_USER: 'off',
    OUTCROP_FETCH_MEDIA: 'on',
    OUTCROP_RELAYS: JSON.stringify(relays),
    OUTCROP_RAW_IDS: 'on',
    OUTCROP_GRACE_SECONDS: '0',
    DEFERRED_QUEUE_URL: 'none',
    ENABLE_DOCUMENTS: 'false',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.url,
  });
});
afterAll(async () => {
  await emulator.stop();
  await database.stop();
  blobs.stop();
  secrets.stop();
  bedrock.stop();
  await relayed.close();
});
beforeEach(async () => {
  key = await database.makeKey();
});

function ask(body: unknown, { headers, ...init }: RequestInit = {}): Promise<Response> {
  return fetch(`${emulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-outcrop-origin': ORIGIN_SECRET,
      authorization: `Bearer ${key.secret}`,
      ...(headers as Record<string, string>),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

type Chunk = { choices: { delta: { content?: string }; finish_reason: string | null }[] };

/** The data of the next server-sent events, one read at a time. */
async function* dataOf(answer: Response): AsyncGenerator<string, void> {
  let rest = '';
  for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split('\n\n');
    rest = events.pop()!;
    for (const event of events) if (event.startsWith('data: ')) yield event.slice('data: '.length);
  }
}

async function allOf(data: AsyncGenerator<string, void>): Promise<string[]> {
  const all: string[] = [];
  for await (const item of data) all.push(item);
  return all;
}

const textOf = (data: string): string | undefined => (JSON.parse(data) as Chunk).choices[0]?.delta.content;

describe('a streamed chat', () => {
  // Sooner than a heartbeat, which would take the status along too.
  test('has its status before the first word, and each word before the next; charged when the process freezes', {
    timeout: 10_000,
  }, async () => {
    const asked = ask(CHAT);
    await bedrock.send(opening);
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);

    const data = dataOf(answer);
    const nextText = async () => {
      for (let text: string | undefined; ; ) {
        text = textOf((await data.next()).value!);
        if (text) return text;
      }
    };
    for (const word of ['One', ' two', ' three']) {
      await bedrock.send(delta(word));
      expect(await nextText()).toBe(word);
    }
    await bedrock.send(stop);
    await bedrock.send(usage(7, 5));
    await bedrock.end();
    const last = await allOf(data);
    expect(last.at(-1)).toBe('[DONE]');

    await emulator.settled();
    const [entry, ...others] = await database.entriesOf(key.id);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ model: 'nova-lite', status: 'succeeded', usage: { input: 7, output: 5 } });
    expect(entry!.cost).toBeGreaterThan(0n);
    expect(await database.spentBy(key.id)).toEqual({ open: 0, spent: entry!.cost });
    expect(emulator.outcomes.at(-1)).toBe('succeeded');
  });

  test('is logged before the process freezes, its texts in S3 when they are large', async () => {
    const asked = ask(
      { ...CHAT, messages: [{ role: 'user', content: `Hello${' and more'.repeat(20_000)}` }] },
      { headers: { 'session-id': 's' } },
    );
    await bedrock.send(opening);
    await bedrock.send(delta('One'));
    await bedrock.send(stop);
    await bedrock.send(usage(7, 5));
    await bedrock.end();
    await allOf(dataOf(await asked));
    await emulator.settled();
    const [thread] = await database.threadsOf(key.id);
    expect(thread).toMatchObject({ status: 'succeeded', sessionKey: 's', completion: 'One', textsIn: 'blob' });
    const [path, body] = [...blobs.objects].at(-1)!;
    expect(path).toBe(`/bodies/30d/${key.id}/${thread!.id}`);
    expect(JSON.parse(body.toString()).answer).toEqual([{ type: 'text', text: 'One' }]);
  });

  test('whose reader leaves is heard to its end and charged exactly', async () => {
    const leaving = new AbortController();
    const asked = ask(CHAT, { signal: leaving.signal });
    await bedrock.send(opening);
    await bedrock.send(delta('One'));
    const data = dataOf(await asked);
    await data.next();
    leaving.abort();
    await expect(data.next().then(() => data.next())).rejects.toThrow();
    await bedrock.send(delta(' two'));
    await bedrock.send(stop);
    await bedrock.send(usage(7, 2));
    await bedrock.end();
    await emulator.settled();
    const [entry] = await database.entriesOf(key.id);
    expect(entry).toMatchObject({ usage: { input: 7, output: 2 } });
    expect(await database.spentBy(key.id)).toEqual({ open: 0, spent: entry!.cost });
  });

  test('that breaks off upstream ends in an error and not in [DONE]', async () => {
    const asked = ask(CHAT);
    await bedrock.send(opening);
    await bedrock.send(delta('One'));
    const answer = await asked;
    await bedrock.end();
    const data = await allOf(dataOf(answer));
    expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'model_stream_error' } });
    await emulator.settled();
    expect(emulator.outcomes.at(-1)).toBe('succeeded');
    expect(await database.spentBy(key.id)).toMatchObject({ open: 0 });
  });
});

describe('a relayed chat', () => {
  test.each([true, false])('goes to its target with the key of the secret, and is charged by its usage (stream: %s)', async (stream) => {
    const answer = await ask({ ...CHAT, model: 'gpt', stream });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('word0');
    if (stream) expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(relayed.last().headers.authorization).toBe(`Bearer ${RELAY_SECRET}`);
    await emulator.settled();
    const [entry] = await database.entriesOf(key.id);
    expect(entry).toMatchObject({ model: 'gpt', target: 'up/echo', status: 'succeeded', isEstimated: false, usage: { output: 12 } });
    expect(await database.spentBy(key.id)).toEqual({ open: 0, spent: entry!.cost });
  });
});

const DOCUMENT = { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,SGVsbG8=' } };
const INTERNAL_IMAGE = { type: 'image_url', image_url: { url: 'https://169.254.169.254/cat.png' } };

describe('a refusal', () => {
  test.each<[string, unknown, Record<string, string>, number, string]>([
    ['of a body that is not JSON', '{"model":', {}, 400, 'invalid_json'],
    ['of an unknown model', { ...CHAT, model: 'gpt-0' }, {}, 404, 'model_not_found'],
    ['of what strict settings do not leave out', { ...CHAT, seed: 1 }, {}, 400, 'unsupported_parameter'],
    [
      'of a picture that lies inside the network, where pictures are fetched',
      { ...CHAT, messages: [{ role: 'user', content: [INTERNAL_IMAGE] }] },
      {},
      400,
      'invalid_image_url',
    ],
    ['of what the environment switches off', { ...CHAT, messages: [{ role: 'user', content: [DOCUMENT] }] }, {}, 400, 'feature_disabled'],
    ['of an unknown key', CHAT, { authorization: 'Bearer sk-unknown' }, 401, 'invalid_api_key'],
  ])('%s keeps its status, and calls nothing', async (_what, body, headers, status, code) => {
    const before = bedrock.requests();
    const answer = await ask(body, { headers });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(bedrock.requests()).toBe(before);
  });
});

describe('who did not come through the front door', () => {
  test.each([
    ['without its secret', { 'x-outcrop-origin': '' }],
    ['with a wrong one', { 'x-outcrop-origin': `${ORIGIN_SECRET}!` }],
  ])('%s is refused before the body is looked at or the key looked up', async (_how, headers) => {
    for (const body of [CHAT, '{"model":']) {
      const answer = await ask(body, { headers: { ...headers, authorization: 'Bearer sk-unknown' } });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ error: { code: 'permission_denied' } });
    }
  });

  test('cannot see the health of the gateway either', async () => {
    expect((await fetch(`${emulator.url}/health`)).status).toBe(403);
    expect((await fetch(`${emulator.url}/health`, { headers: { 'x-outcrop-origin': ORIGIN_SECRET } })).status).toBe(200);
  });
});

test('the log holds no secret', async () => {
  await emulator.settled();
  expect(emulator.log()).not.toContain(key.secret);
  expect(emulator.log()).not.toContain(ORIGIN_SECRET);
  expect(emulator.log()).not.toContain(RELAY_SECRET);
});
