// InvokeModel of the image models: a real PNG of the asked size, in one colour that the prompt decides. Pure.
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { invalid } from './refusal.ts';

interface Body {
  prompt?: string;
  textToImageParams?: { text?: string };
  imageGenerationConfig?: { width?: number; height?: number; numberOfImages?: number };
}

const SIDE_MAX = 4096;

export function invokePicture(unknownBody: unknown): object {
  const body = unknownBody as Body;
  const prompt = body.prompt ?? body.textToImageParams?.text;
  if (!prompt) throw invalid('Malformed input request: #: required key [prompt] not found, please reformat your input and try again.');
  const { width = 1024, height = 1024, numberOfImages = 1 } = body.imageGenerationConfig ?? {};
  if (width > SIDE_MAX || height > SIDE_MAX) throw invalid(`width and height must be at most ${SIDE_MAX}.`);
  const images = Array.from({ length: numberOfImages }, (_, index) => drawPng(width, height, `${prompt}${index}`).toString('base64'));
  return { images, seeds: images.map((_, index) => index), finish_reasons: images.map(() => null) };
}

/** A palette image of one bit a pixel, all zero: small at any size. */
export function drawPng(width: number, height: number, seed: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 3, 0, 0, 0], 8);
  const colour = createHash('sha256').update(seed).digest().subarray(0, 3);
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('PLTE', colour), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
