// A whole answer over a real connection: short ones as ever, long ones kept alive, broken ones broken.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../functions/core/platform/errors.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { renderError } from '../../functions/proxy/failure.ts';
import { answerWhole, type WholePace } from '../../functions/proxy/whole-answer.ts';

const COMPLETION = { object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' } }] };
const NEVER = 60_000;
const HASTY: WholePace = { begunMs: 1, silentMs: NEVER, paddingMs: 1 };
const PATIENT: WholePace = { begunMs: NEVER, silentMs: NEVER, paddingMs: NEVER };

const logged: string[] = [];
const log = createLog((line) => logged.push(line));
let pace: WholePace;
let body: PromiseWithResolvers<object>;
let begun: PromiseWithResolvers<void>;
let server: ReturnType<typeof createAdaptorServer>;
let url: string;
/** Called when an answer, or the beginning of one, is on its way. */
let onAnswer: () => void;

beforeEach(async () => {
  onAnswer = () => undefined;
  pace = HASTY;
  body = Promise.withResolvers();
  body.promise.catch(() => undefined);
  begun = Promise.withResolvers();
  logged.length = 0;
  const app = new Hono();
  app.use(async (c, next) => {
    c.header('x-request-id', 'req_1');
    await next();
  });
  app.onError((thrown, c) => renderError(c, thrown, log, 'req_1'));
  app.post('/v1/chat/completions', async (c) => {
    const whole = { body: body.promise, begun: begun.promise, headers: () => ({ 'x-outcrop-warnings': 'seed;dropped' }) };
    const answer = await answerWhole(c, whole, { log, requestId: 'req_1', pace, track: () => undefined });
    onAnswer();
    return answer;
  });
  server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
});
afterEach(() => {
  if ('closeAllConnections' in server) server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const post = () => fetch(`${url}/chat/completions`, { method: 'POST' });
const create = () =>
  new OpenAI({ baseURL: url, apiKey: 'x', maxRetries: 0 }).chat.completions.create({ model: 'm', messages: [] }).withResponse();

/** Reads until white space has come. */
async function readPadding(answer: Response) {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  while (seen.length < 3) seen += (await reader.read()).value;
  return { seen, reader };
}

describe('a short answer', () => {
  beforeEach(() => {
    pace = PATIENT;
  });

  test('is written once, with its length and nothing before it', async () => {
    begun.resolve();
    body.resolve(COMPLETION);
    const answer = await post();
    expect(answer.headers.get('content-length')).toBe(String(JSON.stringify(COMPLETION).length));
    expect(answer.headers.get('x-outcrop-warnings')).toBe('seed;dropped');
    expect(await answer.text()).toBe(JSON.stringify(COMPLETION));
  });

  test('that fails is a status', async () => {
    body.reject(new GatewayError('rate_limit_exceeded', 'Slow down.', { retryAfterSeconds: 7 }));
    const answer = await post();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
  });
});

describe('an answer that takes long', () => {
  test('has its status and white space before it is complete, and is JSON in the end', async () => {
    begun.resolve();
    const answer = await post();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'x-outcrop-warnings': 'seed;dropped',
      'x-request-id': 'req_1',
      'cache-control': 'no-cache, no-transform',
    });
    expect(answer.headers.has('content-length')).toBe(false);
    const { seen, reader } = await readPadding(answer);
    body.resolve(COMPLETION);
    let rest = '';
    for (let next = await reader.read(); !next.done; next = await reader.read()) rest += next.value;
    expect(seen.trim()).toBe('');
    expect(JSON.parse(seen + rest)).toEqual(COMPLETION);
  });

  test('is an ordinary answer to the official client, and to curl', async () => {
    begun.resolve();
    onAnswer = () => body.resolve(COMPLETION);
    const { data, response } = await create();
    expect(response.headers.has('content-length')).toBe(false);
    expect(data.choices[0]!.message.content).toBe('Hello');
    body = Promise.withResolvers();
    const { stdout } = await promisify(execFile)('curl', ['-sS', '-X', 'POST', `${url}/chat/completions`]);
    expect(JSON.parse(stdout)).toEqual(COMPLETION);
  });

  test('whose model has not begun is a status still when it is refused', async () => {
    const asked = post();
    setTimeout(() => body.reject(new GatewayError('service_unavailable', 'Not now.')), 20);
    expect((await asked).status).toBe(503);
  });

  test('whose model does not begin at all gets its status before those on the way lose patience', async () => {
    pace = { begunMs: 1, silentMs: 2, paddingMs: 1 };
    expect((await post()).status).toBe(200);
    body.resolve(COMPLETION);
  });

  test('that fails after its status breaks the connection, never looks complete, and is logged', async () => {
    begun.resolve();
    const { seen, reader } = await readPadding(await post());
    body.reject(new GatewayError('model_stream_error', 'The model failed.', { cause: new Error('secret upstream detail') }));
    let rest = '';
    const reading = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) rest += next.value;
    };
    await expect(reading()).rejects.toThrow('terminated');
    expect((seen + rest).trim()).toBe('');
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0]!)).toMatchObject({ requestId: 'req_1', code: 'model_stream_error' });
  });

  test('that breaks off fails at the official client and at curl', async () => {
    begun.resolve();
    onAnswer = () => body.reject(new Error('gone'));
    await expect(create()).rejects.toThrow();
    body = Promise.withResolvers();
    await expect(promisify(execFile)('curl', ['-sS', '-X', 'POST', `${url}/chat/completions`])).rejects.toThrow(/transfer|empty|reset/i);
  });

  test('whose reader leaves goes on without it', async () => {
    begun.resolve();
    const leaving = new AbortController();
    const { reader } = await readPadding(await fetch(`${url}/chat/completions`, { method: 'POST', signal: leaving.signal }));
    leaving.abort();
    await expect(reader.read()).rejects.toThrow('aborted');
    body.resolve(COMPLETION);
    await expect((await post()).json()).resolves.toEqual(COMPLETION);
    expect(logged).toEqual([]);
  });

  test('whose reader has left is not written to any more', async () => {
    begun.resolve();
    const app = new Hono();
    const whole = { body: body.promise, begun: begun.promise, headers: () => ({}) };
    app.get('/', (c) => answerWhole(c, whole, { log, requestId: 'req_1', pace, track: () => undefined }));
    const answer = await app.request('/');
    await answer.body!.cancel();
    body.resolve(COMPLETION);
    // What is thrown while it ends would be thrown by now, at nobody.
    await expect(body.promise.then(() => new Promise<void>((resolve) => setImmediate(resolve)))).resolves.toBe(undefined);
  });
});
