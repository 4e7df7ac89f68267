// The emulator does what Lambda is known to do, so that the tests of the shipped bundles may trust it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Emulator } from './runtime/emulator.ts';
import { start } from './shipped.ts';
import { startUpstream, type Upstream } from './upstream.ts';

describe('a streamed function behind its URL', () => {
  let upstream: Upstream;
  let emulator: Emulator;
  beforeAll(async () => {
    upstream = await startUpstream();
    emulator = await start('test/lambda/fixtures/streamed.ts', { UPSTREAM_URL: upstream.url });
  });
  afterAll(async () => {
    await emulator.stop();
    upstream.stop();
  });

  test('delivers each chunk before the next one exists', async () => {
    const answer = fetch(`${emulator.url}/relay`, { method: 'POST' });
    const seen: string[] = [];
    await upstream.send('one');
    const reader = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const next of ['two', 'three', undefined]) {
      seen.push((await reader.read()).value!);
      if (next) await upstream.send(next);
    }
    await upstream.end();
    expect((await reader.read()).done).toBe(true);
    expect(seen).toEqual(['one', 'two', 'three']);
    await emulator.settled();
  });

  test('runs to its end when the client leaves, and takes the next request', async () => {
    const leaving = new AbortController();
    const answer = fetch(`${emulator.url}/relay`, { method: 'POST', signal: leaving.signal });
    await upstream.send('one');
    const reader = (await answer).body!.getReader();
    await reader.read();
    leaving.abort();
    await expect(reader.read()).rejects.toThrow();
    await upstream.send('two');
    await upstream.end();
    await upstream.called('/done');
    await emulator.settled();
    expect(emulator.outcomes.at(-1)).toBe('succeeded');
    expect((await fetch(`${emulator.url}/refuse`)).status).toBe(429);
  });

  test('keeps status, headers and body of a refusal', async () => {
    const answer = await fetch(`${emulator.url}/refuse`);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('x-request-id')).toBe('req_1');
    expect(await answer.json()).toEqual({ error: { code: 'rate_limit_exceeded' } });
  });

  test('sends the status of an empty body', async () => {
    const answer = await fetch(`${emulator.url}/empty`);
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
  });

  test.each([
    ['text', 'application/json', Buffer.from('{"text":"石头"}')],
    ['bytes', 'image/png', Buffer.from([0, 137, 255, 10])],
  ])('carries %s, cookies and the query both ways', async (_kind, type, body) => {
    const headers = { 'content-type': type, cookie: 'a=1; b=2' };
    const answer = await fetch(`${emulator.url}/echo?x=1&y=%20`, { method: 'POST', headers, body });
    expect(answer.headers.getSetCookie()).toEqual(['first=1; Path=/', 'second=2; Path=/']);
    expect(await answer.json()).toEqual({ body: body.toString('base64'), cookie: 'a=1; b=2', query: { x: '1', y: ' ' }, type });
  });

  test('refuses an event above 6 MB before any code runs', async () => {
    await emulator.settled();
    const before = emulator.outcomes.length;
    const body = JSON.stringify('"'.repeat(1_600_000));
    const answer = await fetch(`${emulator.url}/echo`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(body.length).toBeLessThan(6 * 1024 * 1024);
    expect(answer.status).toBe(413);
    expect(emulator.outcomes.length).toBe(before);
  });
});

describe('a streamed function that fails', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await start('test/lambda/fixtures/failing.ts');
  });
  afterAll(() => emulator.stop());

  test('is a 502 when it throws before the first byte', async () => {
    const answer = await fetch(`${emulator.url}/before`);
    expect(answer.status).toBe(502);
    await emulator.settled();
    expect(emulator.outcomes.at(-1)).toBe('failed');
  });

  test('breaks the connection when it throws after the first byte, and takes the next request', async () => {
    const answer = await fetch(`${emulator.url}/between`);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow('terminated');
    await emulator.settled();
    expect(emulator.outcomes.at(-1)).toBe('failed');
    expect(await (await fetch(`${emulator.url}/`)).text()).toBe('begun');
  });
});

describe('a function whose process ends', () => {
  test('breaks the connection, and answers nothing more', async () => {
    const emulator = await start('test/lambda/fixtures/failing.ts');
    const answer = await fetch(`${emulator.url}/exit`);
    await expect(answer.text()).rejects.toThrow('terminated');
    await expect(emulator.settled()).rejects.toThrow('ended with code 3');
    expect((await fetch(emulator.url)).status).toBe(502);
    await emulator.stop();
  });

  test('is told when it does not load', async () => {
    await expect(start('test/lambda/fixtures/unloadable.ts')).rejects.toThrow('Environment variables are missing: ACCOUNTS_TABLE.');
  });
});

describe('a plain function', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await start('test/lambda/fixtures/plain.ts');
  });
  afterAll(() => emulator.stop());

  test('returns a value', async () => {
    expect(await emulator.invoke({ name: '石头' })).toEqual({ received: { name: '石头' } });
  });

  test('throws, and takes the next invocation', async () => {
    await expect(emulator.invoke({ shouldFail: true })).rejects.toThrow('TypeError');
    expect(await emulator.invoke({})).toEqual({ received: {} });
  });
});
