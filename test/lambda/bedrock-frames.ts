// Events of ConverseStream as Bedrock puts them on the wire.
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

export const EVENT_STREAM = { 'content-type': 'application/vnd.amazon.eventstream' };

function frame(type: string, body: unknown): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  return codec.encode({
    headers: { ':message-type': text('event'), ':event-type': text(type), ':content-type': text('application/json') },
    body: fromUtf8(JSON.stringify(body)),
  });
}

export const start = frame('messageStart', { role: 'assistant' });
export const delta = (text: string) => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
export const stop = frame('messageStop', { stopReason: 'end_turn' });
export const usage = (inputTokens: number, outputTokens: number) =>
  frame('metadata', { usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }, metrics: { latencyMs: 1 } });
