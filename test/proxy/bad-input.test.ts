// What callers get wrong, over HTTP: each a clear error in OpenAI's shape, nothing called and nothing charged.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, type KeyView, startGateway } from '../support/gateway.ts';

const HELLO = [{ role: 'user', content: 'Hello' }];
const GOOD = { model: 'claude-sonnet-4-5', messages: HELLO };

let gateway: Gateway;
let key: KeyView;

beforeAll(async () => {
  gateway = await startGateway();
  key = await gateway.makeKey();
});
afterAll(() => gateway.close());

type OpenAiError = { error: { message: string; type: string; param: string | null; code: string } };

describe('a faulty chat', () => {
  test.each<[string, unknown, string, string | null]>([
    ['that is not JSON', '{"model": ', 'invalid_json', null],
    ['that is empty', '', 'invalid_json', null],
    ['that is an array', [], 'invalid_value', null],
    ['that is null', 'null', 'invalid_value', null],
    ['without a model', { messages: HELLO }, 'missing_required_parameter', 'model'],
    ['with a model that is a number', { ...GOOD, model: 7 }, 'invalid_value', 'model'],
    ['without messages', { model: GOOD.model }, 'invalid_value', 'messages'],
    ['with no message', { ...GOOD, messages: [] }, 'invalid_value', 'messages'],
    ['with messages that are a string', { ...GOOD, messages: 'Hello' }, 'invalid_value', 'messages'],
    ['with a message that is null', { ...GOOD, messages: [null] }, 'invalid_value', 'messages[0]'],
    ['with an unknown role', { ...GOOD, messages: [{ role: 'robot', content: 'x' }] }, 'invalid_value', 'messages[0].role'],
    ['with content that is a number', { ...GOOD, messages: [{ role: 'user', content: 5 }] }, 'invalid_value', 'messages[0].content'],
    [
      'with an unknown part',
      { ...GOOD, messages: [{ role: 'user', content: [{ type: 'smell' }] }] },
      'invalid_value',
      'messages[0].content[0].type',
    ],
    ['with only a system message', { ...GOOD, messages: [{ role: 'system', content: 'x' }] }, 'invalid_value', 'messages'],
    ['with stream that is a string', { ...GOOD, stream: 'yes' }, 'invalid_value', 'stream'],
    ['with stream_options but no stream', { ...GOOD, stream_options: { include_usage: true } }, 'invalid_value', 'stream_options'],
    ['with max_tokens of nothing', { ...GOOD, max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    ['with max_tokens of a half', { ...GOOD, max_tokens: 1.5 }, 'invalid_value', 'max_tokens'],
    ['with a temperature of 3', { ...GOOD, temperature: 3 }, 'invalid_value', 'temperature'],
    ['with top_p of 2', { ...GOOD, top_p: 2 }, 'invalid_value', 'top_p'],
    ['with a stop that is a number', { ...GOOD, stop: 5 }, 'invalid_value', 'stop'],
    ['with two answers wanted', { ...GOOD, n: 2 }, 'unsupported_value', 'n'],
    ['with log probabilities wanted', { ...GOOD, logprobs: true }, 'unsupported_parameter', 'logprobs'],
  ])('%s is a 400 that names the fault', async (_what, body, code, param) => {
    const answer = await gateway.chat(key.secret, body);
    const { error } = (await answer.json()) as OpenAiError;
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(error.type).toBe('invalid_request_error');
    expect(error.param).toBe(param);
    expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(10);
  });

  test('with an unknown model is a 404 that names it', async () => {
    const answer = await gateway.chat(key.secret, { ...GOOD, model: 'gpt-nonsense' });
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as OpenAiError).error).toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: expect.stringContaining('gpt-nonsense'),
    });
  });

  test('with a model the key may not call is a 403', async () => {
    const narrow = await gateway.makeKey({ models: ['claude-haiku-4-5'] });
    const answer = await gateway.chat(narrow.secret, GOOD);
    expect(answer.status).toBe(403);
    expect(((await answer.json()) as OpenAiError).error.code).toBe('model_not_allowed');
  });

  test('with a model without a price is refused on a key with a budget', async () => {
    const answer = await gateway.chat(key.secret, { ...GOOD, model: 'anthropic.claude-unheard-of-9' });
    expect(answer.status).toBe(403);
    expect(((await answer.json()) as OpenAiError).error.code).toBe('model_not_priced');
  });

  test('that is too large is a 413', async () => {
    const answer = await gateway.chat(key.secret, { ...GOOD, messages: [{ role: 'user', content: 'x'.repeat(21 * 1024 * 1024) }] });
    expect(answer.status).toBe(413);
    expect(((await answer.json()) as OpenAiError).error.code).toBe('request_too_large');
  });

  test.each([
    ['no key', {}, 'invalid_api_key'],
    ['an empty key', { authorization: 'Bearer ' }, 'invalid_api_key'],
    ['a scheme that is not Bearer', { authorization: 'Basic c2s=' }, 'invalid_api_key'],
    ['an unknown key', { authorization: 'Bearer sk-unknown' }, 'invalid_api_key'],
    ['a mistyped key', { authorization: `Bearer sk-oc-${'A'.repeat(38)}` }, 'invalid_api_key'],
  ])('with %s is a 401', async (_what, headers, code) => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: JSON.stringify(GOOD),
    });
    expect(answer.status).toBe(401);
    expect(((await answer.json()) as OpenAiError).error).toMatchObject({ code, type: 'authentication_error' });
  });

  test('on an unknown route is a 404, with the wrong method a 405', async () => {
    const headers = { authorization: `Bearer ${key.secret}` };
    const unknown = await fetch(`${gateway.url}/v1/nothing`, { headers });
    expect(unknown.status).toBe(404);
    expect(((await unknown.json()) as OpenAiError).error.message).toContain('/v1/nothing');
    const wrong = await fetch(`${gateway.url}/v1/chat/completions`, { headers });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  test('has left no entry in the journal, no hold and no charge', async () => {
    expect(await gateway.journalOf(key.id)).toEqual([]);
    expect(await gateway.readKey(key.id)).toMatchObject({ held: '0', spent: { month: '0', lifetime: '0' } });
  });

  test('x-api-key is as good as Bearer', async () => {
    const headers = { 'x-api-key': key.secret, 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(GOOD) });
    expect(answer.status).toBe(200);
  });

  test('never shows a secret in a log line', () => {
    expect(gateway.logs.join('\n')).not.toMatch(/sk-oc-[0-9A-Za-z]{20}/);
  });
});
