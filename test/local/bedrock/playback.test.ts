import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createStandin } from '../../../local/bedrock/standin.ts';
import { ask, converse, createClient, stream } from './clients.ts';
import { type Served, withStandin } from './with-standin.ts';

const folder = join(import.meta.dirname, '../../recordings');
const names = readdirSync(folder).map((file) => file.replace('.jsonl', ''));

let standin: Served['standin'];
let client: Served['client'];

withStandin((served) => {
  ({ standin, client } = served);
});

test.each(names)('the recording %s is played event by event, and billed as it says', async (name) => {
  const before = standin.tally();
  const [head, ...recorded] = readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(head.request.modelId).toMatch(/\./);
  const { events } = await stream(client, ask('hi', { modelId: `standin.recording-${name}` }));
  const asWire = JSON.parse(
    JSON.stringify(events, (_key, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)),
  );
  expect(asWire.map((event: object) => Object.keys(event)[0])).toEqual(recorded.map((event) => Object.keys(event)[0]));
  const texts = (list: typeof recorded) => list.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('');
  expect(texts(asWire)).toBe(texts(recorded));
  const { usage } = recorded.find((event) => event.metadata).metadata;
  expect(standin.tally().outputTokens - before.outputTokens).toBe(usage.outputTokens);
});

test('the same recording answers Converse with its blocks put together, in order of their sparse indexes', async () => {
  const output = await converse(client, ask('hi', { modelId: 'standin.recording-reasoning-text-tools' }));
  expect(output.output?.message?.content).toEqual([
    {
      reasoningContent: {
        reasoningText: {
          text: 'Two cities are asked for, so I call the tool twice.',
          signature: 'EqQBCgIYAhIkc3ludGhldGljLXNpZ25hdHVyZQ==',
        },
      },
    },
    { text: 'Let me look at both.' },
    { toolUse: { toolUseId: 'tooluse_paris0000000000000001', name: 'get_weather', input: { city: 'Paris' } } },
    { toolUse: { toolUseId: 'tooluse_tokyo0000000000000002', name: 'get_weather', input: { city: '東京' } } },
  ]);
  expect([output.stopReason, output.usage?.cacheReadInputTokens]).toEqual(['tool_use', 1536]);
});

test('pieces of encrypted reasoning are joined as bytes', async () => {
  const output = await converse(client, ask('hi', { modelId: 'standin.recording-redacted-reasoning' }));
  const redacted = output.output?.message?.content?.[0]?.reasoningContent?.redactedContent;
  expect(Buffer.from(redacted!).toString()).toBe('synthetic-reasoning');
});

test('recordings can come from another folder, and a missing one is said to be missing', async () => {
  const recordingsFolder = mkdtempSync(join(tmpdir(), 'recordings-'));
  const lines = [
    '{"request":{}}',
    '{"messageStart":{"role":"assistant"}}',
    '{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"mine"}}}',
  ];
  writeFileSync(join(recordingsFolder, 'mine.jsonl'), lines.join('\n'));
  const other = createStandin({ recordingsFolder });
  const otherClient = createClient((await other.listen(0)).url);
  expect((await stream(otherClient, ask('hi', { modelId: 'standin.recording-mine' }))).text).toBe('mine');
  await expect(stream(otherClient, ask('hi', { modelId: 'standin.recording-theirs' }))).rejects.toThrow(
    'There is no recording named theirs.',
  );
  otherClient.destroy();
  await other.close();
});
