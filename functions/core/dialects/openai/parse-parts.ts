// The content of a message, part by part. Pure.
import type { Part } from '../content/message.ts';
import { cacheMarkOf } from './cache-marks.ts';
import { type Body, invalid, isBody, requiredObject, shown, unsupported } from './fields.ts';
import { MEDIA_PARTS } from './parse-media.ts';

/** Role → the types of parts it may hold. */
const PARTS_OF_ROLE = {
  system: ['text'],
  user: ['text', ...Object.keys(MEDIA_PARTS)],
  assistant: ['text', 'refusal', 'thinking', 'redacted_thinking'],
  tool: ['text', 'image_url', 'file', 'doc'],
};

const MAX_IMAGES = 20;
const MAX_DOCUMENTS = 5;

/** Reasoning among the parts of an assistant is read elsewhere, and left out here. */
export function parseParts(message: Body, role: keyof typeof PARTS_OF_ROLE, messagePath: string): Part[] {
  const { content } = message;
  const path = `${messagePath}.content`;
  const parts: Part[] = [];
  if (typeof content === 'string') parts.push({ kind: 'text', text: content });
  else if (Array.isArray(content)) for (const [index, part] of content.entries()) parsePart(part, role, `${path}[${index}]`, parts);
  else if (content !== undefined && content !== null)
    throw invalid(path, `${path} must be a string or an array of parts, not ${shown(content)}.`);
  markCache(message, parts);
  checkCounts(parts, path);
  return parts;
}

function parsePart(value: unknown, role: keyof typeof PARTS_OF_ROLE, path: string, parts: Part[]): void {
  if (typeof value === 'string') {
    parts.push({ kind: 'text', text: value });
    return;
  }
  const part = requiredObject(value, path);
  const { type } = part;
  const allowed = PARTS_OF_ROLE[role];
  const isPointAlone = type === undefined && isBody(part.cachePoint);
  if (!isPointAlone && (typeof type !== 'string' || !allowed.includes(type))) {
    throw invalid(`${path}.type`, `${path}.type must be one of ${allowed.join(', ')}, not ${shown(type)}.`);
  }
  if (type === 'text' || type === 'refusal') {
    const text = part[type];
    if (typeof text !== 'string') throw invalid(`${path}.${type}`, `${path}.${type} must be a string, not ${shown(text)}.`);
    parts.push({ kind: 'text', text });
  } else if (typeof type === 'string' && Object.hasOwn(MEDIA_PARTS, type)) {
    parts.push(MEDIA_PARTS[type]!(part, path));
  }
  markCache(part, parts);
}

function markCache(marked: Body, parts: Part[]): void {
  const ttl = cacheMarkOf(marked);
  if (ttl !== undefined) parts.push({ kind: 'cache', ttl });
}

function checkCounts(parts: Part[], path: string): void {
  const count = (kind: string) =>
    parts.filter((part) => (part.kind === 'media' ? part.media.kind === kind : part.kind === 'remote' && part.expects === kind)).length;
  if (count('image') > MAX_IMAGES)
    throw unsupported(path, `${path} holds more than ${MAX_IMAGES} images, which is all a message may hold.`);
  if (count('document') > MAX_DOCUMENTS)
    throw unsupported(path, `${path} holds more than ${MAX_DOCUMENTS} documents, which is all a message may hold.`);
}
