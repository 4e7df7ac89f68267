// The event stream framing (application/vnd.amazon.eventstream): big-endian lengths, string headers, two CRC-32 sums.
import { crc32 } from 'node:zlib';

const STRING_TYPE = 7;
const headersByEvent = new Map<string, Buffer>();

/** A member of the response union. */
export function eventFrame(eventType: string, payload: string): Buffer {
  let headers = headersByEvent.get(eventType);
  if (!headers) {
    headers = encodeHeaders({ ':event-type': eventType, ':content-type': 'application/json', ':message-type': 'event' });
    headersByEvent.set(eventType, headers);
  }
  return encodeFrame(headers, payload);
}

/** A modelled exception inside a stream. `exceptionType` is the union member's name: throttlingException, not ThrottlingException. */
export function exceptionFrame(exceptionType: string, message: string): Buffer {
  const headers = encodeHeaders({ ':exception-type': exceptionType, ':content-type': 'application/json', ':message-type': 'exception' });
  return encodeFrame(headers, JSON.stringify({ message }));
}

/** An error that the service's model does not know. */
export function errorFrame(code: string, message: string): Buffer {
  return encodeFrame(encodeHeaders({ ':error-code': code, ':error-message': message, ':message-type': 'error' }), '');
}

export function encodeFrame(headers: Buffer, payload: string): Buffer {
  const payloadLength = Buffer.byteLength(payload);
  const total = 16 + headers.length + payloadLength;
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32BE(total, 0);
  frame.writeUInt32BE(headers.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  headers.copy(frame, 12);
  frame.write(payload, 12 + headers.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, total - 4)), total - 4);
  return frame;
}

function encodeHeaders(headers: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const valueLength = Buffer.alloc(2);
    valueLength.writeUInt16BE(Buffer.byteLength(value));
    parts.push(Buffer.from([name.length]), Buffer.from(name), Buffer.from([STRING_TYPE]), valueLength, Buffer.from(value));
  }
  return Buffer.concat(parts);
}
