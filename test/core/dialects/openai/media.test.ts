// Images, documents, videos and sound in a message.
import { describe, expect, test } from 'vitest';
import { resolveMedia } from '../../../../functions/core/dialects/openai/remote-media.ts';
import { toConverse } from '../../../../functions/core/dialects/openai/to-converse.ts';
import { ask, blocksOf, type Json, model, parse, refusalOf } from './chat.ts';

const SONNET = 'claude-sonnet-4-5';
const PNG = Buffer.from('\x89PNG\r\n\x1a\n rest of a picture', 'latin1');
const PDF = Buffer.from('%PDF-1.7 rest of a document', 'latin1');
const base64 = (bytes: Buffer) => bytes.toString('base64');
const image = (url: string) => ({ type: 'image_url', image_url: { url, detail: 'high' } });
const file = (filename: string, bytes = PDF) => ({ type: 'file', file: { filename, file_data: base64(bytes) } });
const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] });

describe('an image', () => {
  test('is what its bytes are, whatever the label says', () => {
    const [block] = blocksOf(ask(SONNET, user(image(`data:image/jpg;base64,${base64(PNG)}`))));
    expect(block.image.format).toBe('png');
    expect(Buffer.from(block.image.source.bytes)).toEqual(PNG);
  });

  test.each([
    ['line breaks', (text: string) => text.replace(/(.{5})/g, '$1\n')],
    ['the url-safe alphabet', (text: string) => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')],
  ])('may come in base64 with %s', (_name, spell) => {
    const [block] = blocksOf(ask(SONNET, user(image(`data:image/png;base64,${spell(base64(PNG))}`))));
    expect(Buffer.from(block.image.source.bytes)).toEqual(PNG);
  });

  test('may turn out to be a document', () => {
    const [block, text] = blocksOf(ask(SONNET, user(image(`data:application/pdf;base64,${base64(PDF)}`))));
    expect(block.document.format).toBe('pdf');
    expect(text.text).toBe('Use the attached document.');
  });

  test('may lie in S3, for models that read it there', () => {
    const [block] = blocksOf(ask('nova-lite', user(image('s3://bucket/a/cat.png'))));
    expect(block.image).toEqual({ format: 'png', source: { s3Location: { uri: 's3://bucket/a/cat.png' } } });
    expect(refusalOf(SONNET, user(image('s3://bucket/a/cat.png')))).toBe('unsupported_value messages[0].content[0]');
  });

  test.each([
    ['a model that cannot see', 'deepseek-v3.2', image(`data:image/png;base64,${base64(PNG)}`), 'unsupported_value messages[0].content[0]'],
    ['no URL at all', SONNET, image('cat.png'), 'invalid_value messages[0].content[0]'],
    ['no base64', SONNET, image('data:image/png;base64,###'), 'invalid_value messages[0].content[0]'],
    [
      'a format nobody takes',
      SONNET,
      image(`data:image/tiff;base64,${base64(PDF).replace('JVBER', 'AAAAA')}`),
      'unsupported_value messages[0].content[0]',
    ],
    [
      'too many bytes',
      SONNET,
      image(`data:image/png;base64,${base64(Buffer.concat([PNG, Buffer.alloc(4 << 20)]))}`),
      'request_too_large messages[0].content[0]',
    ],
  ])('is refused with its path: %s', (_name, name, part, refusal) => {
    expect(refusalOf(name, user(part))).toBe(refusal);
  });

  test('more than twenty in a message are refused', () => {
    const parts = Array.from({ length: 21 }, () => image(`data:image/png;base64,${base64(PNG)}`));
    expect(refusalOf(SONNET, user(...parts))).toBe('unsupported_value messages[0].content');
  });
});

describe('a file named by its address', () => {
  const body = user(image('https://a.example/cat'), image('https://a.example/cat'));

  test('"images by URL fail": without a fetcher it is refused in plain words', async () => {
    await expect(resolveMedia(parse(body), null)).rejects.toMatchObject({
      code: 'invalid_image_url',
      details: { param: 'messages[0].content[0]' },
    });
  });

  test('is fetched once, with a limit, and becomes what its bytes are', async () => {
    const wanted: object[] = [];
    const chat = await resolveMedia(parse(body), async (request) => {
      wanted.push(request);
      return { bytes: PNG, mediaType: 'text/html' };
    });
    expect(wanted).toEqual([{ url: 'https://a.example/cat', maxBytes: 4.5 * 1024 * 1024, param: 'messages[0].content[0]' }]);
    const { request } = toConverse(chat, model(SONNET));
    expect(request.messages![0]!.content!.map((block: Json) => block.image.format)).toEqual(['png', 'png']);
  });

  test('a chat without one asks for nothing', async () => {
    const chat = parse({});
    expect(await resolveMedia(chat, null)).toBe(chat);
  });
});

describe('a document', () => {
  test('"document name errors": its name is made legal, and the same on every turn', () => {
    const first = { role: 'user', content: [file('my_report.v2.pdf'), { type: 'text', text: 'read' }] };
    const once = blocksOf(ask(SONNET, { messages: [first] }));
    expect(once[0].document).toMatchObject({ format: 'pdf', name: 'my report v2' });
    const later = blocksOf(
      ask(SONNET, { messages: [first, { role: 'assistant', content: 'ok' }, { role: 'user', content: [file('b.pdf')] }] }),
    );
    expect(later.slice(0, 2)).toEqual(once);
  });

  test('two of one name are told apart, and one without a name gets one', () => {
    const documents = blocksOf(ask(SONNET, user(file('a.pdf'), file('a.pdf'), file('报告.pdf'), { type: 'text', text: 'x' }))).filter(
      (block) => block.document,
    );
    expect(documents.map(({ document }) => document.name)).toEqual(['a', 'a (2)', 'document-3']);
  });

  test.each([
    ['notes.txt', 'hello', 'txt'],
    ['table.csv', 'a,b', 'csv'],
    ['code.py', 'print(1)', 'txt'],
    ['page.html', '<p>', 'html'],
    ['x.bin.pdf', '%PDF', 'pdf'],
  ])('%s is known by its name or its bytes', (name, text, format) => {
    expect(blocksOf(ask(SONNET, user(file(name, Buffer.from(text)))))[0].document.format).toBe(format);
  });

  test('BRClient sends one as a typed array that went through JSON', () => {
    const doc = { name: 'plan.pdf', format: 'pdf', size: 4, source: { bytes: { 0: 37, 1: 80, 2: 68, 3: 70 } } };
    const [block] = blocksOf(ask(SONNET, user({ type: 'doc', doc }, { type: 'text', text: 'x' })));
    expect(block.document).toEqual({ format: 'pdf', name: 'plan', source: { bytes: Uint8Array.from([37, 80, 68, 70]) } });
  });

  test.each([
    [{ type: 'file', file: { file_id: 'file-1' } }, 'unsupported_value messages[0].content[0].file.file_id'],
    [{ type: 'file', file: {} }, 'invalid_value messages[0].content[0].file.file_data'],
    [{ type: 'doc', doc: { source: { bytes: { 0: 'x' } } } }, 'invalid_value messages[0].content[0].doc.source.bytes'],
  ])('%j is refused', (part, refusal) => {
    expect(refusalOf(SONNET, user(part))).toBe(refusal);
  });
});

describe('video and sound', () => {
  test('reach the models that take them', () => {
    const [video] = blocksOf(
      ask(
        'nova-lite',
        user({ type: 'video_url', video_url: { url: `data:video/quicktime;base64,${base64(PDF).replace('JVBER', 'AAAAA')}` } }),
      ),
    );
    expect(video.video.format).toBe('mov');
    const [audio] = blocksOf(ask('voxtral-small', user({ type: 'input_audio', input_audio: { data: base64(PNG), format: 'wav' } })));
    expect(audio.audio.format).toBe('wav');
  });

  test('are refused for those that do not', () => {
    const sound = { type: 'input_audio', input_audio: { data: base64(PNG), format: 'wav' } };
    expect(refusalOf(SONNET, user(sound))).toBe('unsupported_value messages[0].content[0]');
    expect(refusalOf('voxtral-small', user({ ...sound, input_audio: { data: 'AAAA', format: 'midi' } }))).toBe(
      'invalid_value messages[0].content[0].input_audio.format',
    );
  });
});
