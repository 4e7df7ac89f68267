// What a fetched file says it is, and whether its bytes agree. Pure.

export type MediaKind = 'image' | 'document';

type Proof = (bytes: Uint8Array) => boolean;

const IMAGES: Record<string, Proof> = {
  'image/png': beginsWith(/^89504e470d0a1a0a/),
  'image/jpeg': beginsWith(/^ffd8ff/),
  'image/gif': beginsWith(/^47494638(37|39)61/),
  'image/webp': beginsWith(/^52494646.{8}57454250/),
};

const isZip = beginsWith(/^504b0304/);
const isOldOffice = beginsWith(/^d0cf11e0a1b11ae1/);

const DOCUMENTS: Record<string, Proof> = {
  'application/pdf': beginsWith(/^255044462d/),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': isZip,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': isZip,
  'application/msword': isOldOffice,
  'application/vnd.ms-excel': isOldOffice,
  'text/plain': isText,
  'text/markdown': isText,
  'text/csv': isText,
  'text/html': isText,
};

const ALLOWED: Record<MediaKind, Record<string, Proof>> = { image: IMAGES, document: DOCUMENTS };

/** Names that are in use for a type beside its own. */
const ALIASES: Record<string, string> = { 'image/jpg': 'image/jpeg', 'image/pjpeg': 'image/jpeg', 'text/x-markdown': 'text/markdown' };

/** The types that are taken, for a message. */
export function allowedTypes(kind: MediaKind): string[] {
  return Object.keys(ALLOWED[kind]);
}

/** The type a content-type header names, without parameters; `undefined` where it is not one that is taken. */
export function mediaTypeOf(header: string | undefined, kind: MediaKind): string | undefined {
  const written = (header ?? '').split(';')[0]!.trim().toLowerCase();
  const type = Object.hasOwn(ALIASES, written) ? ALIASES[written]! : written;
  return Object.hasOwn(ALLOWED[kind], type) ? type : undefined;
}

/** Whether the bytes can be of the type: by their magic numbers, and text by being text. */
export function isOfType(bytes: Uint8Array, type: string, kind: MediaKind): boolean {
  return ALLOWED[kind][type]?.(bytes) ?? false;
}

/** `magic`: a pattern of the first bytes, in hexadecimal. */
function beginsWith(magic: RegExp): Proof {
  return (bytes) => magic.test(Buffer.from(bytes.subarray(0, 16)).toString('hex'));
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
