// Bytes → events, however the bytes are cut.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataOf, sseEvents } from '../../../functions/core/relay/sse-events.ts';

async function cut(text: string, at: number[]): Promise<string[]> {
  const bytes = Buffer.from(text);
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  async function* chunks() {
    for (const [index, edge] of edges.entries()) if (index > 0) yield bytes.subarray(edges[index - 1], edge);
  }
  const events: string[] = [];
  for await (const event of sseEvents(chunks())) events.push(event);
  return events;
}

const LINES = [': note', 'event: x\ndata: {"a":"ü€😀"}', 'data: one\ndata: two', 'data: [DONE]'];

test.each(['\n', '\r\n', '\r'])('events with line ends %j are the same wherever the bytes are cut', async (end) => {
  const text = LINES.map((event) => `${event.replaceAll('\n', end)}${end}${end}`).join('');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (at) => {
      expect(await cut(text, at)).toEqual(LINES);
    }),
    { numRuns: 300 },
  );
});

test('a last event without a blank line is heard, and nothing is made of blank lines', async () => {
  expect(await cut('\n\n\n\ndata: 1\n\n\n\ndata: 2', [])).toEqual(['data: 1', 'data: 2']);
});

test('an event without an end is given up', async () => {
  await expect(cut(`data: ${'a'.repeat(17 * 1024 * 1024)}`, [])).rejects.toMatchObject({ code: 'model_stream_error' });
});

test.each([
  ['data: {"a":1}', '{"a":1}'],
  ['data:{"a":1}', '{"a":1}'],
  ['id: 3\ndata: one\ndata: two', 'one\ntwo'],
  [': only a comment', undefined],
])('the data of %j is %j', (event, data) => {
  expect(dataOf(event)).toBe(data);
});
