// A whole answer that takes long, through Lambda's response streaming.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Emulator } from './runtime/emulator.ts';
import { start } from './shipped.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await start('test/lambda/fixtures/whole.ts');
});
afterAll(() => emulator.stop());

describe('a whole answer behind a function URL', () => {
  test('that takes long arrives as JSON after white space, with its headers', async () => {
    const answer = await fetch(`${emulator.url}/late`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-outcrop-warnings')).toBe('seed;dropped');
    const text = await answer.text();
    expect(text).toMatch(/^\n{2,}\{"answer":42\}$/);
    await emulator.settled();
    expect(emulator.outcomes.at(-1)).toBe('succeeded');
  });

  test('that breaks off after its status breaks the connection, shows nothing, and the next request is served', async () => {
    const answer = await fetch(`${emulator.url}/broken`);
    expect(answer.status).toBe(200);
    let seen = '';
    const reading = async () => {
      for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) seen += text;
    };
    await expect(reading()).rejects.toThrow('terminated');
    expect(seen.trim()).toBe('');
    await emulator.settled();
    expect(emulator.log()).not.toContain('Internal Server Error');
    expect((await fetch(`${emulator.url}/late`)).status).toBe(200);
  });
});
