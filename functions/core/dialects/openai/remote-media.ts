// Files that a chat names by address. The gateway's fetcher is given from outside; without one such a chat is refused.
import { GatewayError } from '../../platform/errors.ts';
import type { ChatMessage, MediaKind, MediaPart, Part, RemotePart } from '../content/message.ts';
import type { ChatRequest } from './chat-request.ts';
import { fileNameOf, MAX_BYTES, toMediaPart } from './parse-media.ts';

export type MediaWanted = {
  url: string;
  /** The most that will be taken of it. */
  maxBytes: number;
  /** The path of the part, for errors. */
  param: string;
};

/** Fetches one file. Throws `GatewayError`s that name `param`, and nothing of what the address answered. */
export type FetchMedia = (wanted: MediaWanted) => Promise<{ bytes: Uint8Array; mediaType: string | null }>;

/** The chat with every file in it. A file that is named twice is fetched once. */
export async function resolveMedia(chat: ChatRequest, fetchMedia: FetchMedia | null): Promise<ChatRequest> {
  const remote = chat.messages.flatMap(({ parts }) => parts.filter((part) => part.kind === 'remote'));
  const [first] = remote;
  if (!first) return chat;
  if (!fetchMedia) {
    const message = `${first.path} names a file by its address, and this gateway fetches none; send the bytes in a data: URL.`;
    throw new GatewayError('invalid_image_url', message, { param: first.path });
  }
  const fetched = new Map<string, ReturnType<FetchMedia>>();
  for (const { url, expects, path } of remote) {
    if (!fetched.has(url)) fetched.set(url, fetchMedia({ url, maxBytes: maxBytesOf(expects), param: path }));
  }
  await Promise.all(fetched.values());
  const messages: ChatMessage[] = [];
  for (const message of chat.messages)
    messages.push({ ...message, parts: await Promise.all(message.parts.map((part) => resolved(part, fetched))) });
  return { ...chat, messages };
}

async function resolved(part: Part, fetched: Map<string, ReturnType<FetchMedia>>): Promise<Part> {
  return part.kind === 'remote' ? toPart(part, await fetched.get(part.url)!) : part;
}

function toPart({ url, name, path }: RemotePart, { bytes, mediaType }: Awaited<ReturnType<FetchMedia>>): MediaPart {
  return toMediaPart(bytes, { mediaType, name: name ?? fileNameOf(url), path });
}

/** A picture's address often turns out to be a PDF's. */
function maxBytesOf(expects: MediaKind | null): number {
  return Math.max(MAX_BYTES.document, MAX_BYTES[expects ?? 'document']);
}
