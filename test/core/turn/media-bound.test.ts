// Files cost what they show, and never less is set aside.
import type { ContentBlock } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, test } from 'vitest';
import { inputBoundOf } from '../../../functions/core/turn/input-bound.ts';
import { mediaBoundOf } from '../../../functions/core/turn/media-bound.ts';

const image = (bytes: Uint8Array, format = 'png') => ({ image: { format, source: { bytes } } }) as ContentBlock;
const document = (text: string, format: string) =>
  ({ document: { format, name: 'd', source: { bytes: Buffer.from(text) } } }) as ContentBlock;

function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(100);
  bytes.writeUInt32BE(0x89504e47, 0);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

function jpeg(width: number, height: number): Buffer {
  const bytes = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt16BE(height, 13);
  bytes.writeUInt16BE(width, 15);
  return bytes;
}

const gif = Buffer.from('GIF89a\x0a\x00\x14\x00', 'latin1');

describe('the bound of a file', () => {
  test.each([
    ['a photo of 4000 × 3000, which Bedrock does not scale down', image(png(4_000, 3_000)), 512 + 30_000],
    ['a JPEG', image(jpeg(400, 200), 'jpeg'), 512 + 200],
    ['a GIF', image(gif, 'gif'), 512 + 1],
    ['a picture that does not tell its size', image(Buffer.from('RIFF'), 'webp'), 512 + 160_000],
    ['plain text', document('hello', 'txt'), 5],
    ['a PDF of two pages', document('/Type /Pages /Count 2 /Type /Page /Type /Page', 'pdf'), 16_000],
    ['a PDF whose pages are packed away', document('/Count 1 /ObjStm', 'pdf'), 800_000],
    ['an office document', document('12345', 'docx'), 100],
    ['sealed reasoning', { reasoningContent: { redactedContent: Buffer.from('12345') } } as ContentBlock, 5],
    ['text alone', { text: 'x' } as ContentBlock, 0],
    ['a picture from a tool', { toolResult: { toolUseId: 'a', content: [image(png(400, 1))] } } as ContentBlock, 513],
    ['a file in S3', { video: { format: 'mp4', source: { s3Location: { uri: 's3://a/b' } } } } as ContentBlock, 1_000_000],
  ])('%s', (_name, block, tokens) => {
    expect(mediaBoundOf(block)).toBe(tokens);
  });

  test('takes the place of its bytes, so that a picture of a megabyte does not cost millions', () => {
    const bytes = Buffer.concat([png(100, 100), Buffer.alloc(1 << 20)]);
    for (const held of [bytes, new Uint8Array(bytes)]) {
      expect(inputBoundOf({ messages: [{ role: 'user', content: [image(held)] }] })).toBeLessThan(1_000);
    }
  });
});
