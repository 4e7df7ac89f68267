// Parts of a message that are files: images, documents, videos and sound, as bytes, as s3:// or as an address to be fetched. Pure.
import { GatewayError } from '../../platform/errors.ts';
import { decodeBase64, parseDataUrl } from '../content/data-url.ts';
import { formatOfKind, type MediaFormat, mediaFormatOf } from '../content/media-format.ts';
import type { Media, MediaKind, MediaPart, RemotePart } from '../content/message.ts';
import { type Body, invalid, isBody, optionalString, requiredObject, shown, unsupported } from './fields.ts';

type FilePart = MediaPart | RemotePart;

const MB = 1024 * 1024;
/** Converse's limits of one file. Videos may be longer in S3. */
export const MAX_BYTES: Record<MediaKind, number> = { image: 3.75 * MB, document: 4.5 * MB, video: 18 * MB, audio: 18 * MB };

/** Part type → its reader. The path is that of the part. */
export const MEDIA_PARTS: Record<string, (part: Body, path: string) => FilePart> = {
  image_url: (part, path) => fromUrl(urlOf(part.image_url, `${path}.image_url`), 'image', null, path),
  video_url: (part, path) => fromUrl(urlOf(part.video_url, `${path}.video_url`), 'video', null, path),
  input_audio: parseAudio,
  file: parseFile,
  doc: parseDoc,
};

/** A file whose bytes are known, with its format made sure of and its size checked. */
export function toMediaPart(bytes: Uint8Array, about: { mediaType?: string | null; name: string | null; path: string }): MediaPart {
  const { mediaType, name, path } = about;
  const found = mediaFormatOf({ bytes, mediaType, name });
  if (!found) throw unsupported(path, `${path} holds a file of a format that no model takes.`);
  return checked({ ...found, source: { bytes }, name }, path);
}

function checked(media: Media, path: string): MediaPart {
  const limit = MAX_BYTES[media.kind];
  if ('bytes' in media.source && media.source.bytes.byteLength > limit) {
    throw new GatewayError('request_too_large', `${path} holds ${media.kind} data of more than ${limit / MB} MB.`, { param: path });
  }
  return { kind: 'media', media, path };
}

function urlOf(value: unknown, path: string): string {
  const url = typeof value === 'string' ? value : requiredObject(value, path).url;
  if (typeof url !== 'string' || url === '')
    throw invalid(`${path}.url`, `${path}.url must be a string that is not empty, not ${shown(url)}.`);
  return url;
}

function fromUrl(url: string, expects: MediaKind | null, name: string | null, path: string): FilePart {
  if (/^https?:\/\//i.test(url)) return { kind: 'remote', url, expects, name, path };
  if (/^s3:\/\//i.test(url)) return fromS3(url, name, path);
  const data = parseDataUrl(url);
  if (!data) throw invalid(path, `${path} must hold a data: URL with base64, an https: URL or an s3: URL.`);
  return toMediaPart(data.bytes, { mediaType: data.mediaType, name, path });
}

function fromS3(url: string, name: string | null, path: string): MediaPart {
  const found = mediaFormatOf({ name: url });
  if (!found) throw invalid(path, `${path} must hold an s3: URL whose file name ends in an extension that tells its format.`);
  return { kind: 'media', media: { ...found, source: { s3Uri: url }, name: name ?? fileNameOf(url) }, path };
}

export function fileNameOf(url: string): string | null {
  return /\/([^/?#]+)(?:[?#].*)?$/.exec(url)?.[1] ?? null;
}

function parseAudio(part: Body, path: string): FilePart {
  const audio = requiredObject(part.input_audio, `${path}.input_audio`);
  const bytes = typeof audio.data === 'string' ? decodeBase64(audio.data) : null;
  if (!bytes) throw invalid(`${path}.input_audio.data`, `${path}.input_audio.data must be sound in base64.`);
  const format = typeof audio.format === 'string' ? formatOfKind('audio', audio.format) : null;
  if (format === null)
    throw invalid(`${path}.input_audio.format`, `${path}.input_audio.format must name a format of sound, not ${shown(audio.format)}.`);
  return checked({ kind: 'audio', format, source: { bytes }, name: null }, path);
}

function parseFile(part: Body, path: string): FilePart {
  const file = requiredObject(part.file, `${path}.file`);
  const name = optionalString(file, 'filename', `${path}.file.filename`);
  const { file_data: content } = file;
  if (typeof content === 'string' && content !== '') {
    if (/^(data|https?|s3):/i.test(content)) return fromUrl(content, null, name, path);
    const bytes = decodeBase64(content);
    if (bytes) return toMediaPart(bytes, { name, path });
  }
  if (content === undefined && file.file_id !== undefined) {
    throw unsupported(`${path}.file.file_id`, `${path}.file.file_id: the gateway keeps no files; send the content in file_data.`);
  }
  throw invalid(`${path}.file.file_data`, `${path}.file.file_data must be a data: URL or base64.`);
}

/** BRClient's part: the bytes are a typed array that went through JSON. */
function parseDoc(part: Body, path: string): FilePart {
  const doc = requiredObject(part.doc, `${path}.doc`);
  const { bytes: raw } = requiredObject(doc.source, `${path}.doc.source`);
  const name = optionalString(doc, 'name', `${path}.doc.name`);
  const bytes = typeof raw === 'string' ? decodeBase64(raw) : Array.isArray(raw) || isBody(raw) ? bytesOf(Object.values(raw)) : null;
  if (!bytes) throw invalid(`${path}.doc.source.bytes`, `${path}.doc.source.bytes must be the bytes of the document.`);
  const format = typeof doc.format === 'string' ? formatOfKind('document', doc.format) : null;
  const found: MediaFormat | null = format === null ? mediaFormatOf({ bytes, name }) : { kind: 'document', format };
  if (!found) throw invalid(`${path}.doc.format`, `${path}.doc.format must name a format of documents, not ${shown(doc.format)}.`);
  return checked({ ...found, source: { bytes }, name }, path);
}

function bytesOf(values: unknown[]): Uint8Array | null {
  const areBytes = values.every((value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256);
  return areBytes && values.length > 0 ? Uint8Array.from(values as number[]) : null;
}
