// What translating and logging cost: a conversation of 50 messages and 100 KB with 20 tools, one streamed chunk, and bodies up to 4 MB. Prints a table.
import type { ContentBlockDelta } from '@aws-sdk/client-bedrock-runtime';
import modelsFile from '../functions/core/catalog/models.json' with { type: 'json' };
import pricesFile from '../functions/core/catalog/prices.json' with { type: 'json' };
import { createCatalog } from '../functions/core/catalog/resolve.ts';
import { parseChatRequest } from '../functions/core/dialects/openai/chat-request.ts';
import { createChatStream } from '../functions/core/dialects/openai/chat-stream.ts';
import { DEFAULT_OPTIONS, toConverse } from '../functions/core/dialects/openai/to-converse.ts';
import { createCollector } from '../functions/core/turn/collector.ts';
import { createMeter } from '../functions/core/turn/meter.ts';

const catalog = createCatalog(modelsFile as Parameters<typeof createCatalog>[0], pricesFile as Parameters<typeof createCatalog>[1]);
const { model } = catalog.resolve('claude-sonnet-4-5')!;

const tools = Array.from({ length: 20 }, (_, index) => ({
  type: 'function',
  function: {
    name: `tool_${index}`,
    description: 'Does something useful. '.repeat(20),
    parameters: {
      type: 'object',
      properties: { path: { type: 'string' }, lines: { type: 'array', items: { type: 'integer' } } },
      required: ['path'],
    },
  },
}));

/** Rounds of question, call, result and answer, together of about this many bytes. */
function bodyOf(messageCount: number, bytes: number): object {
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / messageCount / 45));
  const rounds = Array.from({ length: Math.floor(messageCount / 4) }, (_, index) => [
    { role: 'user', content: text },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: `call_${index}`, type: 'function', function: { name: 'tool_1', arguments: JSON.stringify({ path: text }) } }],
    },
    { role: 'tool', tool_call_id: `call_${index}`, content: text },
    { role: 'assistant', content: text },
  ]);
  return { model: 'm', tools, messages: [{ role: 'system', content: 'Be brief.' }, ...rounds.flat(), { role: 'user', content: 'So?' }] };
}

function median(run: () => void, repeats: number): number {
  const times = Array.from({ length: repeats }, () => {
    const before = performance.now();
    run();
    return performance.now() - before;
  });
  return times.sort((a, b) => a - b)[Math.floor(repeats / 2)]!;
}

const options = { ...DEFAULT_OPTIONS, promptCaching: 'auto' } as const;

/** The translation alone, and with the reading of the JSON before it. */
function measureRequest(messageCount: number, bytes: number, repeats: number): void {
  const text = JSON.stringify(bodyOf(messageCount, bytes));
  const body = JSON.parse(text);
  const translate = median(() => toConverse(parseChatRequest(body), model, options), repeats);
  const whole = median(() => toConverse(parseChatRequest(JSON.parse(text)), model, options), repeats);
  const size = String(Math.round(Buffer.byteLength(text) / 1024)).padStart(6);
  console.log(
    `request   ${String(messageCount).padStart(6)} messages ${size} KB  ${translate.toFixed(3).padStart(9)} ms  ${whole.toFixed(3).padStart(9)} ms with its JSON`,
  );
}

/** Kind of fragment → what the model says of it. */
const FRAGMENTS: Record<string, (text: string) => ContentBlockDelta> = {
  text: (text) => ({ text }),
  reasoning: (text) => ({ reasoningContent: { text } }),
  call: (input) => ({ toolUse: { input } }),
};

function measureStream(kind: string, chunks: number): void {
  const deltaOf = FRAGMENTS[kind]!;
  const ms = median(() => {
    const stream = createChatStream({ id: 'chatcmpl-1', created: 1, model: 'm' }, true);
    stream.frames({ contentBlockStart: { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'a', name: 'f' } } } });
    for (let index = 0; index < chunks; index += 1) {
      // A frame is counted in bytes, as it would be written, for until then it is only a promise of a string.
      Buffer.byteLength(stream.frames({ contentBlockDelta: { contentBlockIndex: 0, delta: deltaOf(` word ${index} and "more"`) } }));
    }
  }, 21);
  const each = ((ms * 1_000) / chunks).toFixed(3).padStart(9);
  console.log(`stream    ${String(chunks).padStart(6)} chunks of ${kind.padEnd(9)}     ${each} µs a chunk`);
}

/** What a chunk costs that is also gathered for its thread; without logging it is only metered. */
function measureLogging(chunks: number): void {
  const events = Array.from({ length: chunks }, (_, index) => ({
    contentBlockDelta: { contentBlockIndex: 0, delta: { text: ` word ${index}` } },
  }));
  const usOf = (isLogged: boolean) =>
    (median(() => {
      const meter = createMeter(Date.now, true, isLogged ? createCollector().hear : undefined);
      for (const event of events) meter.hear(event);
    }, 201) *
      1_000) /
    chunks;
  for (const isLogged of [false, true]) {
    console.log(
      `${(isLogged ? 'logged' : 'metered').padEnd(9)} ${String(chunks).padStart(6)} chunks                ${usOf(isLogged).toFixed(3).padStart(9)} µs a chunk`,
    );
  }
}

for (let warm = 0; warm < 200; warm += 1) toConverse(parseChatRequest(bodyOf(50, 20_000)), model);
measureRequest(50, 100_000, 201);
for (const megabytes of [0.5, 1, 2, 4]) measureRequest(50, megabytes * 1_048_576, 21);
for (const messageCount of [5_000, 10_000, 20_000, 40_000]) measureRequest(messageCount, messageCount * 40, 7);
for (const chunks of [1_000, 10_000, 100_000]) measureStream('text', chunks);
for (const kind of ['reasoning', 'call']) measureStream(kind, 10_000);
for (const chunks of [1_000, 10_000]) measureLogging(chunks);
