// Images and documents as the stand-in sees them: their format, size in bytes, and the pixels of a PNG or JPEG. Pure.
import { countTokens } from './tokens.ts';
import type { ContentBlock } from './wire.ts';

const IMAGE_TOKENS_MAX = 1600;
const PIXELS_PER_TOKEN = 750;
const PDF_PAGE_TOKENS = 1500;
const OPAQUE_MEDIA_TOKENS = 2000;

export interface Pixels {
  width: number;
  height: number;
}

export function pixelsOf(bytes: Buffer): Pixels | undefined {
  const isPng = bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47;
  if (isPng) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  const isJpeg = bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8;
  return isJpeg ? jpegPixelsOf(bytes) : undefined;
}

/** Walks the segments up to the first start-of-frame marker, which holds height and width. */
function jpegPixelsOf(bytes: Buffer): Pixels | undefined {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

/** Images cost a token per 750 pixels, at most 1600; PDFs 1500 a page; text documents their text; anything else a flat 2000. */
export function mediaTokens(block: ContentBlock): number {
  if (block.image) {
    const pixels = pixelsOf(bytesOf(block));
    return pixels ? Math.min(IMAGE_TOKENS_MAX, Math.ceil((pixels.width * pixels.height) / PIXELS_PER_TOKEN)) : IMAGE_TOKENS_MAX;
  }
  if (!block.document) return OPAQUE_MEDIA_TOKENS;
  if (block.document.format === 'pdf') return PDF_PAGE_TOKENS * pdfPagesOf(bytesOf(block));
  return countTokens(documentTextOf(block)) || OPAQUE_MEDIA_TOKENS;
}

/** One line that names what was received, such as `png image, 640 × 480 pixels, 12,345 bytes`. */
export function captionOf(block: ContentBlock): string {
  const bytes = bytesOf(block);
  const size = `${bytes.length.toLocaleString('en-US')} bytes`;
  if (block.image) {
    const pixels = pixelsOf(bytes);
    return [`${block.image.format} image`, pixels && `${pixels.width} × ${pixels.height} pixels`, size].filter(Boolean).join(', ');
  }
  if (block.document) return `${block.document.format ?? 'txt'} document “${block.document.name}”, ${size}`;
  return `${block.video ? `${block.video.format} video` : `${block.audio?.format} audio`}, ${size}`;
}

/** Empty for what is not a text document. */
export function documentTextOf(block: ContentBlock): string {
  const { document } = block;
  if (!document) return '';
  const isText = /^(?:txt|md|csv|html)$/.test(document.format ?? 'txt');
  return document.source.text ?? (isText ? bytesOf(block).toString('utf8') : '');
}

export function isMedia(block: ContentBlock): boolean {
  return Boolean(block.image || block.document || block.video || block.audio);
}

function pdfPagesOf(bytes: Buffer): number {
  return Math.max(1, bytes.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0);
}

function bytesOf(block: ContentBlock): Buffer {
  const source = (block.image ?? block.document ?? block.video ?? block.audio)?.source;
  return Buffer.from(source?.bytes ?? '', 'base64');
}
