// From a media type, a file name or the first bytes to Converse's words for a format. Pure.
import type { MediaKind } from './message.ts';

export type MediaFormat = { kind: MediaKind; format: string };

/** Extension → format. Several extensions may mean one format. */
const BY_EXTENSION: Record<MediaKind, Record<string, string>> = {
  image: { png: 'png', jpg: 'jpeg', jpeg: 'jpeg', gif: 'gif', webp: 'webp' },
  document: {
    ...Object.fromEntries(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'].map((format) => [format, format])),
    htm: 'html',
    markdown: 'md',
    ...Object.fromEntries(
      'json jsonl xml yaml yml toml ini log tsv js mjs ts tsx jsx py rb go rs java kt c h cc cpp hpp cs php swift scala sh sql css tex'
        .split(' ')
        .map((code) => [code, 'txt']),
    ),
  },
  video: { flv: 'flv', mkv: 'mkv', mov: 'mov', mp4: 'mp4', mpeg: 'mpeg', mpg: 'mpg', '3gp': 'three_gp', webm: 'webm', wmv: 'wmv' },
  audio: {
    ...Object.fromEntries(['aac', 'flac', 'm4a', 'mka', 'mp3', 'mpga', 'ogg', 'opus', 'pcm', 'wav'].map((format) => [format, format])),
    pcm16: 'pcm',
  },
};

const BY_MEDIA_TYPE: Record<string, MediaFormat> = {
  'application/pdf': { kind: 'document', format: 'pdf' },
  'application/msword': { kind: 'document', format: 'doc' },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': { kind: 'document', format: 'docx' },
  'application/vnd.ms-excel': { kind: 'document', format: 'xls' },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { kind: 'document', format: 'xlsx' },
  'application/json': { kind: 'document', format: 'txt' },
  'application/xml': { kind: 'document', format: 'txt' },
  'application/yaml': { kind: 'document', format: 'txt' },
  'application/x-yaml': { kind: 'document', format: 'txt' },
  'text/csv': { kind: 'document', format: 'csv' },
  'text/html': { kind: 'document', format: 'html' },
  'text/markdown': { kind: 'document', format: 'md' },
  'video/quicktime': { kind: 'video', format: 'mov' },
  'video/3gpp': { kind: 'video', format: 'three_gp' },
  'video/x-matroska': { kind: 'video', format: 'mkv' },
  'video/x-flv': { kind: 'video', format: 'flv' },
  'video/x-ms-wmv': { kind: 'video', format: 'wmv' },
  'audio/mpeg': { kind: 'audio', format: 'mp3' },
  'audio/x-wav': { kind: 'audio', format: 'wav' },
  'audio/mp4': { kind: 'audio', format: 'm4a' },
};

/** The first bytes of a file, in Latin-1, and what they prove. */
const MAGIC: [pattern: RegExp, found: MediaFormat][] = [
  [/^\x89PNG/, { kind: 'image', format: 'png' }],
  [/^\xff\xd8\xff/, { kind: 'image', format: 'jpeg' }],
  [/^GIF8/, { kind: 'image', format: 'gif' }],
  [/^RIFF....WEBP/s, { kind: 'image', format: 'webp' }],
  [/^%PDF/, { kind: 'document', format: 'pdf' }],
];

/** Bytes that prove a format are believed before any label. `null` where nothing tells. */
export function mediaFormatOf(about: { bytes?: Uint8Array; mediaType?: string | null; name?: string | null }): MediaFormat | null {
  return sniff(about.bytes) ?? fromMediaType(about.mediaType) ?? fromName(about.name);
}

export function formatOfKind(kind: MediaKind, word: string): string | null {
  const table = BY_EXTENSION[kind];
  return Object.hasOwn(table, word.toLowerCase()) ? table[word.toLowerCase()]! : null;
}

function sniff(bytes: Uint8Array | undefined): MediaFormat | null {
  if (!bytes) return null;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString('latin1');
  return MAGIC.find(([pattern]) => pattern.test(head))?.[1] ?? null;
}

function fromMediaType(mediaType: string | null | undefined): MediaFormat | null {
  const type = mediaType?.replace(/;.*$/s, '').trim().toLowerCase();
  if (!type) return null;
  if (Object.hasOwn(BY_MEDIA_TYPE, type)) return BY_MEDIA_TYPE[type]!;
  const [main = '', sub = ''] = type.split('/');
  if (main === 'text') return { kind: 'document', format: 'txt' };
  if (main !== 'image' && main !== 'video' && main !== 'audio') return null;
  const format = formatOfKind(main, sub);
  return format === null ? null : { kind: main, format };
}

function fromName(name: string | null | undefined): MediaFormat | null {
  const extension = /\.([a-z0-9]+)$/i.exec(name ?? '')?.[1];
  if (extension === undefined) return null;
  for (const kind of ['image', 'document', 'video', 'audio'] as const) {
    const format = formatOfKind(kind, extension);
    if (format !== null) return { kind, format };
  }
  return null;
}
