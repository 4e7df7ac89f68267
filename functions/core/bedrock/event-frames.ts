// Bytes → messages of an AWS event stream (application/vnd.amazon.eventstream): lengths, string headers, payload, two CRC-32 sums.
// It runs for every token, so it makes no more of a message than is asked for. Law: a byte that changed on the way is an error, never text.
import { crc32 } from 'node:zlib';

export type StreamMessage = {
  /** `:message-type`: `event`, `exception` or `error`. */
  kind: string;
  /** Name of the event or exception, or the code of the error. */
  type: string;
  payload: string;
  /** `:error-message` of an error. */
  message?: string;
};

type Headers = Pick<StreamMessage, 'kind' | 'type' | 'message'>;

/** Total length and length of headers, the sum of both, and the sum of all before it at the end. */
const PRELUDE_BYTES = 12;
const SUM_BYTES = 4;
/** What the format allows a message to be. */
const MAX_MESSAGE_BYTES = 24 * 1024 * 1024;
const STRING_TYPE = 7;
const NAME_OF_TYPE: Record<string, string> = { event: ':event-type', exception: ':exception-type', error: ':error-code' };
/** The headers of a stream are the same few all along. */
const MAX_KEPT = 64;
const EMPTY = Buffer.alloc(0);

export type FrameReader = {
  /** Takes what has arrived. */
  push(bytes: Uint8Array): void;
  /** The next whole message, `undefined` when more bytes are needed. Throws when the bytes are not what was sent. */
  next(): StreamMessage | undefined;
  /** Whether nothing is left over. */
  isEmpty(): boolean;
};

export function createFrameReader(): FrameReader {
  let held: Buffer = EMPTY;
  let offset = 0;
  let parts: Buffer[] = [];
  let partBytes = 0;
  /** How many bytes are needed before it is worth looking again. */
  let needed = PRELUDE_BYTES;

  return {
    push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (offset === held.length && partBytes === 0) {
        held = chunk;
        offset = 0;
        return;
      }
      parts.push(chunk);
      partBytes += chunk.length;
    },

    next() {
      if (held.length - offset < needed && partBytes > 0 && held.length - offset + partBytes >= needed) {
        held = Buffer.concat([held.subarray(offset), ...parts]);
        offset = 0;
        parts = [];
        partBytes = 0;
      }
      if (held.length - offset < needed) return undefined;
      const total = held.readUInt32BE(offset);
      if (needed === PRELUDE_BYTES) {
        checkPrelude(held, offset, total);
        needed = total;
        // The rest of it may lie in the parts already: the join above takes them up.
        if (held.length - offset < total) return this.next();
      }
      const message = readMessage(held, offset, total);
      offset += total;
      needed = PRELUDE_BYTES;
      return message;
    },

    isEmpty: () => offset === held.length && partBytes === 0,
  };
}

function checkPrelude(bytes: Buffer, offset: number, total: number): void {
  const isWhole = crc32(bytes.subarray(offset, offset + 8)) === bytes.readUInt32BE(offset + 8);
  const isPossible = total >= PRELUDE_BYTES + SUM_BYTES + bytes.readUInt32BE(offset + 4) && total <= MAX_MESSAGE_BYTES;
  if (!isWhole || !isPossible) throw new Error('Protocol error: the prelude of an event message is damaged.');
}

function readMessage(bytes: Buffer, offset: number, total: number): StreamMessage {
  const end = offset + total - SUM_BYTES;
  if (crc32(bytes.subarray(offset, end)) !== bytes.readUInt32BE(end)) throw new Error('Protocol error: an event message is damaged.');
  const headersAt = offset + PRELUDE_BYTES;
  const payloadAt = headersAt + bytes.readUInt32BE(offset + 4);
  const { kind, type, message } = headersOf(bytes.toString('latin1', headersAt, payloadAt));
  return { kind, type, message, payload: bytes.toString('utf8', payloadAt, end) };
}

const keptHeaders = new Map<string, Headers>();

/** `raw`: a character for each byte. */
function headersOf(raw: string): Headers {
  const kept = keptHeaders.get(raw);
  if (kept) return kept;
  const headers = parseHeaders(Buffer.from(raw, 'latin1'));
  // Only of ordinary events: an error's headers hold its text.
  if (headers.kind === 'event' && keptHeaders.size < MAX_KEPT) keptHeaders.set(raw, headers);
  return headers;
}

function parseHeaders(bytes: Buffer): Headers {
  const values = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    if (bytes.readUInt8(nameEnd) !== STRING_TYPE) throw new Error('Protocol error: a header of an event message is not a string.');
    const valueAt = nameEnd + 3;
    const valueEnd = valueAt + bytes.readUInt16BE(nameEnd + 1);
    values.set(bytes.toString('latin1', at + 1, nameEnd), bytes.toString('utf8', valueAt, valueEnd));
    at = valueEnd;
  }
  const kind = values.get(':message-type') ?? '';
  return { kind, type: values.get(NAME_OF_TYPE[kind] ?? '') ?? '', message: values.get(':error-message') };
}
