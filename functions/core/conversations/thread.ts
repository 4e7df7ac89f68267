// A thread: one turn as it is logged, and its texts. Plain types; what is stored of them is thread-store.ts's matter.
import type { Picodollars } from '../platform/money.ts';

export const LOGGING = ['off', 'metadata', 'full'] as const;
/** How much of a turn is kept: nothing, everything but what was said, or everything. */
export type Logging = (typeof LOGGING)[number];

/** Where nobody has said anything: who called what, when and for how much, and not what was said. */
export const DEFAULT_LOGGING: Logging = 'metadata';

type Tokens = { input: number; output: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };

export type Thread = {
  /** The id of the request, which is that of its journal entry too. */
  id: string;
  /** Whose it is: who may read it, and within whom session ids are unique. */
  ownerId: string;
  keyId: string;
  sessionId: string | null;
  /** The id of the session as the client sent it. */
  sessionKey: string | null;
  kind: string;
  /** The name the client used, and where the call went. */
  model: string;
  target: string;
  isStream: boolean;
  status: 'succeeded' | 'failed' | 'cancelled';
  /** The code of the error where the call failed. */
  error: string | null;
  usage: Tokens;
  cost: Picodollars;
  isEstimated: boolean;
  /** Picodollars per token, at the time of the call; `null` where the model had no price. */
  rates: ThreadRates | null;
  latencyMs: number | null;
  firstTokenMs: number | null;
  warnings: string[];
  /** When it began, and when it is forgotten; ms since the epoch. */
  at: number;
  expiresAt: number;
  /** How prompt and completion begin; `null` where texts are not kept. */
  prompt: string | null;
  completion: string | null;
  /** Where the texts are: beside the thread, in the store for large ones, or nowhere. */
  textsIn: 'item' | 'blob' | null;
};

type ThreadRates = { input: Picodollars; output: Picodollars };

/** A part of what was said. Files are told by their kind and size, never kept. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'toolCall'; id: string; name: string; input: string }
  | { type: 'toolResult'; id: string; isError: boolean; text: string }
  | { type: 'file'; kind: string; format: string; bytes: number | null };

export type Message = { role: string; parts: Part[] };

/** What was said. `isCut`: it was more than is kept; the newest messages are. */
export type Texts = { system: string; tools: string[]; messages: Message[]; answer: Part[]; omittedMessages: number; isCut: boolean };

/** What stands at the end of a text that was cut. */
export const CUT = '… [cut]';

/** The text alone of a message or an answer. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** What the turn was asked: the text of the last message, or of the tool results it brings. */
export function promptOf({ messages }: Pick<Texts, 'messages'>): string {
  const parts = messages.at(-1)?.parts ?? [];
  return textOf(parts) || parts.map((part) => (part.type === 'toolResult' ? part.text : '')).join('\n');
}
