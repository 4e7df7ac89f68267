// A conversation between the wire formats: what a client said, read and checked, before a model is known. Types only.
import type { ReasoningContentBlock } from '@aws-sdk/client-bedrock-runtime';

export type MediaKind = 'image' | 'document' | 'video' | 'audio';

export type Media = {
  kind: MediaKind;
  /** Converse's word for the format. */
  format: string;
  source: { bytes: Uint8Array } | { s3Uri: string };
  /** A document's file name as the client wrote it. */
  name: string | null;
};

export type CacheTtl = '5m' | '1h' | null;

export type TextPart = { kind: 'text'; text: string };
export type MediaPart = { kind: 'media'; media: Media; path: string };
/** A file that lies elsewhere. Must be fetched before the translation. */
export type RemotePart = { kind: 'remote'; url: string; expects: MediaKind | null; name: string | null; path: string };
/** Everything up to here may be cached. */
export type CachePart = { kind: 'cache'; ttl: CacheTtl };
export type Part = TextPart | MediaPart | RemotePart | CachePart;

export type ToolCall = {
  /** The client's id, or `null` where its format has none. */
  id: string | null;
  name: string;
  /** JSON, or free text where `isCustom`. */
  input: string;
  isCustom: boolean;
  path: string;
};

/** One block of reasoning that a client gives back, and where it says it came from. */
export type ReplayedReasoning = { block: ReasoningContentBlock; format: string | null };

type Said = { path: string; parts: Part[] };
export type SystemMessage = Said & { role: 'system' };
export type UserMessage = Said & { role: 'user' };
export type AssistantMessage = Said & { role: 'assistant'; reasoning: ReplayedReasoning[]; calls: ToolCall[] };
/** `callId` names the call it answers; where it is `null`, `name` does. */
export type ToolMessage = Said & { role: 'tool'; callId: string | null; name: string | null; isError: boolean };
export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;
