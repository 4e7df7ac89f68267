// What a fetched file says it is, and whether its bytes agree. Pure.

export type MediaKind = 'image' | 'document';

/** Whether bytes can be of a type: by their first ones, and text by being text. */
type Proof = (bytes: Uint8Array) => boolean;

export type MediaType = { name: string; kind: MediaKind; isProven: Proof };

const isZip = beginsWith(/^504b0304/);
const isOldOffice = beginsWith(/^d0cf11e0a1b11ae1/);

/** The types that are taken. Text of any kind is a document too. */
const TYPES: Record<string, { kind: MediaKind; isProven: Proof }> = {
  'image/png': { kind: 'image', isProven: beginsWith(/^89504e470d0a1a0a/) },
  'image/jpeg': { kind: 'image', isProven: beginsWith(/^ffd8ff/) },
  'image/gif': { kind: 'image', isProven: beginsWith(/^47494638(37|39)61/) },
  'image/webp': { kind: 'image', isProven: beginsWith(/^52494646.{8}57454250/) },
  'application/pdf': { kind: 'document', isProven: beginsWith(/^255044462d/) },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': { kind: 'document', isProven: isZip },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { kind: 'document', isProven: isZip },
  'application/msword': { kind: 'document', isProven: isOldOffice },
  'application/vnd.ms-excel': { kind: 'document', isProven: isOldOffice },
};
const TEXT = /^(text\/[a-z0-9.+-]+|application\/(json|xml|yaml|x-yaml))$/;

/** Names that are in use for a type beside its own. */
const ALIASES: Record<string, string> = { 'image/jpg': 'image/jpeg', 'image/pjpeg': 'image/jpeg' };

/** What a content-type header names, without parameters; `undefined` where it is no type that is taken. */
export function mediaTypeOf(header: string | undefined): MediaType | undefined {
  const written = (header ?? '').split(';')[0]!.trim().toLowerCase();
  const name = Object.hasOwn(ALIASES, written) ? ALIASES[written]! : written;
  if (Object.hasOwn(TYPES, name)) return { name, ...TYPES[name]! };
  return TEXT.test(name) ? { name, kind: 'document', isProven: isText } : undefined;
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
