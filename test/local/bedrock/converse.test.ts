import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countTokens } from '../../../local/bedrock/tokens.ts';
import { ask, converse, createClient, PROTOCOLS, stream, textOf } from './clients.ts';
import { withStandin } from './with-standin.ts';

let url: string;

withStandin((served) => {
  ({ url } = served);
});

describe.each(PROTOCOLS)('over %s', (protocol) => {
  let client: BedrockRuntimeClient;
  beforeAll(() => {
    client = createClient(url, protocol);
  });
  afterAll(() => client.destroy());

  test('echo answers with the same words and counts their tokens', async () => {
    const output = await converse(client, ask('echo hello, world'));
    expect(textOf(output)).toBe('hello, world');
    expect(output.stopReason).toBe('end_turn');
    expect(output.usage).toMatchObject({ inputTokens: countTokens('echo hello, world') + 4, outputTokens: 3 });
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a stream brings the same answer in several deltas, then messageStop, then metadata', async () => {
    const { events, text, error } = await stream(client, ask('echo one two three 四五六'));
    expect(error).toBeUndefined();
    expect(text).toBe('one two three 四五六');
    const kinds = events.map((event) => Object.keys(event)[0]);
    expect(kinds[0]).toBe('messageStart');
    expect(kinds).not.toContain('contentBlockStart');
    expect(kinds.filter((kind) => kind === 'contentBlockDelta').length).toBeGreaterThan(3);
    expect(kinds.slice(-3)).toEqual(['contentBlockStop', 'messageStop', 'metadata']);
    expect(events.at(-1)?.metadata?.usage).toMatchObject({ outputTokens: countTokens(text) });
  });

  test('forty calls at once on one port are each answered with their own words', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const answers = await Promise.all(numbers.map((number) => stream(client, ask(`echo number ${number}`))));
    expect(answers.map(({ text }) => text)).toEqual(numbers.map((number) => `number ${number}`));
  });

  test('a long answer arrives whole', async () => {
    const { text, events } = await stream(client, ask('Count to 20000', { inferenceConfig: { maxTokens: 100_000 } }));
    expect(text.split(', ').at(-1)).toBe('20000');
    expect(events.at(-2)?.messageStop?.stopReason).toBe('end_turn');
  });
});
