// An upper bound of the tokens of what a block holds in bytes: images, documents, videos, sound, sealed reasoning. Pure. Bedrock does not
// scale pictures down, so a large one costs what it shows; what cannot be measured counts as the largest there may be.
import type { ContentBlock } from '@aws-sdk/client-bedrock-runtime';

/** Vendors count a token for 750 to 1,024 pixels, in whole tiles; the spare covers the tiles. */
const PIXELS_PER_TOKEN = 400;
const PER_IMAGE = 512;
/** The largest picture Converse takes. */
const MAX_PIXELS = 8_000 * 8_000;
/** Text of a dense page and its picture. */
const PER_PAGE = 8_000;
const MAX_PAGES = 100;
/** Formats that are their own text. */
const PLAIN = new Set(['txt', 'md', 'csv', 'html']);
/** How much text can come out of a byte of a zipped office document. */
const UNZIPPED = 20;
/** A file of which only the address is known. */
const ELSEWHERE = 1_000_000;

type Held = { source?: { bytes?: Uint8Array } };

export function mediaBoundOf({ image, document, video, audio, toolResult, reasoningContent }: ContentBlock): number {
  if (reasoningContent?.redactedContent) return reasoningContent.redactedContent.byteLength;
  if (toolResult) return (toolResult.content ?? []).reduce((sum, block) => sum + mediaBoundOf(block as ContentBlock), 0);
  if (image) return measured(image, (bytes) => PER_IMAGE + Math.ceil((pixelsOf(bytes) ?? MAX_PIXELS) / PIXELS_PER_TOKEN));
  if (document) return measured(document, (bytes) => documentBound(bytes, document.format ?? 'txt'));
  // A second of video or sound has far more bytes than tokens.
  if (video ?? audio) return measured((video ?? audio)!, (bytes) => bytes.length);
  return 0;
}

function measured({ source }: Held, boundOf: (bytes: Buffer) => number): number {
  const bytes = source?.bytes;
  return bytes ? boundOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) : ELSEWHERE;
}

function documentBound(bytes: Buffer, format: string): number {
  if (PLAIN.has(format)) return bytes.length;
  if (format !== 'pdf') return bytes.length * UNZIPPED;
  return PER_PAGE * (pagesOf(bytes) ?? MAX_PAGES);
}

/** Pages by their marks, or by the count at the root of their tree; `null` where both are packed away. */
function pagesOf(bytes: Buffer): number | null {
  const text = bytes.toString('latin1');
  const marks = text.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  const counts = [...text.matchAll(/\/Count\s+(\d+)/g)].map(([, count]) => Number(count));
  // A spread of a hostile file's counts could overflow the stack.
  const pages = counts.reduce((most, count) => Math.max(most, count), marks);
  return pages > 0 && !/\/ObjStm\b/.test(text) ? pages : null;
}

/** Width times height from the head of a PNG, GIF or JPEG; `null` where they are not told. */
function pixelsOf(bytes: Buffer): number | null {
  if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47) return bytes.readUInt32BE(16) * bytes.readUInt32BE(20);
  if (bytes.length >= 10 && bytes.toString('latin1', 0, 4) === 'GIF8') return bytes.readUInt16LE(6) * bytes.readUInt16LE(8);
  return bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8 ? jpegPixelsOf(bytes) : null;
}

/** Walks the segments up to the first start-of-frame marker, which holds height and width. */
function jpegPixelsOf(bytes: Buffer): number | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return bytes.readUInt16BE(at + 5) * bytes.readUInt16BE(at + 7);
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
