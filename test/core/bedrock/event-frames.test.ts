import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/core/event-streams';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader, type StreamMessage } from '../../../functions/core/bedrock/event-frames.ts';

// The SDK's own codec writes what the reader is given.
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text, 'utf8'),
);

const TYPE_HEADER: Record<string, string> = { event: ':event-type', exception: ':exception-type', error: ':error-code' };

function encode({ kind, type, payload, message }: StreamMessage): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers = {
    [TYPE_HEADER[kind]!]: text(type),
    ...(message !== undefined && { ':error-message': text(message) }),
    ':message-type': text(kind),
  };
  return codec.encode({ headers, body: Buffer.from(payload, 'utf8') });
}

function readAll(chunks: Uint8Array[]): { messages: StreamMessage[]; isEmpty: boolean } {
  const reader = createFrameReader();
  const messages: StreamMessage[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let message = reader.next(); message; message = reader.next()) messages.push(message);
  }
  return { messages, isEmpty: reader.isEmpty() };
}

/** Cuts bytes at places given as fractions. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const plain: fc.Arbitrary<StreamMessage> = fc.record({
  kind: fc.constantFrom('event', 'exception'),
  type: fc.string({ unit: 'grapheme', maxLength: 20 }),
  payload: fc.string({ unit: 'grapheme', maxLength: 300 }),
  message: fc.constant(undefined),
});
const failed: fc.Arbitrary<StreamMessage> = fc.record({
  kind: fc.constant('error'),
  type: fc.string({ maxLength: 20 }),
  payload: fc.constant(''),
  message: fc.string({ unit: 'grapheme', maxLength: 100 }),
});

test('messages come out as they were sent, wherever the network cuts the bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(plain, failed), { maxLength: 8 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (sent, places) => {
        const { messages, isEmpty } = readAll(cut(Buffer.concat(sent.map(encode)), places));
        expect(messages).toEqual(sent);
        expect(isEmpty).toBe(true);
      },
    ),
  );
});

test('a stream that arrives a byte at a time is read in time that grows with its length alone', () => {
  const sent: StreamMessage[] = [{ kind: 'event', type: 'contentBlockDelta', payload: 'x'.repeat(100_000), message: undefined }];
  const bytes = encode(sent[0]!);
  expect(readAll(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))).messages).toEqual(sent);
});

test('a message that is cut short is never told as one, and leaves something over', () => {
  const bytes = encode({ kind: 'event', type: 'messageStop', payload: '{"stopReason":"end_turn"}' });
  for (let length = 1; length < bytes.length; length += 1) {
    expect(readAll([bytes.subarray(0, length)])).toEqual({ messages: [], isEmpty: false });
  }
});

test('a byte that changed on the way is an error, or at worst a message that never ends', () => {
  const sent = encode({ kind: 'event', type: 'contentBlockDelta', payload: '{"delta":{"text":"hello"}}' });
  for (let place = 0; place < sent.length; place += 1) {
    const bytes = Uint8Array.from(sent);
    bytes[place]! ^= 0x10;
    expect(() => readAll([bytes]), `byte ${place}`).toThrow(/Protocol error/);
  }
});

test('a header that is no string is refused', () => {
  const bytes = codec.encode({ headers: { ':message-type': { type: 'boolean', value: true } }, body: new Uint8Array() });
  expect(() => readAll([bytes])).toThrow('a header of an event message is not a string');
});

test('a length no message may have is refused before it is waited for', () => {
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(2_000_000_000, 0);
  // The sum of these eight bytes, so that it is the length that is refused.
  prelude.writeUInt32BE(0, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  expect(() => readAll([prelude])).toThrow(/Protocol error/);
});
