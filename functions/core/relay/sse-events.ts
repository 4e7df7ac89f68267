// Cuts a stream of bytes into server-sent events, each the text between two blank lines. Pure.
import { brokenAnswer } from './failures.ts';

/** No event of a model is longer; what is, is no such stream. */
const LONGEST = 16 * 1024 * 1024;
const LINE_ENDS = /\r\n?/g;

export async function* sseEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    let text = decoder.decode(chunk, { stream: true });
    if (rest.endsWith('\r')) {
      // A line end may be cut in two.
      text = `\r${text}`;
      rest = rest.slice(0, -1);
    }
    const isCut = text.endsWith('\r');
    // What was searched before is not searched again.
    const from = Math.max(0, rest.length - 1);
    rest += isCut ? `${text.slice(0, -1).replace(LINE_ENDS, '\n')}\r` : text.replace(LINE_ENDS, '\n');
    for (let end = rest.indexOf('\n\n', from); end >= 0; end = rest.indexOf('\n\n')) {
      const event = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (event !== '') yield event;
    }
    if (rest.length > LONGEST) throw brokenAnswer('an event has no end');
  }
  const last = rest.trim();
  if (last !== '') yield last;
}

/** What the event says, its `data:` lines joined; `undefined` for a comment. */
export function dataOf(event: string): string | undefined {
  const lines = event.split('\n').filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
